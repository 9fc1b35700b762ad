using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Requests;

namespace Helicone.LocalGateway.Query;

/// <summary>Changes of a session: feedback and a tag.</summary>
internal sealed class SessionChanges(RequestLog log)
{
    private const int LongestTag = 1000;

    /// <summary>Feedback on a session is a property of its first call, as on the cloud (jawn SessionManager.updateSessionFeedback).</summary>
    public async Task SetFeedbackAsync(string sessionId, JsonElement body)
    {
        bool rating = QueryBody.Boolean(body, "rating") ?? throw new QueryRefusedException("rating is missing.", 400);
        bool found = await log.ChangeAsync(session =>
        {
            if (session.Prepare("SELECT id FROM call WHERE session_id = ? ORDER BY created_at, id LIMIT 1").Bind(sessionId).Run() is not { } call)
            {
                return false;
            }

            RequestChanges.SetProperty(session, call, "Helicone-Session-Feedback", rating ? "1" : "0");
            return true;
        });
        if (!found)
        {
            throw new QueryRefusedException("No request found", 404);
        }
    }

    public Task SetTagAsync(string sessionId, JsonElement body)
    {
        string tag = QueryBody.Text(body, "tag") ?? throw new QueryRefusedException("tag is missing.", 400);
        if (tag.Length > LongestTag)
        {
            throw new QueryRefusedException($"A tag has up to {LongestTag} characters.", 400);
        }

        return log.ChangeAsync(session => session
            .Prepare("INSERT INTO session_tag (session_id, tag) VALUES (?, ?) ON CONFLICT DO UPDATE SET tag = excluded.tag")
            .Bind(sessionId)
            .Bind(tag)
            .Run());
    }

    /// <summary>The tag; null where nobody gave one.</summary>
    public Task<PooledBuffer> GetTagAsync(string sessionId, CancellationToken cancellationToken) => log.ReadAsync(
        connection =>
        {
            using Statement row = new Sql("SELECT tag FROM session_tag WHERE session_id = ?", sessionId).Prepare(connection);
            return row.Next() ? ApiAnswer.Data(json => json.WriteStringValue(row.Bytes(0))) : ApiAnswer.Nothing();
        },
        cancellationToken);
}
