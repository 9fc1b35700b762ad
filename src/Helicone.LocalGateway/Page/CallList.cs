using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Query;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Page;

/// <summary>A page of calls, the youngest first. It begins at a call, not at an offset: what comes in meanwhile shifts nothing.</summary>
/// <param name="Calls">Those of the page.</param>
/// <param name="HasOlder">Whether there are more behind them.</param>
/// <param name="HasNewer">Whether there are more before them.</param>
internal sealed record CallList(IReadOnlyList<CallSummary> Calls, bool HasOlder, bool HasNewer)
{
    public const int PageSize = 50;

    // A longer one takes too long to look into for a line of a list.
    private const long LongestBody = 64 * 1024;

    public static CallList Read(SqliteConnection connection, PageFilter filter, string? before, string? after)
    {
        (long Time, long Number)? start = ParseKey(before ?? after);
        bool goesUp = before is null && start is not null;
        List<CallSummary> calls = [];
        using (Statement row = Select(filter, start, goesUp).Prepare(connection))
        {
            while (row.Next())
            {
                calls.Add(CallSummary.Read(row));
            }
        }

        bool isMore = calls.Count > PageSize;
        if (isMore)
        {
            calls.RemoveAt(PageSize);
        }

        if (goesUp)
        {
            calls.Reverse();
        }

        using Statement body = new(connection, "SELECT request FROM body WHERE call_id = ? AND length(request) <= ?");
        return new CallList(
            [.. calls.Select(c => c with { Prompt = Prompt(body, c.Number) })],
            HasOlder: goesUp || isMore,
            HasNewer: goesUp ? isMore : start is not null);
    }

    /// <summary>The models that the log knows: one step through the index for each.</summary>
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

    private static Sql Select(PageFilter filter, (long Time, long Number)? start, bool goesUp)
    {
        // A property leads only where nothing narrower does: its index has the time too, so the youngest are found at once.
        bool propertyLeads = filter.PropertyPair is not null && filter.Session.Length == 0 && filter.User.Length == 0;
        string time = propertyLeads ? "k.created_at" : "c.created_at";
        string number = propertyLeads ? "k.call_id" : "c.id";
        List<Sql> conditions = [.. filter.Conditions, .. filter.Times.Select(t => t.About("c.created_at", time))];
        Sql sql = new($"SELECT {CallSummary.Columns} FROM ");
        if (filter.PropertyPair is { } property)
        {
            (string text, string source) = propertyLeads
                ? ("k.key = ? AND k.value = ?", "property k CROSS JOIN call c ON c.id = k.call_id")
                : ("EXISTS (SELECT 1 FROM property k WHERE k.call_id = c.id AND k.key = ? AND k.value = ?)", "call c");
            sql.Add(source);
            conditions.Insert(0, new Sql(text, property.Key, property.Value));
        }
        else
        {
            sql.Add("call c");
        }

        if (start is { } key)
        {
            conditions.Add(new Sql($"({time}, {number}) {(goesUp ? ">" : "<")} (?, ?)", key.Time, key.Number));
        }

        string direction = goesUp ? "ASC" : "DESC";
        return sql.AddConditions(" WHERE ", conditions).Add($" ORDER BY {time} {direction}, {number} {direction} LIMIT ?", PageSize + 1L);
    }

    private static string? Prompt(Statement body, long call)
    {
        string? prompt = body.Begin().Bind(call).Bind(LongestBody).Next() && !body.IsNull(0) ? Conversation.LastPrompt(body.Bytes(0).ToArray()) : null;
        body.Reset();
        return prompt;
    }
}
