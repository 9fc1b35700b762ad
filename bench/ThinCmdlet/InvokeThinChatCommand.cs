using System.Management.Automation;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ThinCmdlet;

/// <summary>One prompt, one answer, with HttpClient and System.Text.Json by hand: no options, no retries, no errors, no cost.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "ThinChat")]
[OutputType(typeof(string))]
public sealed class InvokeThinChatCommand : PSCmdlet
{
    private static readonly HttpClient s_http = new();

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public string Prompt { get; set; } = string.Empty;

    [Parameter(Mandatory = true)]
    public Uri Uri { get; set; } = null!;

    [Parameter]
    public SwitchParameter Stream { get; set; }

    protected override void ProcessRecord()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Uri);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd");
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new { model = "gpt-4o-mini", messages = new[] { new { role = "user", content = Prompt } }, stream = Stream.IsPresent }));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = s_http.Send(request, HttpCompletionOption.ResponseHeadersRead);
        using System.IO.Stream body = response.Content.ReadAsStream();
        if (!Stream)
        {
            using JsonDocument answer = JsonDocument.Parse(body);
            WriteObject(answer.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
            return;
        }

        using StreamReader reader = new(body);
        while (reader.ReadLine() is { } line && line != "data: [DONE]")
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                using JsonDocument chunk = JsonDocument.Parse(line.AsMemory(6));
                JsonElement choices = chunk.RootElement.GetProperty("choices");
                if (choices.GetArrayLength() > 0 && choices[0].GetProperty("delta").TryGetProperty("content", out JsonElement text))
                {
                    WriteObject(text.GetString());
                }
            }
        }
    }
}
