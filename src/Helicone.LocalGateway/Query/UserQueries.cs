using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Requests;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Query;

/// <summary><c>/v1/user</c>: what the calls for an end user add up to.</summary>
internal sealed class UserQueries(RequestLog log)
{
    private const string Table = "users_view";
    private const int MostRows = 1000;
    private const int MostIds = 1000;
    private const long Day = 24 * 60 * 60 * 1000;

    private static readonly Dictionary<string, IReadOnlyDictionary<string, FilterField>> s_tables = new(RequestFields.Tables)
    {
        [Table] = new Dictionary<string, FilterField>(StringComparer.Ordinal)
        {
            ["user_user_id"] = FilterField.Text("u.user_id"),
            ["user_active_for"] = FilterField.Number("u.active_for"),
            ["user_first_active"] = FilterField.Time("u.first_active"),
            ["user_last_active"] = FilterField.Time("u.last_active"),
            ["user_total_requests"] = FilterField.Number("u.requests"),
            ["user_average_requests_per_day_active"] = FilterField.Number("u.requests_per_day"),
            ["user_average_tokens_per_request"] = FilterField.Number("u.tokens_per_request"),
            ["user_total_completion_tokens"] = FilterField.Number("u.completion_tokens"),
            ["user_total_prompt_tokens"] = FilterField.Number("u.prompt_tokens"),
            ["user_cost"] = FilterField.Number("u.cost"),
        },
    };

    /// <summary>The users with a call in a span of time; in seconds here, where sessions have milliseconds.</summary>
    public Task<PooledBuffer> QueryAsync(JsonElement query, CancellationToken cancellationToken)
    {
        Sql sql = new Sql("SELECT p.user_id, CASE WHEN total(p.cost) = 0 AND sum(p.unpriced) > 0 THEN NULL ELSE total(p.cost) END, sum(p.prompt_tokens), sum(p.completion_tokens), sum(p.calls), sum(p.unpriced) FROM (").Add(AddedUp(query)).Add(") p");
        if (QueryBody.Optional(query, "userIds") is { } ids)
        {
            sql.Add(" WHERE ").Add(Among(ids));
        }

        sql.Add(" GROUP BY p.user_id ORDER BY p.user_id");
        return log.ReadAsync(
            connection => ApiAnswer.Data(json =>
            {
                using Statement row = sql.Prepare(connection);
                json.WriteStartArray();
                while (row.Next())
                {
                    json.WriteStartObject();
                    json.WriteString("user_id"u8, row.Bytes(0));
                    ApiAnswer.WriteMoney(json, "cost"u8, row, 1);
                    json.WriteNumber("prompt_tokens"u8, row.Number(2));
                    json.WriteNumber("completion_tokens"u8, row.Number(3));
                    json.WriteNumber("count"u8, row.Number(4));
                    json.WriteNumber("unpriced_requests"u8, row.Number(5));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }),
            cancellationToken);
    }

    /// <summary>A page of users with what they did.</summary>
    public Task<PooledBuffer> MetricsAsync(JsonElement query, CancellationToken cancellationToken)
    {
        long limit = QueryBody.Whole(query, "limit") ?? throw new QueryRefusedException("limit is missing.", 400);
        long offset = QueryBody.Whole(query, "offset") ?? throw new QueryRefusedException("offset is missing.", 400);
        if (limit is < 0 or > MostRows || offset < 0)
        {
            throw new QueryRefusedException(offset < 0 ? "invalid offset" : "invalid limit");
        }

        Sql count = new Sql("SELECT count(*) FROM (").Add(Users(query));
        Sql page = new Sql("SELECT u.* FROM (").Add(Users(query)).Add(Sort(query)).Add(", u.user_id LIMIT ? OFFSET ?", limit, offset);
        return log.ReadAsync(connection => ApiAnswer.Data(json => WriteMetrics(json, connection, count, page)), cancellationToken);
    }

    /// <summary>How many users cost how much, and made how many calls.</summary>
    public Task<PooledBuffer> OverviewAsync(JsonElement query, CancellationToken cancellationToken)
    {
        string percentile = QueryBody.Text(query, "pSize") ?? "p99";
        bool interquartile = QueryBody.Boolean(query, "useInterquartile") ?? false;
        Sql sql = new Sql("SELECT u.cost, u.requests FROM (").Add(Users(query));
        return log.ReadAsync(
            connection =>
            {
                List<double> costs = [];
                List<double> requests = [];
                using (Statement row = sql.Prepare(connection))
                {
                    while (row.Next())
                    {
                        if (!row.IsNull(0))
                        {
                            costs.Add(row.Real(0));
                        }

                        requests.Add(row.Real(1));
                    }
                }

                return ApiAnswer.Data(json =>
                {
                    json.WriteStartObject();
                    json.WritePropertyName("user_cost"u8);
                    Histogram.Write(json, costs, percentile, interquartile);
                    json.WritePropertyName("request_count"u8);
                    Histogram.Write(json, requests, percentile, interquartile);
                    json.WriteEndObject();
                });
            },
            cancellationToken);
    }

    private static void WriteMetrics(Utf8JsonWriter json, SqliteConnection connection, Sql count, Sql page)
    {
        json.WriteStartObject();
        using (Statement number = count.Prepare(connection))
        {
            number.Next();
            json.WriteBoolean("hasUsers"u8, number.Number(0) > 0);
            json.WriteNumber("count"u8, number.Number(0));
        }

        using Statement row = page.Prepare(connection);
        json.WriteStartArray("users"u8);
        while (row.Next())
        {
            json.WriteStartObject();
            json.WriteString("id"u8, row.Bytes(0));
            json.WriteString("user_id"u8, row.Bytes(0));
            json.WriteString("first_active"u8, QueryTimes.Format(row.Number(1)));
            json.WriteString("last_active"u8, QueryTimes.Format(row.Number(2)));
            json.WriteNumber("active_for"u8, row.Number(3));
            json.WriteNumber("total_requests"u8, row.Number(4));
            json.WriteNumber("average_requests_per_day_active"u8, row.Real(5));
            json.WriteNumber("average_tokens_per_request"u8, row.Real(6));
            json.WriteNumber("total_prompt_tokens"u8, row.Number(7));
            json.WriteNumber("total_completion_tokens"u8, row.Number(8));
            ApiAnswer.WriteMoney(json, "cost"u8, row, 9);
            json.WriteNumber("unpriced_requests"u8, row.Number(10));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The users of the query as <c>u</c>, from behind the opening bracket on.</summary>
    private static Sql Users(JsonElement query)
    {
        IReadOnlyList<FilterCondition> filter = FilterTree.Read(QueryBody.Optional(query, "filter"), s_tables);
        if (filter.Any(c => c.Tables.Contains(Table) && c.Tables.Count > 1))
        {
            throw new QueryRefusedException($"Conditions on {Table} can be combined with conditions on other tables with \"and\" only.");
        }

        // Only what isn't in the totals is read from the calls themselves.
        List<Sql> ofCalls = [.. filter.Where(c => !c.Tables.Contains(Table)).Select(c => c.Sql)];
        Sql parts = ofCalls.Count == 0 ? AddedUp(query) : OfCalls([.. Times(query), .. ofCalls]);
        return new Sql($"""
            SELECT p.user_id, min(p.first_at) AS first_active, max(p.last_at) AS last_active, count(DISTINCT p.first_at / {Day}) AS active_for,
              sum(p.calls) AS requests, CAST(sum(p.calls) AS REAL) / count(DISTINCT p.first_at / {Day}) AS requests_per_day,
              total(p.total_tokens) / sum(p.calls) AS tokens_per_request, sum(p.prompt_tokens) AS prompt_tokens,
              sum(p.completion_tokens) AS completion_tokens, CASE WHEN total(p.cost) = 0 AND sum(p.unpriced) > 0 THEN NULL ELSE total(p.cost) END AS cost, sum(p.unpriced) AS unpriced
            FROM (
            """)
            .Add(parts)
            .Add(") p GROUP BY p.user_id) u")
            .AddConditions(" WHERE ", filter.Where(c => c.Tables.Contains(Table)).Select(c => c.Sql));
    }

    /// <summary>What users have in a span of time: whole hours as they were added up, and the calls before and behind those.</summary>
    private static Sql AddedUp(JsonElement query)
    {
        const string Hours = "SELECT user_id, first_at, last_at, calls, prompt_tokens, completion_tokens, total_tokens, cost, unpriced FROM user_hour";
        if (Span(query) is not { } span)
        {
            return new Sql(Hours);
        }

        // Rounded up, and down: no hour is taken of which a part lies outside.
        long first = (span.Start / LogTransaction.UserSlot) + (span.Start % LogTransaction.UserSlot > 0 ? 1 : 0);
        long end = ((span.End + 1) / LogTransaction.UserSlot) - ((span.End + 1) % LogTransaction.UserSlot < 0 ? 1 : 0);
        return first >= end
            ? OfCalls([new Sql("c.created_at BETWEEN ? AND ?", span.Start, span.End)])
            : new Sql(Hours + " WHERE hour >= ? AND hour < ? UNION ALL ", first, end)
                .Add(OfCalls([new Sql("c.created_at >= ? AND c.created_at < ?", span.Start, first * LogTransaction.UserSlot)]))
                .Add(" UNION ALL ")
                .Add(OfCalls([new Sql("c.created_at >= ? AND c.created_at <= ?", end * LogTransaction.UserSlot, span.End)]));
    }

    private static Sql OfCalls(IEnumerable<Sql> conditions) => new Sql("""
        SELECT c.user_id, c.created_at AS first_at, c.created_at AS last_at, 1 AS calls, ifnull(c.prompt_tokens, 0) AS prompt_tokens,
          ifnull(c.completion_tokens, 0) AS completion_tokens, ifnull(c.total_tokens, 0) AS total_tokens, c.cost, c.unpriced
        FROM call c
        """).AddConditions(" WHERE ", [new Sql("c.user_id IS NOT NULL"), .. conditions]);

    private static string Sort(JsonElement query)
    {
        if (QueryBody.Optional(query, "sort") is not { ValueKind: JsonValueKind.Object } sort || !sort.EnumerateObject().Any())
        {
            return " ORDER BY u.last_active DESC";
        }

        JsonProperty key = sort.EnumerateObject().First();
        string column = key.Name switch
        {
            "id" or "user_id" => "u.user_id",
            "active_for" => "u.active_for",
            "first_active" => "u.first_active",
            "last_active" => "u.last_active",
            "total_requests" => "u.requests",
            "average_requests_per_day_active" => "u.requests_per_day",
            "average_tokens_per_request" => "u.tokens_per_request",
            "total_prompt_tokens" => "u.prompt_tokens",
            "total_completion_tokens" => "u.completion_tokens",
            "cost" => "u.cost",
            _ => throw new QueryRefusedException($"The local gateway cannot sort users by '{key.Name}'."),
        };
        return $" ORDER BY {column} {RequestSort.Direction(key.Value)}";
    }

    private static IEnumerable<Sql> Times(JsonElement query) => Span(query) is { } times
        ? [new Sql("c.created_at BETWEEN ? AND ?", times.Start, times.End)]
        : [];

    private static (long Start, long End)? Span(JsonElement query) => QueryBody.TimeSpan(query, "startTimeUnixSeconds", "endTimeUnixSeconds", 1000);

    private static Sql Among(JsonElement ids)
    {
        if (ids.ValueKind != JsonValueKind.Array || ids.GetArrayLength() > MostIds)
        {
            throw new QueryRefusedException($"userIds is a list of up to {MostIds} ids.", 400);
        }

        string[] users = [.. ids.EnumerateArray().Select(FilterField.StringOf)];
        return new Sql($"p.user_id IN ({string.Join(',', users.Select(_ => "?"))})", users);
    }
}
