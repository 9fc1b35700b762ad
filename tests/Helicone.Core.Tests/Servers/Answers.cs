namespace Helicone.Core.Tests.Servers;

/// <summary>The answers of servers in the tests.</summary>
public static class Answers
{
    public const string Whole =
        """{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":{"role":"assistant","content":"Rayleigh scattering."},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":200,"total_tokens":1200,"prompt_tokens_details":{"cached_tokens":400},"completion_tokens_details":{"reasoning_tokens":0}}}""";

    public const string Done = "data: [DONE]\n\n";

    public const string Role = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n";

    public const string Finish = "data: {\"id\":\"c\",\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";

    public const string Usage = "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":4,\"total_tokens\":14}}\n\n";

    public static string Text(string text) =>
        $"data: {{\"id\":\"c\",\"model\":\"gpt-4o-mini\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{System.Text.Json.JsonSerializer.Serialize(text)}}},\"finish_reason\":null}}]}}\n\n";

    /// <summary>The gateway's envelope.</summary>
    public static string Envelope(string code, string message, params (string Type, int Status, string Source, string Message)[] details) =>
        System.Text.Json.JsonSerializer.Serialize(new
        {
            success = false,
            error = new
            {
                code,
                message,
                details = details.Select(d => new { type = d.Type, message = d.Message, statusCode = d.Status, source = d.Source }),
                param = (string?)null,
            },
        });
}
