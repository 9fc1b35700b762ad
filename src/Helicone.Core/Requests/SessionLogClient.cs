using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Http;

namespace Helicone.Requests;

/// <summary>The sessions of the log: <c>POST /v1/session/query</c>.</summary>
public sealed class SessionLogClient
{
    private const int Page = 100;

    private readonly RestClient _rest;

    internal SessionLogClient(RestClient rest) => _rest = rest;

    /// <summary>The sessions with a call in a span of time, page by page as they are asked for.</summary>
    /// <param name="search">A text that id or name holds; all when empty.</param>
    /// <param name="name">The name; wildcards as in the filter; any when <see langword="null"/>.</param>
    /// <param name="filter">Which calls count.</param>
    /// <param name="first">The most sessions; all when <see langword="null"/>.</param>
    /// <exception cref="FormatException">A wildcard pattern is not valid.</exception>
    public AsyncSequence<LoggedSession> List(string? search = null, string? name = null, RequestFilter? filter = null, int? first = null)
    {
        filter ??= new RequestFilter();
        if (name is not null && WildcardText.Parse(name) is var wanted)
        {
            if (wanted.Exact is null)
            {
                // The API has no field for a part of the name. Its calls have it as a property.
                Dictionary<string, string> properties = filter.Properties.ToDictionary(p => p.Key, p => p.Value);
                properties["Helicone-Session-Name"] = name;
                filter = filter with { Properties = properties };
            }

            name = wanted.Exact;
        }

        // The time is next to the tree here, in milliseconds (users have seconds).
        FilterNode node = FilterNode.From(filter with { Since = null, Until = null });
        return new(PagesAsync(search, name, node, filter.Since, filter.Until, first));
    }

    private async IAsyncEnumerable<LoggedSession> PagesAsync(string? search, string? name, FilterNode node, DateTimeOffset? from, DateTimeOffset? to, int? first, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        DateTimeOffset until = to ?? _rest.Now;
        DateTimeOffset since = from ?? DateTimeOffset.FromUnixTimeMilliseconds(0);
        HashSet<string> seen = new(StringComparer.Ordinal);
        int given = 0;
        for (int offset = 0; first is null || given < first;)
        {
            int limit = Math.Min(first - given ?? Page, Page);
            int rows = 0;
            using JsonDocument answer = await QueryAsync(search, name, node, since, until, offset, limit, cancellationToken).ConfigureAwait(false);
            foreach (LoggedSession session in RestClient.Rows(answer).Select(Read).ToArray())
            {
                rows++;
                if (seen.Add(session.SessionId + "\n" + session.Name) && (first is null || given < first))
                {
                    given++;
                    yield return session;
                }
            }

            if (rows < limit)
            {
                yield break;
            }

            offset += rows;
        }
    }

    private Task<JsonDocument> QueryAsync(string? search, string? name, FilterNode node, DateTimeOffset since, DateTimeOffset until, int offset, int limit, CancellationToken cancellationToken) =>
        _rest.QueryAsync("v1/session/query", writer =>
        {
            writer.WriteString("search", search ?? string.Empty);
            writer.WriteStartObject("timeFilter");
            writer.WriteNumber("startTimeUnixMs", since.ToUnixTimeMilliseconds());
            writer.WriteNumber("endTimeUnixMs", until.ToUnixTimeMilliseconds());
            writer.WriteEndObject();
            writer.WriteNumber("timezoneDifference", 0);
            if (name is not null)
            {
                writer.WriteString("nameEquals", name);
            }

            writer.WritePropertyName("filter");
            node.WriteTo(writer);
            writer.WriteNumber("offset", offset);
            writer.WriteNumber("limit", limit);
        }, cancellationToken);

    private static LoggedSession Read(JsonElement row) => new()
    {
        SessionId = RequestJson.Text(row, "session_id") ?? string.Empty,
        Name = RequestJson.NotEmpty(RequestJson.Text(row, "session_name")),
        CreatedAt = RequestJson.Time(row, "created_at") ?? default,
        LatestRequestAt = RequestJson.Time(row, "latest_request_created_at") ?? default,
        Requests = RequestJson.Whole(row, "total_requests") ?? 0,
        Cost = RequestJson.Money(row, "total_cost"),
        UnpricedRequests = RequestJson.Whole(row, "unpriced_requests"),
        PromptTokens = RequestJson.Whole(row, "prompt_tokens") ?? 0,
        CompletionTokens = RequestJson.Whole(row, "completion_tokens") ?? 0,
        TotalTokens = RequestJson.Whole(row, "total_tokens") ?? 0,
        AverageLatency = RequestJson.Number(row, "avg_latency") is { } latency && latency >= 0 ? TimeSpan.FromMilliseconds(latency) : null,
        UserIds = row.TryGetProperty("user_ids", out JsonElement users) && users.ValueKind == JsonValueKind.Array
            ? users.EnumerateArray().Where(u => u.ValueKind == JsonValueKind.String && u.GetString()!.Length > 0).Select(u => u.GetString()!).ToArray()
            : [],
    };
}
