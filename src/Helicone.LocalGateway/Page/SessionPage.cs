using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Query;

namespace Helicone.LocalGateway.Page;

/// <summary><c>/sessions/{id}</c>: what happened along the paths of a session, and when.</summary>
internal sealed class SessionPage(RequestLog log, PageTimes times)
{
    private const int MostCalls = 500;

    /// <summary>The page; <see langword="null"/> when the log doesn't contain the session.</summary>
    public async Task<Markup?> ShowAsync(string session, string? after, CancellationToken cancellationToken)
    {
        (long Time, long Number) start = CallList.ParseKey(after) ?? (0, 0);
        List<CallSummary> calls = await log.ReadAsync(
            connection =>
            {
                using Statement row = new Sql($"SELECT {CallSummary.Columns} FROM call c WHERE c.session_id = ? AND (c.created_at, c.id) > (?, ?) ORDER BY c.created_at, c.id LIMIT ?", session, start.Time, start.Number, MostCalls + 1L).Prepare(connection);
                List<CallSummary> found = [];
                while (row.Next())
                {
                    found.Add(CallSummary.Read(row));
                }

                return found;
            },
            cancellationToken);
        if (calls.Count == 0)
        {
            return null;
        }

        bool isMore = calls.Count > MostCalls;
        if (isMore)
        {
            calls.RemoveAt(MostCalls);
        }

        string name = calls.Select(c => c.SessionName).FirstOrDefault(n => n is not null) ?? session;
        return PageFrame.Around("Session " + Shown.Line(name, 60), "Sessions", Content(session, name, calls, isMore, after is not null), times.Zone);
    }

    private Markup Content(string session, string name, List<CallSummary> calls, bool isMore, bool isLater)
    {
        SessionNode root = SessionNode.Of(calls);
        long start = root.Start;
        long span = Math.Max(root.End - start, 1);
        Markup page = new();
        page.Add($"<p class=\"crumbs\"><a href=\"/sessions\">Sessions</a></p><h1><bdi>{Shown.Line(name, 80)}</bdi></h1><p class=\"dim\"><bdi>{Shown.Line(session, 120)}</bdi> · <a href=\"/?session={Uri.EscapeDataString(session)}\">its requests</a></p>");
        page.Add($"<dl class=\"tiles\"><div><dt>Began</dt><dd>{times.Mark(start, "MM-dd HH:mm:ss")}</dd></div><div><dt>Took</dt><dd>{Shown.Duration(span)}</dd></div><div><dt>Calls</dt><dd>{Shown.Count(calls.Count)}</dd></div><div><dt>Failed</dt><dd>{calls.Count(c => !Shown.IsGood(c.Status))}</dd></div><div><dt>Cost</dt><dd>{Spend(calls)}</dd></div></dl>");
        if (isMore || isLater)
        {
            page.Add($"<p class=\"omitted\">{(isLater ? "These are later calls of the session" : "These are the first calls of the session")}, {calls.Count} of them.</p>");
        }

        page.Add($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Waterfall\"><table class=\"rows waterfall\"><caption class=\"unseen\">The calls of the session by path, in the order of time</caption>");
        page.Add($"<thead><tr><th scope=\"col\">Path</th><th scope=\"col\">Status</th><th scope=\"col\" class=\"time\">0 – {Shown.Duration(span)}</th><th scope=\"col\" class=\"n\">Started after</th><th scope=\"col\" class=\"n\">Took</th><th scope=\"col\" class=\"n\">Cost</th></tr></thead><tbody>");
        AddNode(page, root, start, span);
        page.Add($"</tbody></table></div>");
        if (isMore)
        {
            page.Add($"<nav class=\"paging\" aria-label=\"More calls\"><a class=\"button quiet\" rel=\"next\" href=\"{SessionListPage.Address(session)}?after={calls[^1].Key}\">Later calls</a></nav>");
        }

        return page;
    }

    private static string Spend(List<CallSummary> calls) => Shown.Spend(calls.Sum(c => c.Cost ?? 0), calls.Count(c => c.IsUnpriced));

    private static void AddNode(Markup page, SessionNode node, long start, long span)
    {
        if (node.Depth > 0)
        {
            List<CallSummary> all = [.. node.AllCalls];
            int failed = all.Count(c => !Shown.IsGood(c.Status));
            page.Add($"<tr class=\"step\" data-path=\"{node.Path}\"><th scope=\"row\" class=\"in{Math.Min(node.Depth, 12)}\"><span class=\"unseen\">Level {node.Depth}: </span><bdi>/{Shown.Line(node.Name, 40)}</bdi> <span class=\"dim\">{(all.Count == 1 ? "1 call" : $"{all.Count} calls")}</span></th>");
            page.Add($"<td>{(failed > 0 ? new Markup().Add($"<span class=\"status bad\">{failed} failed</span>") : new Markup())}</td><td class=\"time\">{Bar(node.Start - start, node.End - node.Start, span, "step")}</td>");
            page.Add($"<td class=\"n\">{Shown.Duration(node.Start - start)}</td><td class=\"n\">{Shown.Duration(node.End - node.Start)}</td><td class=\"n\">{Spend(all)}</td></tr>\n");
        }

        // In the order of time, whether it is a call or a step.
        foreach ((CallSummary? call, SessionNode? below) in node.Calls.Select(c => (Call: (CallSummary?)c, Below: (SessionNode?)null))
            .Concat(node.Below.Select(b => (Call: (CallSummary?)null, Below: (SessionNode?)b)))
            .OrderBy(x => x.Call?.CreatedAt ?? x.Below!.Start))
        {
            if (below is not null)
            {
                AddNode(page, below, start, span);
                continue;
            }

            page.Add($"<tr><th scope=\"row\" class=\"in{Math.Min(node.Depth + 1, 12)}\"><a href=\"{RequestListPage.Address(call!)}\"><bdi>{Shown.Line(call!.Model.Length > 0 ? call.Model : "request", 40)}</bdi></a></th><td>{Shown.StatusMark(call.Status)}</td>");
            page.Add($"<td class=\"time\">{Bar(call.CreatedAt - start, call.LatencyMs, span, Shown.IsGood(call.Status) ? "good" : "bad")}</td><td class=\"n\">{Shown.Duration(call.CreatedAt - start)}</td><td class=\"n\">{Shown.Duration(call.LatencyMs)}</td><td class=\"n\">{Shown.Cost(call.Cost)}</td></tr>\n");
        }
    }

    /// <summary>A picture of the values in the columns next to it.</summary>
    private static Markup Bar(long offset, long length, long span, string kind)
    {
        double x = Math.Clamp(1000.0 * offset / span, 0, 996);
        double width = Math.Clamp(1000.0 * length / span, 4, 1000 - x);
        return new Markup().Add($"<svg class=\"bar\" viewBox=\"0 0 1000 16\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\"><rect class=\"track\" x=\"0\" y=\"0\" width=\"1000\" height=\"16\"/><rect class=\"{kind}\" x=\"{x}\" y=\"{(kind == "step" ? 6 : 2)}\" width=\"{width}\" height=\"{(kind == "step" ? 4 : 12)}\"/></svg>");
    }
}
