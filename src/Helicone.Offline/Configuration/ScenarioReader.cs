using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using Helicone.Offline.Errors;

namespace Helicone.Offline.Configuration;

/// <summary>Reads the scenarios of gateway.json.</summary>
internal static class ScenarioReader
{
    private static readonly string[] s_outcomes = ["reply", "replies", "failure", "envelope"];
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_regexPatience = TimeSpan.FromMilliseconds(250);

    /// <summary>The fields of each kind of object. A test holds the schema to them.</summary>
    internal static IReadOnlyDictionary<string, string[]> Fields { get; } = new Dictionary<string, string[]>
    {
        ["scenario"] = ["name", "match", "times", "latency", "reply", "replies", "failure", "envelope"],
        ["match"] = ["model", "prompt", "properties", "headers", "stream", "turn", "toolResult", "tools"],
        ["prompt"] = ["contains", "regex"],
        ["toolResult"] = ["contains", "regex"],
        ["reply"] = ["text", "toolCall", "toolCalls", "finishReason", "chunkPace", "cutAfterChunks"],
        ["toolCall"] = ["name", "arguments"],
        ["failure"] = ["status", "message", "type"],
        ["envelope"] = ["status", "body", "contentType", "headers"],
    };

    internal static IReadOnlyList<string> FailureTypes { get; } =
    [
        AttemptErrorType.RequestFailed, AttemptErrorType.RateLimited, AttemptErrorType.InsufficientCreditLimit, AttemptErrorType.InvalidFormat,
        AttemptErrorType.MissingProviderKey, AttemptErrorType.Disallowed,
    ];

    public static OfflineScenario Read(ConfigurationNode node)
    {
        node.Object(Fields["scenario"]);
        if (s_outcomes.Count(f => node.Find(f) is not null) != 1)
        {
            throw node.Wrong($"{node.Path} must have one of reply, replies, failure and envelope.");
        }

        ScenarioMatch match = node.Find("match") is { } conditions ? Match(conditions) : new ScenarioMatch();
        return new OfflineScenario
        {
            Name = node.Find("name")?.Text() ?? node.Path,
            Match = match,
            Times = node.Find("times")?.Whole(1),
            Latency = node.Find("latency")?.Duration(s_longestDelay) ?? TimeSpan.Zero,
            Replies = node.Find("replies") is { } replies ? Sequence(replies) : node.Find("reply") is { } reply ? [Reply(reply)] : [],
            IsSequence = node.Find("replies") is not null,
            Failure = node.Find("failure") is { } failure ? Failure(failure) : null,
            Envelope = node.Find("envelope") is { } envelope ? Envelope(envelope) : null,
        };
    }

    private static ScenarioMatch Match(ConfigurationNode node)
    {
        node.Object(Fields["match"]);
        (string? promptContains, Regex? promptRegex) = Text(node.Find("prompt"));
        (string? resultContains, Regex? resultRegex) = Text(node.Find("toolResult"));
        return new ScenarioMatch
        {
            Model = node.Find("model")?.Text(),
            PromptContains = promptContains,
            PromptRegex = promptRegex,
            Turn = node.Find("turn")?.Whole(1),
            ToolResultContains = resultContains,
            ToolResultRegex = resultRegex,
            Tools = node.Find("tools") is { } tools ? tools.Type == JsonTokenType.String ? [tools.Text()] : [.. tools.List().Select(static name => name.Text())] : [],
            Properties = node.Find("properties")?.Texts() ?? [],
            Headers = node.Find("headers") is { } headers ? Headers(headers) : [],
            Stream = node.Find("stream")?.Flag(),
        };
    }

    /// <summary>A text to search for, or an object with a search pattern.</summary>
    private static (string? Contains, Regex? Regex) Text(ConfigurationNode? node)
    {
        if (node is null || node.Type != JsonTokenType.StartObject)
        {
            return (node?.Text(), null);
        }

        if (node.Object(Fields["prompt"]).Members.Count != 1)
        {
            throw node.Wrong($"{node.Path} must be text, or an object with either contains or regex.");
        }

        return (node.Find("contains")?.Text(), node.Find("regex") is { } regex ? Regex(regex) : null);
    }

    private static IReadOnlyList<ScenarioReply> Sequence(ConfigurationNode node)
    {
        IReadOnlyList<ScenarioReply> replies = [.. node.List().Select(Reply)];
        return replies.Count > 0 ? replies : throw node.Wrong($"{node.Path} must have at least one reply.");
    }

    private static ScenarioToolCall ToolCall(ConfigurationNode node)
    {
        node.Object(Fields["toolCall"]);
        return new ScenarioToolCall(
            Template(node.Need("name"), node.Need("name").Text()),
            node.Find("arguments") is { } arguments ? Template(arguments, arguments.Type == JsonTokenType.String ? arguments.Text() : arguments.Json) : null);
    }

    private static Regex Regex(ConfigurationNode node)
    {
        try
        {
            return new Regex(node.Text(), RegexOptions.CultureInvariant, s_regexPatience);
        }
        catch (ArgumentException e)
        {
            throw node.Wrong($"{node.Path} isn't a valid regular expression: {e.Message}");
        }
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Headers(ConfigurationNode node)
    {
        if (node.Members.Keys.FirstOrDefault(h => h.Equals("Authorization", StringComparison.OrdinalIgnoreCase)) is { } secret)
        {
            throw node.Members[secret].Wrong($"{node.Path} contains {secret}. The gateway's key can't be in a file.");
        }

        return node.Texts();
    }

    private static ScenarioReply Reply(ConfigurationNode node)
    {
        node.Object(Fields["reply"]);
        ConfigurationNode? one = node.Find("toolCall");
        ConfigurationNode? several = node.Find("toolCalls");
        if ((one is not null && several is not null) || (node.Find("text") is null && one is null && several is null))
        {
            throw node.Wrong($"{node.Path} must have text, toolCall or toolCalls, and not both toolCall and toolCalls.");
        }

        IReadOnlyList<ScenarioToolCall> calls = one is not null ? [ToolCall(one)] : several is not null ? [.. several.List().Select(ToolCall)] : [];
        return new ScenarioReply
        {
            Text = node.Find("text") is { } text ? Template(text, text.Text()) : null,
            ToolCalls = calls,
            FinishReason = node.Find("finishReason")?.Text() ?? (calls.Count == 0 ? "stop" : "tool_calls"),
            ChunkPace = node.Find("chunkPace")?.Duration(s_longestDelay) ?? TimeSpan.Zero,
            CutAfterChunks = node.Find("cutAfterChunks")?.Whole(0),
        };
    }

    private static ScenarioTemplate Template(ConfigurationNode node, string text)
    {
        try
        {
            return ScenarioTemplate.Parse(text);
        }
        catch (FormatException e)
        {
            throw node.Wrong($"{node.Path}: {e.Message}");
        }
    }

    private static AttemptError Failure(ConfigurationNode node)
    {
        node.Object(Fields["failure"]);
        int status = node.Need("status").Whole(400, 599);
        string type = AttemptErrorType.RequestFailed;
        if (node.Find("type") is { } named)
        {
            type = named.Text();
            if (!FailureTypes.Contains(type))
            {
                throw named.Wrong($"{named.Path} is '{type}': it must be one of {string.Join(", ", FailureTypes)}.");
            }
        }

        return new AttemptError(type, node.Find("message")?.Text() ?? $"Request failed with status {status}", status);
    }

    private static OfflineEnvelope Envelope(ConfigurationNode node)
    {
        node.Object(Fields["envelope"]);
        ConfigurationNode body = node.Need("body");
        bool isText = body.Type == JsonTokenType.String;
        IReadOnlyList<KeyValuePair<string, string>> headers = node.Find("headers") is { } named ? Headers(named) : [];
        if (headers.FirstOrDefault(h => !IsHeader(h)).Key is { } wrong)
        {
            throw node.Wrong($"{node.Path}.headers: '{wrong}' and its value can't be a header of a response.");
        }

        return new OfflineEnvelope(
            node.Need("status").Whole(400, 599),
            isText ? body.Text() : body.Json,
            node.Find("contentType")?.Text() ?? (isText ? OfflineEnvelope.PlainText : OfflineEnvelope.Json),
            headers);
    }

    private static bool IsHeader(KeyValuePair<string, string> header) =>
        header.Key.Length > 0 &&
        header.Key.All(static c => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-' or '_') &&
        header.Value.All(static c => c is >= ' ' and <= '~') &&
        !header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) &&
        !header.Key.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase);
}
