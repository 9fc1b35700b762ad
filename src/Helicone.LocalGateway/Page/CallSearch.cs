using System.Collections.Generic;
using System.Linq;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Query;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Page;

/// <summary>
/// Finds the calls of a page: along the condition that the fewest calls meet, with a look at each for the others, and no more looks than
/// a person has patience for. SQLite can't determine which of two conditions is rarer, and would sometimes read the whole log.
/// </summary>
internal sealed class CallSearch
{
    /// <summary>How many calls a page looks at. What it has not found by then, the next one looks for.</summary>
    public const int MaxScannedCalls = 50_000;

    // To find out which condition is the rarer nobody counts further: what fewer calls meet is looked at in one page.
    private const long Few = MaxScannedCalls;

    private readonly SqliteConnection _connection;
    private readonly PageFilter _filter;
    private readonly List<long>? _statuses;

    public CallSearch(SqliteConnection connection, PageFilter filter)
    {
        _connection = connection;
        _filter = filter;
        _statuses = filter.IsWantedStatus is { } isWanted ? [.. Statuses().Where(isWanted)] : null;
    }

    /// <summary>The place of the last call that was looked at, when the search ended before the log did.</summary>
    public (long Time, long Number)? Ended { get; private set; }

    /// <summary>Up to so many calls from a place on.</summary>
    public List<CallSummary> Find((long Time, long Number)? start, bool goesUp, int most)
    {
        List<CallSummary> calls = [];
        if (_statuses is { Count: 0 })
        {
            return calls;
        }

        using Statement walk = Lead().Walk(_filter, start, goesUp, MaxScannedCalls).Prepare(_connection);
        using Statement look = Look().Prepare(_connection);
        int looks = 0;
        (long Time, long Number) place = default;
        while (calls.Count < most && walk.Next())
        {
            place = (walk.Number(0), walk.Number(1));
            looks++;
            if (look.Begin().Bind(place.Number).Next())
            {
                calls.Add(CallSummary.Read(look));
            }
        }

        look.Reset();
        Ended = calls.Count < most && looks == MaxScannedCalls ? place : null;
        return calls;
    }

    private CallLead Lead()
    {
        List<CallLead> leads = [.. _filter.Leads];
        if (_statuses is { } statuses)
        {
            leads.Add(CallLead.OfCall("call_by_status", AmongStatuses(statuses), isSorted: false));
        }

        if (leads is [{ IsSorted: true } only])
        {
            return only;
        }

        (CallLead Lead, long Count)[] counted = [.. leads.Select(l => (l, Count(l))).Where(l => l.l.IsSorted || l.Item2 < Few)];
        return counted.Length > 0 ? counted.MinBy(l => l.Count).Lead : CallLead.All;
    }

    private long Count(CallLead lead)
    {
        using Statement count = lead.CountUpTo(_filter, Few).Prepare(_connection);
        return count.Next() ? count.Number(0) : 0;
    }

    /// <summary>The call of a number, if all conditions hold for it.</summary>
    private Sql Look()
    {
        List<Sql> conditions = [new Sql("c.id = ?", 0L), .. _filter.Conditions];
        if (_statuses is { } statuses)
        {
            conditions.Add(AmongStatuses(statuses));
        }

        return new Sql($"SELECT {CallSummary.Columns} FROM call c").AddConditions(" WHERE ", conditions);
    }

    private static Sql AmongStatuses(List<long> statuses) => new($"c.status IN ({string.Join(',', statuses.Select(_ => "?"))})", [.. statuses.Cast<object>()]);

    /// <summary>The statuses in the log: one step through the index for each.</summary>
    private List<long> Statuses()
    {
        // A provider may invent its own; more than these nobody has seen.
        const int Most = 1000;
        List<long> statuses = [];
        using Statement next = new(_connection, "SELECT min(status) FROM call WHERE status > ?");
        long last = long.MinValue;
        while (statuses.Count < Most && next.Begin().Bind(last).Next() && !next.IsNull(0))
        {
            last = next.Number(0);
            statuses.Add(last);
        }

        next.Reset();
        return statuses;
    }
}
