using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Helicone.LocalGateway.Log;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Page;

/// <summary>A page of calls, newest first. It begins at a call, not at an offset: what comes in meanwhile shifts nothing.</summary>
/// <param name="Calls">Those of the page.</param>
/// <param name="Older">Where the next page begins; <see langword="null"/> when there is none.</param>
/// <param name="Newer">Where the one before begins.</param>
/// <param name="LookedTo">The time of the last call that was looked at, when the search ended before the page was full.</param>
internal sealed record CallList(IReadOnlyList<CallSummary> Calls, string? Older = null, string? Newer = null, long? LookedTo = null)
{
    public const int PageSize = 50;

    // A longer one takes too long to look into for a line of a list.
    private const long LongestBody = 64 * 1024;

    public static CallList Read(SqliteConnection connection, PageFilter filter, string? before, string? after)
    {
        (long Time, long Number)? start = ParseKey(before ?? after);
        bool goesUp = before is null && start is not null;
        CallSearch search = new(connection, filter);
        List<CallSummary> calls = search.Find(start, goesUp, PageSize + 1);
        string? end = search.Ended is { } ended ? CallSummary.KeyOf(ended.Time, ended.Number) : null;
        if (calls.Count > PageSize)
        {
            calls.RemoveAt(PageSize);
            end = calls[^1].Key;
        }

        if (goesUp)
        {
            calls.Reverse();
        }

        using Statement body = new(connection, $"SELECT request FROM body WHERE call_id = ? AND {StoredBody.LengthSql("request")} <= ?");
        string? youngest = calls.Count > 0 ? calls[0].Key : before ?? after;
        string? oldest = calls.Count > 0 ? calls[^1].Key : after;
        return new CallList(
            [.. calls.Select(c => c with { Prompt = Prompt(body, c.Number) })],
            Older: goesUp ? oldest : end,
            Newer: goesUp ? end : start is null ? null : youngest,
            LookedTo: search.Ended?.Time);
    }

    /// <summary>The models in the log: one step through the index for each.</summary>
    public static List<string> Models(SqliteConnection connection)
    {
        const int Most = 100;
        List<string> models = [];
        using Statement next = new(connection, "SELECT min(model) FROM call WHERE model > ?");
        string last = string.Empty;
        while (models.Count < Most && next.Begin().Bind(last).Next() && !next.IsNull(0))
        {
            last = next.Text(0);
            models.Add(last);
        }

        next.Reset();
        return models;
    }

    /// <summary>Reads <see cref="CallSummary.Key"/>.</summary>
    public static (long Time, long Number)? ParseKey(string? key)
    {
        string[] parts = key?.Split('-') ?? [];
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long time) && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? (time, number)
            : null;
    }

    private static string? Prompt(Statement body, long call)
    {
        string? prompt = body.Begin().Bind(call).Bind(LongestBody).Next() && !body.IsNull(0) ? Conversation.LastPrompt(StoredBody.Restore(body.Bytes(0)).ToArray()) : null;
        body.Reset();
        return prompt;
    }
}
