using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using Helicone.LocalGateway.Errors;
using Helicone.LocalGateway.Offline;

namespace Helicone.LocalGateway.Configuration;

/// <summary>Reads the scenarios of gateway.json.</summary>
internal static class ScenarioReader
{
    private static readonly string[] s_outcomes = ["reply", "failure", "envelope"];
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_regexPatience = TimeSpan.FromMilliseconds(250);

    /// <summary>The fields of each kind of object. A test holds the schema to them.</summary>
    internal static IReadOnlyDictionary<string, string[]> Fields { get; } = new Dictionary<string, string[]>
    {
        ["scenario"] = ["name", "match", "times", "latency", "reply", "failure", "envelope"],
        ["match"] = ["model", "prompt", "properties", "headers", "stream"],
        ["prompt"] = ["contains", "regex"],
        ["reply"] = ["text", "toolCall", "finishReason", "chunkPace", "cutAfterChunks"],
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
            throw node.Wrong($"{node.Path} must have one of reply, failure and envelope.");
        }

        ScenarioMatch match = node.Find("match") is { } conditions ? Match(conditions) : new ScenarioMatch();
        return new OfflineScenario
        {
            Name = node.Find("name")?.Text() ?? node.Path,
            Match = match,
            Times = node.Find("times")?.Whole(1),
            Latency = node.Find("latency")?.Duration(s_longestDelay) ?? TimeSpan.Zero,
            Reply = node.Find("reply") is { } reply ? Reply(reply) : null,
            Failure = node.Find("failure") is { } failure ? Failure(failure) : null,
            Envelope = node.Find("envelope") is { } envelope ? Envelope(envelope) : null,
        };
    }

    private static ScenarioMatch Match(ConfigurationNode node)
    {
        node.Object(Fields["match"]);
        ConfigurationNode? prompt = node.Find("prompt");
        bool isObject = prompt?.Type == JsonTokenType.StartObject;
        if (isObject && prompt!.Object(Fields["prompt"]).Members.Count != 1)
        {
            throw prompt.Wrong($"{prompt.Path} must be a text, or an object with either contains or regex.");
        }

        return new ScenarioMatch
        {
            Model = node.Find("model")?.Text(),
            PromptContains = isObject ? prompt!.Find("contains")?.Text() : prompt?.Text(),
            PromptRegex = isObject && prompt!.Find("regex") is { } regex ? Regex(regex) : null,
            Properties = node.Find("properties")?.Texts() ?? [],
            Headers = node.Find("headers") is { } headers ? Headers(headers) : [],
            Stream = node.Find("stream")?.Flag(),
        };
    }

    private static Regex Regex(ConfigurationNode node)
    {
        try
        {
            return new Regex(node.Text(), RegexOptions.CultureInvariant, s_regexPatience);
        }
        catch (ArgumentException e)
        {
            throw node.Wrong($"{node.Path} is no regular expression: {e.Message}");
        }
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Headers(ConfigurationNode node)
    {
        if (node.Members.Keys.FirstOrDefault(h => h.Equals("Authorization", StringComparison.OrdinalIgnoreCase)) is { } secret)
        {
            throw node.Members[secret].Wrong($"{node.Path} names {secret}: the gateway's key has no place in a file.");
        }

        return node.Texts();
    }

    private static ScenarioReply Reply(ConfigurationNode node)
    {
        node.Object(Fields["reply"]);
        if (node.Find("text") is null == node.Find("toolCall") is null)
        {
            throw node.Wrong($"{node.Path} must have either text or toolCall.");
        }

        ConfigurationNode? call = node.Find("toolCall")?.Object(Fields["toolCall"]);
        return new ScenarioReply
        {
            Text = node.Find("text") is { } text ? Template(text, text.Text()) : null,
            ToolName = call?.Need("name").Text(),
            ToolArguments = call?.Find("arguments") is { } arguments ? Template(arguments, arguments.Type == JsonTokenType.String ? arguments.Text() : arguments.Json) : null,
            FinishReason = node.Find("finishReason")?.Text() ?? (call is null ? "stop" : "tool_calls"),
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
            throw node.Wrong($"{node.Path}.headers: '{wrong}' and its value cannot be a header of an answer.");
        }

        return new OfflineEnvelope(
            node.Need("status").Whole(400, 599),
            isText ? body.Text() : body.Json,
            node.Find("contentType")?.Text() ?? (isText ? RequestRefusedException.PlainText : RequestRefusedException.Json),
            headers);
    }

    private static bool IsHeader(KeyValuePair<string, string> header) =>
        header.Key.Length > 0 &&
        header.Key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') &&
        !header.Value.AsSpan().ContainsAnyExceptInRange(' ', '~') &&
        !header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) &&
        !header.Key.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase);
}
