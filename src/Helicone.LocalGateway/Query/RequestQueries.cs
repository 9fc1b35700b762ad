using System;
using System.Collections.Generic;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Requests;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Query;

/// <summary><c>/v1/request</c>: the calls themselves.</summary>
internal sealed class RequestQueries(RequestLog log)
{
    private const int MostIds = 1000;

    /// <summary>A page of calls.</summary>
    public Task<PooledBuffer> QueryAsync(JsonElement query, Func<Guid, string> bodyUrl, CancellationToken cancellationToken)
    {
        RequestSelection selection = new(query);
        return log.ReadAsync(connection => WriteRows(connection, Ids(connection, selection), bodyUrl), cancellationToken);
    }

    /// <summary>The number of calls.</summary>
    public Task<PooledBuffer> CountAsync(JsonElement query, CancellationToken cancellationToken)
    {
        RequestSelection selection = new(query);
        return log.ReadAsync(
            connection =>
            {
                using Statement statement = selection.Count(connection).Prepare(connection);
                statement.Next();
                long count = statement.Number(0);
                return ApiAnswer.Data(json => json.WriteNumberValue(count));
            },
            cancellationToken);
    }

    /// <summary>Those of the wanted calls that there are.</summary>
    public Task<PooledBuffer> QueryIdsAsync(JsonElement query, Func<Guid, string> bodyUrl, CancellationToken cancellationToken)
    {
        List<Guid> wanted = [];
        JsonElement ids = QueryBody.Required(query, "requestIds");
        if (ids.ValueKind != JsonValueKind.Array || ids.GetArrayLength() > MostIds)
        {
            throw new QueryRefusedException($"requestIds is a list of up to {MostIds} ids.", 400);
        }

        foreach (JsonElement id in ids.EnumerateArray())
        {
            if (id.ValueKind == JsonValueKind.String && Guid.TryParse(id.GetString(), out Guid guid))
            {
                wanted.Add(guid);
            }
        }

        return log.ReadAsync(
            connection =>
            {
                List<long> calls = [];
                foreach (Guid id in wanted)
                {
                    if (Find(connection, id) is { } call)
                    {
                        calls.Add(call);
                    }
                }

                return WriteRows(connection, calls, bodyUrl);
            },
            cancellationToken);
    }

    /// <summary>One call.</summary>
    /// <exception cref="QueryRefusedException">404.</exception>
    public Task<PooledBuffer> GetAsync(string requestId, bool includesBody, Func<Guid, string> bodyUrl, CancellationToken cancellationToken) => log.ReadAsync(
        connection =>
        {
            long call = Guid.TryParse(requestId, out Guid id) && Find(connection, id) is { } found ? found : throw NotFound(requestId);
            using RequestRows rows = new(connection, includesBody, bodyUrl);
            return ApiAnswer.Data(json => rows.Write(json, call));
        },
        cancellationToken);

    /// <summary>The bodies of one call, as <c>{"request":…,"response":…}</c>.</summary>
    /// <exception cref="QueryRefusedException">404.</exception>
    public Task<PooledBuffer> GetBodiesAsync(Guid requestId, CancellationToken cancellationToken) => log.ReadAsync(
        connection =>
        {
            long call = Find(connection, requestId) ?? throw NotFound(requestId.ToString());
            PooledBuffer buffer = new(4096);
            using Utf8JsonWriter json = new(buffer, GatewayJson.WriterOptions);
            RequestRows.WriteBodies(connection, json, call);
            return buffer;
        },
        cancellationToken);

    internal static QueryRefusedException NotFound(string requestId) => new($"There is no request '{(requestId.Length <= 64 ? requestId : requestId[..64])}' in the log.", 404);

    private static long? Find(SqliteConnection connection, Guid id)
    {
        using Statement statement = new Sql("SELECT id FROM call WHERE request_id = ?", id.ToByteArray(bigEndian: true)).Prepare(connection);
        return statement.Next() ? statement.Number(0) : null;
    }

    private static List<long> Ids(SqliteConnection connection, RequestSelection selection)
    {
        List<long> ids = [];
        using Statement statement = selection.Ids(connection).Prepare(connection);
        while (statement.Next())
        {
            ids.Add(statement.Number(0));
        }

        return ids;
    }

    private static PooledBuffer WriteRows(SqliteConnection connection, List<long> calls, Func<Guid, string> bodyUrl)
    {
        using RequestRows rows = new(connection, includesBody: false, bodyUrl);
        return ApiAnswer.Data(json =>
        {
            json.WriteStartArray();
            foreach (long call in calls)
            {
                rows.Write(json, call);
            }

            json.WriteEndArray();
        });
    }
}
