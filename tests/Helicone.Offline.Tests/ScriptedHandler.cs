using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Helicone.Offline.Tests;

/// <summary>A gateway in a handler: answers chats as a test says, and the registry with one model that has a price.</summary>
internal sealed class ScriptedHandler(Func<int, HttpResponseMessage> chat) : HttpMessageHandler
{
    private int _chats;

    /// <summary>The number of chats that came.</summary>
    public int Chats => _chats;

    public static HttpResponseMessage Answer(string body, string contentType = "application/json", int status = 200, params (string Name, string Value)[] headers)
    {
        HttpResponseMessage response = new((HttpStatusCode)status) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        response.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach ((string name, string value) in headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    /// <summary>An answer with this text, of 1000 tokens each way.</summary>
    public static string Completion(string content) =>
        $$$"""{"id":"c1","object":"chat.completion","created":1,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":{{{System.Text.Json.JsonSerializer.Serialize(content)}}}},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000}}""";

    /// <summary>The events of a stream that brings these pieces of text.</summary>
    public static string Events(params string[] pieces) =>
        string.Concat(pieces.Select(piece => $$$"""data: {"id":"c1","object":"chat.completion.chunk","model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":{{{System.Text.Json.JsonSerializer.Serialize(piece)}}}},"finish_reason":null}]}""" + "\n\n"))
        + """data: {"id":"c1","object":"chat.completion.chunk","model":"gpt-4o-mini","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n"
        + """data: {"id":"c1","object":"chat.completion.chunk","model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000}}""" + "\n\n"
        + "data: [DONE]\n\n";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is not null)
        {
            await request.Content.ReadAsByteArrayAsync(cancellationToken);
        }

        return request.RequestUri!.AbsolutePath.EndsWith("/v1/chat/completions", StringComparison.Ordinal)
            ? chat(Interlocked.Increment(ref _chats))
            : Answer("""{"data":{"models":[{"id":"gpt-4o-mini","name":"m","author":"a","endpoints":[{"provider":"P","providerSlug":"openai","supportsPtb":true,"pricing":{"prompt":3,"completion":5}}]}]},"error":null}""");
    }
}
