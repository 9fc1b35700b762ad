using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Helicone.Tests.Servers;

/// <summary>One chat as the server got it, and what it answers.</summary>
internal sealed class ChatExchange
{
    private readonly HttpContext _context;

    public ChatExchange(HttpContext context, string body)
    {
        _context = context;
        Text = body;
        Body = JsonNode.Parse(body)!.AsObject();
        Headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        context.RequestAborted.Register(() => Left.TrySetResult());
    }

    /// <summary>The body as it came.</summary>
    public string Text { get; }

    public JsonObject Body { get; }

    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>Completes when the client closes the connection before it has its answer.</summary>
    public TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The conversation, as <c>role: text</c>.</summary>
    public IReadOnlyList<string> Messages => Body["messages"]!.AsArray().Select(message => $"{message!["role"]}: {message["content"]}").ToArray();

    /// <summary>The text of the last message.</summary>
    public string Prompt => Body["messages"]!.AsArray()[^1]!["content"]!.ToString();

    public string Model => Body["model"]!.ToString();

    /// <summary>A whole answer.</summary>
    public async Task SayAsync(string text, params (string Name, string Value)[] headers)
    {
        foreach ((string name, string value) in headers)
        {
            _context.Response.Headers[name] = value;
        }

        await RespondAsync(200, new JsonObject
        {
            ["id"] = "chatcmpl-1",
            ["model"] = "gpt-4o-mini-2024-07-18",
            ["choices"] = new JsonArray(new JsonObject
            {
                ["index"] = 0,
                ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text },
                ["finish_reason"] = "stop",
            }),
            ["usage"] = new JsonObject { ["prompt_tokens"] = 1000, ["completion_tokens"] = 200, ["total_tokens"] = 1200 },
        }.ToJsonString());
    }

    /// <summary>A status and a body.</summary>
    public async Task RespondAsync(int status, string body)
    {
        _context.Response.StatusCode = status;
        _context.Response.Headers.TryAdd("Helicone-Id", "11111111-1111-4111-8111-111111111111");
        await _context.Response.WriteAsync(body);
    }

    /// <summary>A header of the answer that follows.</summary>
    public void Header(string name, string value) => _context.Response.Headers[name] = value;

    /// <summary>The gateway's envelope of a failure at a provider.</summary>
    public Task FailAsync(int status, string message) => RespondAsync(status == 429 || status < 404 ? status : 500, new JsonObject
    {
        ["success"] = false,
        ["error"] = new JsonObject
        {
            ["code"] = "request_failed",
            ["message"] = message,
            ["details"] = new JsonArray(new JsonObject { ["type"] = "request_failed", ["message"] = message, ["statusCode"] = status, ["source"] = "gpt-4o-mini/openai/byok" }),
        },
    }.ToJsonString());

    /// <summary>Begins a stream.</summary>
    public async Task BeginStreamAsync()
    {
        _context.Response.ContentType = "text/event-stream; charset=utf-8";
        _context.Response.Headers["Helicone-Id"] = "11111111-1111-4111-8111-111111111111";
        await ChunkAsync("""{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""");
    }

    /// <summary>A piece of the text.</summary>
    public Task TextAsync(string text) =>
        ChunkAsync($$"""{"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":{{JsonSerializer.Serialize(text)}}},"finish_reason":null}]}""");

    /// <summary>An error in the middle of a stream.</summary>
    public Task BreakAsync(string message) => ChunkAsync(new JsonObject { ["error"] = new JsonObject { ["message"] = message, ["code"] = 500 } }.ToJsonString());

    /// <summary>The end of a whole stream.</summary>
    public async Task FinishAsync()
    {
        await ChunkAsync("""{"model":"gpt-4o-mini","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""");
        await ChunkAsync("""{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14}}""");
        await ChunkAsync("[DONE]");
    }

    /// <summary>Sends nothing more until the client has disconnected.</summary>
    public async Task HangAsync() => await Left.Task;

    /// <summary>One event of a stream.</summary>
    public async Task ChunkAsync(string data)
    {
        await _context.Response.WriteAsync($"data: {data}\n\n");
        await _context.Response.Body.FlushAsync();
    }
}
