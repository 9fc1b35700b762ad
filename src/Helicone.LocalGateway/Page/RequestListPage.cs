using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Log;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Page;

/// <summary><c>/</c>: requests as they come in.</summary>
internal sealed class RequestListPage(RequestLog log, PageTimes times, Func<LogOptions> retention)
{
    public async Task<Markup> ShowAsync(IQueryCollection query, CancellationToken cancellationToken)
    {
        PageFilter filter = PageFilter.Read(query, times);
        string? before = query["before"];
        string? after = query["after"];
        (CallList list, List<string> models) = await log.ReadAsync(
            connection => (filter.Problem is null ? CallList.Read(connection, filter, before, after) : new CallList([]), CallList.Models(connection)),
            cancellationToken);

        // Only the newest page updates; the others don't change.
        bool isLive = filter.Problem is null && list.Newer is null;
        return PageFrame.Around("Requests", "Requests", Content(filter, list, models, isLive), times.Zone);
    }

    /// <summary>Where a call is looked at.</summary>
    public static string Address(CallSummary call) => $"/requests/{call.Id}";

    private Markup Content(PageFilter filter, CallList list, List<string> models, bool isLive)
    {
        Markup page = new();
        page.Add($"<div class=\"head\"><h1>Requests</h1><div id=\"live\" class=\"live dim\" role=\"status\"></div></div>");
        page.Add($"{Form(filter, models)}");
        if (filter.Problem is { } problem)
        {
            return page.Add($"<p class=\"problem\" role=\"alert\">{problem}</p>");
        }

        page.Add($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Requests, newest first\"><table class=\"rows\"><caption class=\"unseen\">Requests, newest first</caption>");
        page.Add($"<thead><tr><th scope=\"col\">Time</th><th scope=\"col\">Status</th><th scope=\"col\">Model</th><th scope=\"col\">Prompt</th><th scope=\"col\">Session</th><th scope=\"col\">User</th><th scope=\"col\" class=\"n\">Tokens</th><th scope=\"col\" class=\"n\">Cost</th><th scope=\"col\" class=\"n\">Latency</th></tr></thead>");
        page.Add($"<tbody id=\"rows\"{(isLive ? Live : new Markup())}>");
        foreach (CallSummary call in list.Calls)
        {
            page.Add($"{Row(call)}");
        }

        page.Add($"</tbody></table></div>");
        if (list.LookedTo is { } time)
        {
            page.Add($"<p class=\"omitted\">{Shown.Count(CallSearch.MaxScannedCalls)} calls were searched, back to {times.Mark(time)}. The next page continues from there.</p>");
        }
        else if (list.Calls.Count == 0)
        {
            page.Add($"<p id=\"empty\" class=\"empty\">{(filter.IsEmpty ? "There are no requests yet. New requests appear here automatically." : "No requests match this filter.")}</p>");
        }

        return page.Add($"{Paging(filter, list)}<p class=\"dim\">{retention().ToString()}</p>");
    }

    private static Markup Form(PageFilter filter, List<string> models)
    {
        Markup form = new();
        form.Add($"<form class=\"filter\" method=\"get\" action=\"/\" role=\"search\" aria-label=\"Filter requests\">");
        form.Add($"<div><label for=\"f-model\">Model</label><input id=\"f-model\" name=\"model\" list=\"models\" value=\"{filter.Model}\" autocomplete=\"off\"><datalist id=\"models\">");
        foreach (string model in models)
        {
            form.Add($"<option value=\"{model}\"></option>");
        }

        form.Add($"</datalist></div>");
        form.Add($"<div><label for=\"f-status\">Status</label><input id=\"f-status\" name=\"status\" list=\"statuses\" value=\"{filter.Status}\" autocomplete=\"off\" size=\"8\"><datalist id=\"statuses\"><option value=\"ok\"></option><option value=\"failed\"></option><option value=\"429\"></option></datalist></div>");
        form.Add($"{Field("session", "Session", filter.Session, "id")}{Field("user", "User", filter.User, "id")}{Field("property", "Property", filter.Property, "name=value")}{Field("since", "Since", filter.Since, "24h or a date")}{Field("until", "Until", filter.Until, "1h or a date")}");
        form.Add($"<div class=\"buttons\"><button type=\"submit\">Filter</button>");
        if (!filter.IsEmpty)
        {
            form.Add($"<a class=\"button quiet\" href=\"/\">Clear</a>");
        }

        return form.Add($"</div></form>");
    }

    private static Markup Field(string name, string label, string value, string hint) =>
        new Markup().Add($"<div><label for=\"f-{name}\">{label}</label><input id=\"f-{name}\" name=\"{name}\" value=\"{value}\" placeholder=\"{hint}\" autocomplete=\"off\" spellcheck=\"false\"></div>");

    private Markup Row(CallSummary call)
    {
        string prompt = call.Prompt is { } text ? Shown.Line(text, 90) : string.Empty;
        Markup row = new();
        row.Add($"<tr id=\"r-{call.Id.ToString()}\"><th scope=\"row\"><a href=\"{Address(call)}\">{times.Mark(call.CreatedAt, "MM-dd HH:mm:ss")}</a></th><td>{Shown.StatusMark(call.Status)}</td>");
        row.Add($"<td><bdi>{Shown.Line(call.Model, 48)}</bdi>{(call.IsCached ? Cached : new Markup())}</td><td class=\"prompt\"><bdi>{prompt}</bdi></td><td>");
        if (call.SessionId is { } session)
        {
            row.Add($"<a href=\"{SessionListPage.Address(session)}\"><bdi>{Shown.Line(call.SessionName ?? session, 28)}</bdi></a>");
            if (call.SessionPath is { } path)
            {
                row.Add($" <bdi class=\"dim\">{Shown.Line(path, 32)}</bdi>");
            }
        }

        row.Add($"</td><td><bdi>{(call.UserId is { } user ? Shown.Line(user, 24) : null)}</bdi></td>");
        return row.Add($"<td class=\"n\">{Shown.Count(call.PromptTokens)} → {Shown.Count(call.CompletionTokens)}</td><td class=\"n\">{Shown.Cost(call.Cost)}</td><td class=\"n\">{Shown.Duration(call.LatencyMs)}</td></tr>\n");
    }

    private static Markup Paging(PageFilter filter, CallList list)
    {
        if (list.Newer is null && list.Older is null)
        {
            return new Markup();
        }

        Markup paging = new Markup().Add($"<nav class=\"paging\" aria-label=\"Pages of the list\">");
        if (list.Newer is { } newer)
        {
            paging.Add($"<a class=\"button quiet\" href=\"/{filter.Query()}\">Newest</a>");
            paging.Add($"<a class=\"button quiet\" rel=\"prev\" href=\"/{filter.Query("after", newer)}\">Newer</a>");
        }

        if (list.Older is { } older)
        {
            paging.Add($"<a class=\"button quiet\" rel=\"next\" href=\"/{filter.Query("before", older)}\">Older</a>");
        }

        return paging.Add($"</nav>");
    }

    private static Markup Cached => new Markup().Add($" <span class=\"tag\">cached</span>");

    private static Markup Live => new Markup().Add($" data-live=\"{CallList.PageSize}\"");
}
