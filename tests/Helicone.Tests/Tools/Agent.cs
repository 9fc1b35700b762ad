using System.Text.Json.Nodes;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Tools;

/// <summary>Answers of a model that calls tools.</summary>
internal static class Agent
{
    /// <summary>Calls each tool once in the first answer, and repeats the results in the second.</summary>
    public static Func<ChatExchange, Task> Calling(params (string Name, string Arguments)[] calls) => exchange =>
        exchange.Body["messages"]!.AsArray().Any(message => message!["role"]!.ToString() == "tool")
            ? exchange.SayAsync("done")
            : CallAsync(exchange, calls);

    /// <summary>Calls tools in every answer.</summary>
    public static Task CallAsync(ChatExchange exchange, params (string Name, string Arguments)[] calls) => CallAsync(exchange, "tool_calls", calls);

    public static Task CallAsync(ChatExchange exchange, string finishReason, params (string Name, string Arguments)[] calls) => exchange.RespondAsync(200, new JsonObject
    {
        ["id"] = "chatcmpl-1",
        ["model"] = "gpt-4o-mini",
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["message"] = new JsonObject
            {
                ["role"] = "assistant",
                ["content"] = "I need it.",
                ["tool_calls"] = new JsonArray([.. calls.Select((call, i) => new JsonObject
                {
                    ["id"] = $"call_{i}",
                    ["type"] = "function",
                    ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments },
                })]),
            },
            ["finish_reason"] = finishReason,
        }),
        ["usage"] = new JsonObject { ["prompt_tokens"] = 1000, ["completion_tokens"] = 200, ["total_tokens"] = 1200 },
    }.ToJsonString());

    /// <summary>Streams: calls the tools in the first answer to each message, and says done in the second.</summary>
    public static Func<ChatExchange, Task> Streaming(params (string Name, string Arguments)[] calls) => async exchange =>
    {
        if (exchange.Body["messages"]!.AsArray()[^1]!["role"]!.ToString() == "tool")
        {
            await exchange.BeginStreamAsync();
            await exchange.TextAsync("done");
            await exchange.FinishAsync();
        }
        else
        {
            await StreamCallsAsync(exchange, calls);
        }
    };

    /// <summary>Calls a tool in every stream.</summary>
    public static Task StreamCallAsync(ChatExchange exchange, string name, string arguments) => StreamCallsAsync(exchange, (name, arguments));

    private static async Task StreamCallsAsync(ChatExchange exchange, params (string Name, string Arguments)[] calls)
    {
        await exchange.BeginStreamAsync();
        await exchange.ChunkAsync(new JsonObject
        {
            ["model"] = "gpt-4o-mini",
            ["choices"] = new JsonArray(new JsonObject
            {
                ["index"] = 0,
                ["delta"] = new JsonObject
                {
                    ["tool_calls"] = new JsonArray([.. calls.Select((call, i) => new JsonObject
                    {
                        ["index"] = i,
                        ["id"] = $"call_{i}",
                        ["type"] = "function",
                        ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments },
                    })]),
                },
                ["finish_reason"] = "tool_calls",
            }),
        }.ToJsonString());
        await exchange.ChunkAsync(new JsonObject { ["choices"] = new JsonArray(), ["usage"] = new JsonObject { ["prompt_tokens"] = 1000, ["completion_tokens"] = 200, ["total_tokens"] = 1200 } }.ToJsonString());
        await exchange.ChunkAsync("[DONE]");
    }

    /// <summary>The results that the last request returns to the model.</summary>
    public static string[] Results(this ChatServer server) =>
        [.. server.Chats[^1].Body["messages"]!.AsArray().Where(message => message!["role"]!.ToString() == "tool").Select(message => message!["content"]!.ToString())];
}
