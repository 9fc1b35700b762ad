using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Query;
using Helicone.LocalGateway.Requests;
using Helicone.LocalGateway.Routing;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Log;

/// <summary><c>POST /custom/v1/log</c>: calls that went elsewhere, tools, vector databases, data. They land in the same tables.</summary>
internal sealed class ManualLog(RequestLog log, LiveRoutingTable routing, TimeProvider time)
{
    private const string CustomProvider = "CUSTOM";

    /// <exception cref="QueryRefusedException">400: a field is missing or invalid; the message names it.</exception>
    public async Task HandleAsync(HttpContext context)
    {
        using PooledBuffer buffer = await RequestReader.ReadWholeAsync(context.Request, context.RequestAborted);
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(buffer.WrittenMemory, GatewayJson.DocumentOptions);
        }
        catch (JsonException)
        {
            throw new QueryRefusedException("The body is no JSON.", 400);
        }

        using (document)
        {
            await AppendAsync(context.Request, document.RootElement);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task AppendAsync(HttpRequest http, JsonElement body)
    {
        JsonElement request = ObjectIn(body, "", "providerRequest");
        JsonElement asked = ObjectIn(request, "providerRequest.", "json");
        JsonElement response = ObjectIn(body, "", "providerResponse");
        string url = QueryBody.Text(request, "url") ?? throw Missing("providerRequest.url");
        int status = QueryBody.Whole(response, "status") is { } number and >= int.MinValue and <= int.MaxValue ? (int)number : throw Missing("providerResponse.status");
        ManualTiming timing = ManualTiming.Read(QueryBody.Optional(body, "timing"), time.GetUtcNow());
        CallTags tags = CallTags.Of(http.Headers);
        foreach (KeyValuePair<string, string> header in Meta(request))
        {
            tags.Set(header.Key, header.Value);
        }

        using PooledBuffer joined = new(1024);
        ReadOnlyMemory<byte>? answer = Answer(response, joined, out AnswerFacts facts);
        string? provider = QueryBody.Text(body, "provider") is { Length: > 0 } named ? named : CustomProvider;
        string? eventName = EventName(asked);
        string? model = eventName ?? (asked.TryGetProperty("model", out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null);
        string id = log.ClaimId(RequestIdHeader.Accept(tags.RequestId));
        try
        {
            await log.AppendAsync(new LogEntry
            {
                Id = Guid.Parse(id),
                CreatedAt = timing.Start,
                Latency = timing.End - timing.Start,
                TimeToFirstToken = timing.TimeToFirstToken,
                RequestedModel = model,
                ServedModel = facts.Model,
                ModelOverride = tags.ModelOverride,
                Provider = provider,
                Status = status,
                Usage = facts.Usage,
                IsEvent = eventName is not null,
                Cost = CallCost.Of(routing.Current.Registry, tags.ModelOverride ?? model, provider, facts.Usage),
                SessionId = tags.SessionId,
                SessionName = tags.SessionName,
                SessionPath = tags.SessionPath,
                UserId = tags.UserId,
                Properties = tags.Properties,
                Path = http.Path.Value,
                TargetUrl = url,
                PromptId = tags.PromptId,
                RequestBody = tags.OmitsRequest ? null : Encoding.UTF8.GetBytes(asked.GetRawText()),
                ResponseBody = tags.OmitsResponse ? null : answer,
            });
        }
        finally
        {
            log.ReleaseId(Guid.Parse(id));
        }
    }

    /// <summary>The answer as the log keeps it: the fields, else the text, and a text that is a stream in one piece.</summary>
    private static ReadOnlyMemory<byte>? Answer(JsonElement response, PooledBuffer joined, out AnswerFacts facts)
    {
        facts = default;
        if (QueryBody.Optional(response, "json") is { ValueKind: JsonValueKind.Object } json && json.EnumerateObject().MoveNext())
        {
            byte[] fields = Encoding.UTF8.GetBytes(json.GetRawText());
            facts = AnswerFacts.Read(fields);
            return fields;
        }

        if (QueryBody.Text(response, "textBody") is not { Length: > 0 } text)
        {
            return null;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (EventsOf(text) is { } events)
        {
            return StreamJoiner.TryJoin(events, brokenOff: null, joined, out facts) ? joined.WrittenMemory : bytes;
        }

        if (text.Contains("data:", StringComparison.Ordinal))
        {
            return StreamJoiner.TryJoin(bytes, brokenOff: null, joined, out facts) ? joined.WrittenMemory : bytes;
        }

        facts = AnswerFacts.Read(bytes);
        return bytes;
    }

    /// <summary>
    /// The events of a stream that was written as one JSON object a line, as <c>logStream</c> and <c>logBuilder</c> of Helicone's helpers do.
    /// A last line that was cut, because the stream was cancelled, is left out.
    /// </summary>
    private static byte[]? EventsOf(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length == 0 || !IsObject(lines[0]))
        {
            return null;
        }

        if (lines.Length > 1 && !IsObject(lines[^1]))
        {
            lines = lines[..^1];
        }

        return lines.All(IsObject) && (lines.Length > 1 || lines[0].Contains("\"chat.completion.chunk\"", StringComparison.Ordinal))
            ? Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => $"data: {l}\n\n")))
            : null;
    }

    private static bool IsObject(string line)
    {
        if (!line.StartsWith('{'))
        {
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line, GatewayJson.DocumentOptions);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>What a custom event is listed as: it has no model.</summary>
    private static string? EventName(JsonElement asked) => QueryBody.Optional(asked, "_type") is not { ValueKind: JsonValueKind.String } type ? null : type.GetString() switch
    {
        "tool" => "tool:" + TextIn(asked, "toolName"),
        "vector_db" => "vector_db:" + TextIn(asked, "operation"),
        "data" => "data:" + TextIn(asked, "name"),
        _ => null,
    };

    private static string TextIn(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : string.Empty;

    private static IEnumerable<KeyValuePair<string, string>> Meta(JsonElement request)
    {
        if (QueryBody.Optional(request, "meta") is not { } meta)
        {
            yield break;
        }

        if (meta.ValueKind != JsonValueKind.Object)
        {
            throw new QueryRefusedException("providerRequest.meta must be an object with text values.", 400);
        }

        foreach (JsonProperty header in meta.EnumerateObject())
        {
            if (header.Value.ValueKind == JsonValueKind.String)
            {
                yield return new(header.Name, header.Value.GetString()!);
            }
        }
    }

    private static JsonElement ObjectIn(JsonElement json, string path, string name) =>
        json.ValueKind != JsonValueKind.Object ? throw new QueryRefusedException("The body isn't a JSON object.", 400) :
        QueryBody.Optional(json, name) is not { } value ? throw Missing(path + name) :
        value.ValueKind == JsonValueKind.Object ? value :
        throw new QueryRefusedException($"{path}{name} is an object.", 400);

    private static QueryRefusedException Missing(string field) => new($"{field} is missing.", 400);
}
