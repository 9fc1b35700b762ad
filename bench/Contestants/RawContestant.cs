using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Helicone.Bench.Contestants;

/// <summary>HttpClient and source-generated System.Text.Json by hand; for streams SseParser, with or without reading the JSON.</summary>
internal sealed class RawContestant(Uri server, bool readsJson = true) : IContestant
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly Uri _uri = new(server, "v1/chat/completions");

    public async Task CallAsync()
    {
        using HttpRequestMessage request = Request(stream: false);
        using HttpResponseMessage response = await s_http.SendAsync(request).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        using Stream body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        RawAnswer? answer = await JsonSerializer.DeserializeAsync(body, RawJson.Default.RawAnswer).ConfigureAwait(false);
        if (string.IsNullOrEmpty(answer?.Choices?[0].Message?.Content))
        {
            throw new InvalidOperationException("No answer.");
        }
    }

    public async Task<int> StreamAsync()
    {
        using HttpRequestMessage request = Request(stream: true);
        using HttpResponseMessage response = await s_http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).ConfigureAwait(false);
        using Stream body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        int chunks = 0;
        if (!readsJson)
        {
            await foreach (SseItem<int> item in SseParser.Create(body, static (_, data) => data.Length).EnumerateAsync().ConfigureAwait(false))
            {
                chunks += item.Data > 0 ? 1 : 0;
            }

            return chunks;
        }

        await foreach (SseItem<RawAnswer?> item in SseParser.Create(body, static (_, data) => data.SequenceEqual("[DONE]"u8) ? null : JsonSerializer.Deserialize(data, RawJson.Default.RawAnswer)).EnumerateAsync().ConfigureAwait(false))
        {
            chunks += item.Data?.Choices is { Length: > 0 } choices && !string.IsNullOrEmpty(choices[0].Delta?.Content) ? 1 : 0;
        }

        return chunks;
    }

    public async Task ManyAsync(int prompts, int inFlight)
    {
        using SemaphoreSlim slots = new(inFlight);
        await Task.WhenAll(Enumerable.Range(0, prompts).Select(async _ =>
        {
            await slots.WaitAsync().ConfigureAwait(false);
            try
            {
                await CallAsync().ConfigureAwait(false);
            }
            finally
            {
                slots.Release();
            }
        })).ConfigureAwait(false);
    }

    private HttpRequestMessage Request(bool stream)
    {
        HttpRequestMessage request = new(HttpMethod.Post, _uri);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd");
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new RawRequest("gpt-4o-mini", [new RawMessage("user", "Why is the sky blue?")], stream), RawJson.Default.RawRequest));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return request;
    }
}

internal sealed record RawRequest([property: JsonPropertyName("model")] string Model, [property: JsonPropertyName("messages")] RawMessage[] Messages, [property: JsonPropertyName("stream")] bool Stream);

internal sealed record RawMessage([property: JsonPropertyName("role")] string? Role, [property: JsonPropertyName("content")] string? Content);

internal sealed record RawChoice([property: JsonPropertyName("index")] int Index, [property: JsonPropertyName("message")] RawMessage? Message, [property: JsonPropertyName("delta")] RawMessage? Delta, [property: JsonPropertyName("finish_reason")] string? FinishReason);

internal sealed record RawUsage([property: JsonPropertyName("prompt_tokens")] int PromptTokens, [property: JsonPropertyName("completion_tokens")] int CompletionTokens, [property: JsonPropertyName("total_tokens")] int TotalTokens);

internal sealed record RawAnswer([property: JsonPropertyName("id")] string? Id, [property: JsonPropertyName("model")] string? Model, [property: JsonPropertyName("choices")] RawChoice[]? Choices, [property: JsonPropertyName("usage")] RawUsage? Usage);

[JsonSerializable(typeof(RawRequest))]
[JsonSerializable(typeof(RawAnswer))]
internal sealed partial class RawJson : JsonSerializerContext;
