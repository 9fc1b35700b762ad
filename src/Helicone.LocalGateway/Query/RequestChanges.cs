using System;
using System.Collections.Generic;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Log;

namespace Helicone.LocalGateway.Query;

/// <summary>Changes of a call after it has ended: feedback, properties, scores.</summary>
internal sealed class RequestChanges(RequestLog log, TimeProvider time)
{
    public Task SetFeedbackAsync(string requestId, JsonElement body)
    {
        bool rating = QueryBody.Boolean(body, "rating") ?? throw new QueryRefusedException("rating is missing.", 400);
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return ChangeAsync(requestId, (session, call) => session.Prepare("UPDATE call SET feedback = ?, feedback_at = ? WHERE id = ?").Bind(rating ? 1 : 0).Bind(now).Bind(call).Run());
    }

    public Task SetPropertyAsync(string requestId, JsonElement body)
    {
        string name = QueryBody.Text(body, "key") is { Length: > 0 } key ? key : throw new QueryRefusedException("key is missing.", 400);
        string value = QueryBody.Text(body, "value") ?? throw new QueryRefusedException("value is missing.", 400);
        return ChangeAsync(requestId, (session, call) => SetProperty(session, call, name, value));
    }

    public Task AddScoresAsync(string requestId, JsonElement body)
    {
        List<(string Name, double Value)> scores = [];
        foreach (JsonProperty score in FilterField.Members(QueryBody.Required(body, "scores")))
        {
            scores.Add((score.Name, score.Value.ValueKind switch
            {
                JsonValueKind.Number when double.IsFinite(score.Value.GetDouble()) => score.Value.GetDouble(),
                JsonValueKind.True => 1,
                JsonValueKind.False => 0,
                _ => throw new QueryRefusedException($"The score '{score.Name}' is a number, or true or false.", 400),
            }));
        }

        return ChangeAsync(requestId, (session, call) =>
        {
            foreach ((string name, double value) in scores)
            {
                session.Prepare("INSERT INTO score (call_id, name, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value").Bind(call).Bind(name).Bind((double?)value).Run();
            }
        });
    }

    internal static void SetProperty(LogTransaction session, long call, string name, string value)
    {
        string key = name.ToLowerInvariant();
        if (RequestFields.SessionColumn(key) is { } column)
        {
            session.Prepare($"UPDATE call SET {column} = ? WHERE id = ?").Bind(value).Bind(call).Run();
            return;
        }

        session.Prepare("""
            INSERT INTO property (call_id, key, name, value, created_at) SELECT id, ?, ?, ?, created_at FROM call WHERE id = ?
            ON CONFLICT DO UPDATE SET name = excluded.name, value = excluded.value
            """).Bind(key).Bind(name).Bind(value).Bind(call).Run();
    }

    private async Task ChangeAsync(string requestId, Action<LogTransaction, long> change)
    {
        bool found = Guid.TryParse(requestId, out Guid id) && await log.ChangeAsync(session =>
        {
            if (session.Find(id) is not { } call)
            {
                return false;
            }

            change(session, call);
            return true;
        });
        if (!found)
        {
            throw RequestQueries.NotFound(requestId);
        }
    }
}
