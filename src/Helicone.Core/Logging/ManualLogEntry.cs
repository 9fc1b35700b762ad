using System;
using System.Collections.Generic;
using Helicone.Attribution;

namespace Helicone.Logging;

/// <summary>A log entry for something that didn't go through the gateway: your own model, a tool, or a vector database.</summary>
public sealed record ManualLogEntry
{
    /// <summary>The request: plain values, lists, and dictionaries. Custom events have their kind in <c>_type</c>: <c>tool</c>, <c>vector_db</c>, or <c>data</c>.</summary>
    public IReadOnlyDictionary<string, object?> Request { get; init; } = new Dictionary<string, object?>();

    /// <summary>The response, as fields.</summary>
    public IReadOnlyDictionary<string, object?> Response { get; init; } = new Dictionary<string, object?>();

    /// <summary>The response, as text: the raw chunks of a stream, one after another.</summary>
    public string? ResponseText { get; init; }

    /// <summary>The HTTP status; -3 for a stream that was cancelled.</summary>
    public int Status { get; init; } = 200;

    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended. Not before it began.</summary>
    public DateTimeOffset EndedAt { get; init; }

    /// <summary>From beginning to first token.</summary>
    public TimeSpan? TimeToFirstToken { get; init; }

    /// <summary>The provider's name in the log.</summary>
    public string? Provider { get; init; }

    /// <summary>The session it belongs to.</summary>
    public HeliconeSession? Session { get; init; }

    /// <summary>User, properties, request id.</summary>
    public RequestTags Tags { get; init; } = new();

    /// <summary>A chat with your own model, in OpenAI's form, from which Helicone reads the text and the tokens.</summary>
    public static ManualLogEntry ForChat(string model, string? prompt, string? content, long? promptTokens, long? completionTokens) => ForModel(
        model,
        new Dictionary<string, object?> { ["messages"] = prompt is null ? new List<object?>() : [Message("user", prompt)] },
        content is null ? null : new Dictionary<string, object?>
        {
            ["model"] = model,
            ["choices"] = new List<object?> { new Dictionary<string, object?> { ["index"] = 0, ["message"] = Message("assistant", content), ["finish_reason"] = "stop" } },
        },
        promptTokens,
        completionTokens);

    /// <summary>A call of your own model, in any form.</summary>
    public static ManualLogEntry ForModel(string model, IReadOnlyDictionary<string, object?> request, IReadOnlyDictionary<string, object?>? response, long? promptTokens, long? completionTokens)
    {
        Dictionary<string, object?> answered = Copy(response);
        if ((promptTokens ?? completionTokens) is not null)
        {
            answered["usage"] = new Dictionary<string, object?>
            {
                ["prompt_tokens"] = promptTokens ?? 0,
                ["completion_tokens"] = completionTokens ?? 0,
                ["total_tokens"] = (promptTokens ?? 0) + (completionTokens ?? 0),
            };
        }

        return new ManualLogEntry { Request = Copy(request, ("model", model)), Response = answered };
    }

    /// <summary>A use of a tool.</summary>
    public static ManualLogEntry ForTool(string name, IReadOnlyDictionary<string, object?>? input, IReadOnlyDictionary<string, object?>? response) => new()
    {
        Request = Copy(null, ("_type", "tool"), ("toolName", name), ("input", input ?? new Dictionary<string, object?>())),
        Response = Copy(response, ("_type", "tool"), ("toolName", name)),
    };

    /// <summary>An operation of a vector database: search, insert, delete or update.</summary>
    /// <param name="operation">Which.</param>
    /// <param name="query">Its fields, such as <c>text</c>, <c>vector</c>, <c>topK</c>, <c>filter</c> and <c>databaseName</c>.</param>
    /// <param name="response">What it gave.</param>
    public static ManualLogEntry ForVectorDatabase(string operation, IReadOnlyDictionary<string, object?> query, IReadOnlyDictionary<string, object?>? response) => new()
    {
        Request = Copy(query, ("_type", "vector_db"), ("operation", operation)),
        Response = Copy(response, ("_type", "vector_db")),
    };

    /// <summary>Any other step, such as a file that was read.</summary>
    public static ManualLogEntry ForData(string name, IReadOnlyDictionary<string, object?>? meta, IReadOnlyDictionary<string, object?>? response) => new()
    {
        Request = Copy(null, ("_type", "data"), ("name", name), ("meta", meta ?? new Dictionary<string, object?>())),
        Response = Copy(response, ("_type", "data"), ("name", name)),
    };

    private static Dictionary<string, object?> Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static Dictionary<string, object?> Copy(IReadOnlyDictionary<string, object?>? fields, params (string Name, object? Value)[] own)
    {
        Dictionary<string, object?> copy = [];
        foreach (KeyValuePair<string, object?> field in fields ?? new Dictionary<string, object?>())
        {
            copy[field.Key] = field.Value;
        }

        foreach ((string name, object? value) in own)
        {
            copy[name] = value;
        }

        return copy;
    }
}
