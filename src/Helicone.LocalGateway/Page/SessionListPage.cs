using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Log;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Page;

/// <summary><c>/sessions</c>: the latest used first.</summary>
internal sealed class SessionListPage(RequestLog log, PageTimes times)
{
    private const int PageSize = 50;

    // How many calls one page looks at for sessions: a page is quick, however few sessions there are among them.
    private const long MostCalls = 20_000;

    public static string Address(string session) => "/sessions/" + Uri.EscapeDataString(session);

    public async Task<Markup> ShowAsync(string? before, CancellationToken cancellationToken)
    {
        (List<SessionSummary> sessions, long? next) = await log.ReadAsync(connection => Read(connection, CallList.ParseKey(before)?.Time ?? long.MaxValue), cancellationToken);
        Markup page = new Markup().Add($"<h1>Sessions</h1><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Sessions, most recently used first\"><table class=\"rows\"><caption class=\"unseen\">Sessions, most recently used first</caption>");
        page.Add($"<thead><tr><th scope=\"col\">Session</th><th scope=\"col\">Last call</th><th scope=\"col\" class=\"n\">Took</th><th scope=\"col\" class=\"n\">Calls</th><th scope=\"col\" class=\"n\">Failed</th><th scope=\"col\" class=\"n\">Tokens</th><th scope=\"col\" class=\"n\">Cost</th></tr></thead><tbody>");
        foreach (SessionSummary session in sessions)
        {
            page.Add($"<tr><th scope=\"row\"><a href=\"{Address(session.Id)}\"><bdi>{Shown.Line(session.Name ?? session.Id, 60)}</bdi></a> <bdi class=\"dim\">{(session.Name is null ? null : Shown.Line(session.Id, 40))}</bdi></th>");
            page.Add($"<td>{times.Mark(session.LastAt, "MM-dd HH:mm:ss")}</td><td class=\"n\">{Shown.Duration(session.EndAt - session.FirstAt)}</td><td class=\"n\">{Shown.Count(session.Calls)}</td><td class=\"n\">{Shown.Count(session.Failed)}</td><td class=\"n\">{Shown.Count(session.Tokens)}</td><td class=\"n\">{Shown.Spend(session.Cost, session.Unpriced)}</td></tr>");
        }

        page.Add($"</tbody></table></div>");
        if (sessions.Count == 0)
        {
            page.Add($"<p class=\"empty\">{(next is null ? "There are no sessions yet. " : "None of the searched calls was in a session. ")}<code>New-HeliconeSession</code> creates one.</p>");
        }

        if (next is { } older)
        {
            page.Add($"<nav class=\"paging\" aria-label=\"Pages of the list\"><a class=\"button quiet\" rel=\"next\" href=\"/sessions?before={older}-0\">Older</a></nav>");
        }

        return PageFrame.Around("Sessions", "Sessions", page, times.Zone);
    }

    /// <summary>Walks back in time from call to call, and adds up each session met for the first time.</summary>
    private static (List<SessionSummary> Sessions, long? Next) Read(SqliteConnection connection, long before)
    {
        List<SessionSummary> sessions = [];
        HashSet<string> met = [];
        long? last = null;
        long looked = 0;
        using Statement row = new(connection, "SELECT c.session_id, c.created_at FROM call c WHERE c.created_at < ? ORDER BY c.created_at DESC LIMIT ?");
        using Statement sum = new(connection, """
            SELECT max(c.created_at), min(c.created_at), max(c.created_at + c.latency_ms), max(c.session_name), count(*),
              count(*) FILTER (WHERE c.status NOT BETWEEN 200 AND 399), ifnull(sum(c.total_tokens), 0), total(c.cost), sum(c.unpriced)
            FROM call c WHERE c.session_id = ?
            """);
        row.Begin().Bind(before).Bind(MostCalls);
        while (sessions.Count < PageSize && row.Next())
        {
            looked++;
            last = row.Number(1);
            if (row.IsNull(0) || row.Text(0) is not { } id || !met.Add(id))
            {
                continue;
            }

            sum.Begin().Bind(id).Next();

            // A session that continued later is on an earlier page.
            if (sum.Number(0) < before)
            {
                sessions.Add(new SessionSummary(id, sum.IsNull(3) ? null : sum.Text(3), sum.Number(1), sum.Number(0), sum.Number(2), sum.Number(4), sum.Number(5), sum.Number(6), sum.Real(7), sum.Number(8)));
            }

            sum.Reset();
        }

        row.Reset();
        return (sessions, looked == MostCalls || sessions.Count == PageSize ? last : null);
    }
}
