using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Requests;

namespace Helicone.LocalGateway.Query;

/// <summary><c>/v1/session</c>: what the calls of a session add up to.</summary>
internal sealed class SessionQueries(RequestLog log)
{
    private const string Table = "sessions_request_response_rmt";
    private const int MostRows = 1000;
    private const int DefaultRows = 50;

    // A session is what has one id; its name is the latest that a call gave it.
    private const string SessionColumns = """
        SELECT c.session_id, coalesce(substr(max(CASE WHEN c.session_name IS NOT NULL THEN printf('%020d', c.created_at) || c.session_name END), 21), '') AS session_name,
          min(c.created_at) AS created_at, max(c.created_at) AS latest_at, CASE WHEN total(c.cost) = 0 AND sum(c.unpriced) > 0 THEN NULL ELSE total(c.cost) END AS cost, count(*) AS requests,
          ifnull(sum(c.prompt_tokens), 0) AS prompt_tokens, ifnull(sum(c.completion_tokens), 0) AS completion_tokens, ifnull(sum(c.total_tokens), 0) AS tokens,
          avg(c.latency_ms) AS latency, json_group_array(DISTINCT c.user_id) FILTER (WHERE c.user_id IS NOT NULL) AS users, sum(c.unpriced) AS unpriced
        """;

    private static readonly Dictionary<string, IReadOnlyDictionary<string, FilterField>> s_tables = new(RequestFields.Tables)
    {
        [Table] = new Dictionary<string, FilterField>(StringComparer.Ordinal)
        {
            ["session_session_id"] = FilterField.Text("s.session_id"),
            ["session_session_name"] = FilterField.Text("s.session_name"),
            ["session_total_cost"] = FilterField.Number("s.cost"),
            ["session_total_tokens"] = FilterField.Number("s.tokens"),
            ["session_prompt_tokens"] = FilterField.Number("s.prompt_tokens"),
            ["session_completion_tokens"] = FilterField.Number("s.completion_tokens"),
            ["session_total_requests"] = FilterField.Number("s.requests"),
            ["session_created_at"] = FilterField.Time("s.created_at"),
            ["session_latest_request_created_at"] = FilterField.Time("s.latest_at"),
            ["session_tag"] = FilterField.Text("(SELECT t.tag FROM session_tag t WHERE t.session_id = s.session_id)"),
        },
    };

    /// <summary>A page of sessions, newest first.</summary>
    public Task<PooledBuffer> QueryAsync(JsonElement query, CancellationToken cancellationToken)
    {
        long limit = QueryBody.Whole(query, "limit") ?? DefaultRows;
        long offset = QueryBody.Whole(query, "offset") ?? 0;
        if (limit is < 0 or > MostRows || offset < 0)
        {
            throw new QueryRefusedException(offset < 0 ? "invalid offset" : "invalid limit");
        }

        Sql sql = IsPlain(query)
            ? Youngest(query, limit, offset)
            : new Sql("SELECT s.* FROM (").Add(Sessions(query)).Add(" ORDER BY s.created_at DESC, s.session_id LIMIT ? OFFSET ?", limit, offset);
        return log.ReadAsync(
            connection => ApiAnswer.Data(json =>
            {
                using Statement row = sql.Prepare(connection);
                json.WriteStartArray();
                while (row.Next())
                {
                    Write(json, row);
                }

                json.WriteEndArray();
            }),
            cancellationToken);
    }

    /// <summary>What all of them add up to.</summary>
    public Task<PooledBuffer> CountAsync(JsonElement query, CancellationToken cancellationToken)
    {
        Sql sql = new Sql("SELECT count(*), CASE WHEN count(s.cost) = 0 AND count(*) > 0 THEN NULL ELSE total(s.cost) END, CASE WHEN count(*) = 0 THEN 0 ELSE avg(s.cost) END, ifnull(avg(s.latency), 0), ifnull(avg(s.requests), 0), ifnull(sum(s.unpriced), 0) FROM (").Add(Sessions(query));
        return log.ReadAsync(
            connection => ApiAnswer.Data(json =>
            {
                using Statement row = sql.Prepare(connection);
                row.Next();
                json.WriteStartObject();
                json.WriteNumber("count"u8, row.Number(0));
                ApiAnswer.WriteMoney(json, "total_cost"u8, row, 1);
                ApiAnswer.WriteMoney(json, "avg_cost"u8, row, 2);
                json.WriteNumber("avg_latency"u8, row.Real(3));
                json.WriteNumber("avg_requests"u8, row.Real(4));
                json.WriteNumber("unpriced_requests"u8, row.Number(5));
                json.WriteEndObject();
            }),
            cancellationToken);
    }

    /// <summary>The names of sessions, the latest used first.</summary>
    public Task<PooledBuffer> NamesAsync(JsonElement query, CancellationToken cancellationToken)
    {
        if (Outer(query).Any())
        {
            throw new QueryRefusedException($"Names are found by what holds for their calls; {Table} cannot be filtered here.");
        }

        Sql sql = new Sql("SELECT ifnull(c.session_name, '') AS name, min(c.created_at), max(c.created_at), count(DISTINCT c.session_id), avg(c.latency_ms) FROM call c")
            .AddConditions(" WHERE ", Named(query))
            .Add(" GROUP BY name ORDER BY max(c.created_at) DESC, name LIMIT ?", (long)MostRows);
        return log.ReadAsync(
            connection => ApiAnswer.Data(json =>
            {
                using Statement row = sql.Prepare(connection);
                json.WriteStartArray();
                while (row.Next())
                {
                    json.WriteStartObject();
                    json.WriteString("name"u8, row.Bytes(0));
                    json.WriteString("created_at"u8, QueryTimes.Format(row.Number(1)));
                    json.WriteString("first_used"u8, QueryTimes.Format(row.Number(1)));
                    json.WriteString("last_used"u8, QueryTimes.Format(row.Number(2)));
                    json.WriteNumber("session_count"u8, row.Number(3));
                    json.WriteNumber("avg_latency"u8, row.Real(4));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }),
            cancellationToken);
    }

    /// <summary>How many sessions have how many calls, take how long (in seconds) and cost how much.</summary>
    public Task<PooledBuffer> MetricsAsync(JsonElement query, CancellationToken cancellationToken)
    {
        // The cloud's default here; for users it is another.
        string percentile = QueryBody.Text(query, "pSize") ?? "p75";
        bool interquartile = QueryBody.Boolean(query, "useInterquartile") ?? false;
        Sql sql = new Sql("SELECT s.requests, s.latest_at - s.created_at, s.cost FROM (" + SessionColumns + " FROM call c")
            .AddConditions(" WHERE ", Named(query))
            .Add(" GROUP BY c.session_id) s")
            .AddConditions(" WHERE ", Outer(query));
        return log.ReadAsync(
            connection =>
            {
                List<double> counts = [];
                List<double> durations = [];
                List<double> costs = [];
                using (Statement row = sql.Prepare(connection))
                {
                    while (row.Next())
                    {
                        counts.Add(row.Number(0));
                        durations.Add(row.Number(1) / 1000);
                        if (!row.IsNull(2))
                        {
                            costs.Add(row.Real(2));
                        }
                    }
                }

                return ApiAnswer.Data(json =>
                {
                    (string Name, List<double> Values)[] metrics = [("session_count", counts), ("session_duration", durations), ("session_cost", costs)];
                    json.WriteStartObject();
                    foreach ((string name, List<double> values) in metrics)
                    {
                        json.WritePropertyName(name);
                        Histogram.Write(json, values, percentile, interquartile);
                    }

                    json.WriteStartObject("average"u8);
                    foreach ((string name, List<double> values) in metrics)
                    {
                        json.WriteStartArray(name);
                        json.WriteStartObject();
                        json.WriteNumber("average"u8, values.Count > 0 ? values.Average() : 0);
                        json.WriteEndObject();
                        json.WriteEndArray();
                    }

                    json.WriteEndObject();
                    json.WriteEndObject();
                });
            },
            cancellationToken);
    }

    /// <summary>What holds for the calls of sessions with such a name.</summary>
    private static List<Sql> Named(JsonElement query)
    {
        string contains = QueryBody.Text(query, "nameContains") ?? throw new QueryRefusedException("nameContains is missing.", 400);
        List<Sql> conditions = [new Sql("c.session_id IS NOT NULL"), .. Times(query, required: false), .. Inner(query)];
        if (contains.Length > 0)
        {
            conditions.Add(TextMatch.For("c.session_name", "contains", contains));
        }

        return conditions;
    }

    /// <summary>The sessions of the query as <c>s</c>, from behind the opening bracket on.</summary>
    private static Sql Sessions(JsonElement query)
    {
        List<Sql> conditions = [new Sql("c.session_id IS NOT NULL"), .. Times(query, required: true), .. Inner(query)];
        string search = Search(query);
        if (search.Length > 0)
        {
            conditions.Add(new Sql("(").Add(TextMatch.For("c.session_id", "contains", search)).Add(") OR (").Add(TextMatch.For("c.session_name", "contains", search)).Add(")"));
        }

        if (QueryBody.Text(query, "nameEquals") is { } name)
        {
            conditions.Add(TextMatch.For("c.session_name", "equals", name));
        }

        return new Sql(SessionColumns + " FROM call c")
            .AddConditions(" WHERE ", conditions)
            .Add(" GROUP BY c.session_id) s")
            .AddConditions(" WHERE ", Outer(query));
    }

    /// <summary>Indicates whether a query asks for a span of time and nothing else.</summary>
    private static bool IsPlain(JsonElement query) => Search(query).Length == 0 && QueryBody.Text(query, "nameEquals") is null && Filter(query).Count == 0;

    /// <summary>
    /// A page of sessions without a look at every call: from session to session along the index, to the first call of each in the span; and only
    /// what is on the page is added up.
    /// </summary>
    private static Sql Youngest(JsonElement query, long limit, long offset)
    {
        (long start, long end) = Span(query) ?? throw new QueryRefusedException("timeFilter is missing.", 400);
        return new Sql("""
            WITH RECURSIVE ids (id) AS (
              SELECT min(session_id) FROM call WHERE session_id IS NOT NULL
              UNION ALL
              SELECT (SELECT min(c.session_id) FROM call c WHERE c.session_id > ids.id) FROM ids WHERE ids.id IS NOT NULL),
            firsts (id, first) AS MATERIALIZED (
              SELECT ids.id, (SELECT min(c.created_at) FROM call c WHERE c.session_id = ids.id AND c.created_at BETWEEN ? AND ?) FROM ids WHERE ids.id IS NOT NULL),
            page (id, first) AS MATERIALIZED (
              SELECT id, first FROM firsts WHERE first IS NOT NULL ORDER BY first DESC, id LIMIT ? OFFSET ?)
            """, start, end, limit, offset)
            .Add(" " + SessionColumns)
            .Add(" FROM page CROSS JOIN call c ON c.session_id = page.id AND c.created_at BETWEEN ? AND ? GROUP BY page.first, page.id ORDER BY page.first DESC, page.id", start, end);
    }

    private static string Search(JsonElement query) => QueryBody.Text(query, "search") ?? throw new QueryRefusedException("search is missing.", 400);

    private static void Write(Utf8JsonWriter json, Statement row)
    {
        json.WriteStartObject();
        json.WriteString("session_id"u8, row.Bytes(0));
        json.WriteString("session_name"u8, row.Bytes(1));
        json.WriteString("created_at"u8, QueryTimes.Format(row.Number(2)));
        json.WriteString("latest_request_created_at"u8, QueryTimes.Format(row.Number(3)));
        ApiAnswer.WriteMoney(json, "total_cost"u8, row, 4);
        json.WriteNumber("total_requests"u8, row.Number(5));
        json.WriteNumber("unpriced_requests"u8, row.Number(11));
        json.WriteNumber("prompt_tokens"u8, row.Number(6));
        json.WriteNumber("completion_tokens"u8, row.Number(7));
        json.WriteNumber("total_tokens"u8, row.Number(8));
        json.WriteNumber("avg_latency"u8, row.Real(9));
        json.WritePropertyName("user_ids"u8);
        json.WriteRawValue(row.Bytes(10), skipInputValidation: true);
        json.WriteEndObject();
    }

    private static IEnumerable<Sql> Times(JsonElement query, bool required)
    {
        return Span(query) is { } times ? [new Sql("c.created_at BETWEEN ? AND ?", times.Start, times.End)] : required ? throw new QueryRefusedException("timeFilter is missing.", 400) : [];
    }

    private static (long Start, long End)? Span(JsonElement query) => QueryBody.TimeSpan(query, "startTimeUnixMs", "endTimeUnixMs", 1);

    private static IEnumerable<Sql> Inner(JsonElement query) => Filter(query).Where(c => !c.Tables.Contains(Table)).Select(c => c.Sql);

    private static IEnumerable<Sql> Outer(JsonElement query) => Filter(query).Where(c => c.Tables.Contains(Table)).Select(c => c.Sql);

    private static IReadOnlyList<FilterCondition> Filter(JsonElement query)
    {
        IReadOnlyList<FilterCondition> conditions = FilterTree.Read(QueryBody.Optional(query, "filter"), s_tables);
        return conditions.Any(c => c.Tables.Contains(Table) && c.Tables.Count > 1)
            ? throw new QueryRefusedException($"Conditions on {Table} can be combined with conditions on other tables with \"and\" only.")
            : conditions;
    }
}
