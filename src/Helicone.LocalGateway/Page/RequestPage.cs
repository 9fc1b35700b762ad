using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Log;

namespace Helicone.LocalGateway.Page;

/// <summary><c>/requests/{id}</c>: the conversation as it was, and what is known of the call.</summary>
internal sealed class RequestPage(RequestLog log, PageTimes times)
{
    private const int LongestText = 20_000;
    private const int LongestBody = 50_000;
    private const int MostMessages = 200;

    // Beyond this a conversation is not looked for: the page would take seconds and help nobody.
    private const int LargestConversation = 4 * 1024 * 1024;

    /// <summary>The page; <see langword="null"/> when the call doesn't exist.</summary>
    public async Task<Markup?> ShowAsync(Guid id, CancellationToken cancellationToken) =>
        await log.ReadAsync(connection => CallDetail.Read(connection, id), cancellationToken) is { } detail
            ? PageFrame.Around("Request " + id.ToString()[..8], "Requests", Content(detail), times.Zone)
            : null;

    /// <summary>A body alone; <see langword="null"/> when there is none.</summary>
    public async Task<byte[]?> BodyAsync(Guid id, bool isRequest, CancellationToken cancellationToken) =>
        await log.ReadAsync(connection => CallDetail.Read(connection, id), cancellationToken) is { } detail ? isRequest ? detail.Request : detail.Response : null;

    private Markup Content(CallDetail detail)
    {
        CallSummary call = detail.Call;
        Markup page = new();
        page.Add($"<p class=\"crumbs\"><a href=\"/\">Requests</a></p><div class=\"head\"><h1><bdi>{Shown.Line(call.Model.Length > 0 ? call.Model : "Request", 60)}</bdi></h1>{Shown.StatusMark(call.Status)}</div>");
        page.Add($"<div class=\"two\"><section aria-labelledby=\"conversation\"><h2 id=\"conversation\">Conversation</h2>");
        AddMessages(page, call.Id, detail.Request, isRequest: true);
        AddMessages(page, call.Id, detail.Response, isRequest: false);
        AddAttempts(page, detail);
        page.Add($"<h2>Bodies</h2>");
        AddBody(page, call.Id, detail.Request, isRequest: true);
        AddBody(page, call.Id, detail.Response, isRequest: false);
        page.Add($"</section><aside aria-label=\"Facts\">{Facts(detail)}</aside></div>");
        return page;
    }

    private static string BodyAddress(Guid id, bool isRequest) => $"/requests/{id}/{(isRequest ? "request" : "response")}";

    private static void AddMessages(Markup page, Guid id, byte[]? body, bool isRequest)
    {
        if (body is null)
        {
            page.Add($"<p class=\"omitted\">{(isRequest ? "The request" : "The answer")} is not in the log: it had none, or was omitted as its sender asked.</p>");
            return;
        }

        if (body.Length > LargestConversation)
        {
            page.Add($"<p class=\"omitted\">{(isRequest ? "The request" : "The answer")} is {Shown.Bytes(body.Length)} long: too much for a page. <a href=\"{BodyAddress(id, isRequest)}\">Open as text</a></p>");
            return;
        }

        List<Message> messages = isRequest ? Conversation.OfRequest(body) : Conversation.OfAnswer(body);
        if (messages.Count == 0)
        {
            page.Add($"<p class=\"omitted\">There is no conversation in {(isRequest ? "the request" : "the answer")}; its body is below.</p>");
        }

        for (int i = 0; i < Math.Min(messages.Count, MostMessages); i++)
        {
            Add(page, messages[i], BodyAddress(id, isRequest), isRequest);
        }

        if (messages.Count > MostMessages)
        {
            page.Add($"<p class=\"omitted\">{messages.Count - MostMessages} more messages. <a href=\"{BodyAddress(id, isRequest)}\">Open all as text</a></p>");
        }
    }

    private static void Add(Markup page, Message message, string whole, bool isRequest)
    {
        string kind = message.IsError ? "error" : message.Role is "user" or "assistant" or "system" or "developer" or "tool" ? message.Role : "other";
        page.Add($"<article class=\"message {kind}{(isRequest ? "" : " answer")}\"><header><h3><bdi>{Shown.Line(message.Role, 40)}</bdi></h3>");
        if (message.Note is { Length: > 0 } note)
        {
            page.Add($"<bdi class=\"dim\">{Shown.Line(note, 60)}</bdi>");
        }

        if (!isRequest && !message.IsError)
        {
            page.Add($"<span class=\"tag\">answer</span>");
        }

        page.Add($"</header>");
        foreach (string reasoning in message.Reasoning)
        {
            page.Add($"<details class=\"reasoning\" open><summary>Reasoning</summary>{Text(reasoning, LongestText, whole)}</details>");
        }

        foreach (string text in message.Texts)
        {
            page.Add($"{Text(text, LongestText, whole)}");
        }

        foreach ((string name, string arguments) in message.ToolCalls)
        {
            page.Add($"<div class=\"tool-call\"><p><span class=\"tag\">tool call</span> <strong><bdi>{Shown.Line(name, 80)}</bdi></strong></p>{Text(arguments, LongestText, whole)}</div>");
        }

        if (message.FinishReason is { } reason)
        {
            page.Add($"<p class=\"dim\">finish reason: <bdi>{Shown.Line(reason, 40)}</bdi></p>");
        }

        page.Add($"</article>");
    }

    /// <summary>The providers that failed before the answer, with their messages. Empty when the first one answered.</summary>
    private static void AddAttempts(Markup page, CallDetail detail)
    {
        if (detail.FailedAttempts.Count == 0)
        {
            return;
        }

        page.Add($"<h2 id=\"attempts\">Attempts</h2><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"attempts\"><table class=\"rows attempts\"><thead><tr><th scope=\"col\" class=\"n\">No.</th><th scope=\"col\">Asked</th><th scope=\"col\">Status</th><th scope=\"col\" class=\"n\">Took</th><th scope=\"col\">Result</th></tr></thead><tbody>");
        foreach (FailedAttempt attempt in detail.FailedAttempts)
        {
            page.Add($"<tr><th scope=\"row\" class=\"n\">{attempt.Number}</th><td><bdi>{Shown.Line(attempt.Source, 80)}</bdi></td><td>{Shown.StatusMark(attempt.Status)}</td><td class=\"n\">{Shown.Duration(attempt.Latency.TotalMilliseconds)}</td><td class=\"said\"><span class=\"dim\">{attempt.Type}</span> <bdi>{(attempt.Message is { } message ? Shown.Line(message, 500) : null)}</bdi></td></tr>");
        }

        // The last one asked has answered, or the answer broke off: then it is the call itself.
        if (detail.Attempts > detail.FailedAttempts[^1].Number)
        {
            page.Add($"<tr><th scope=\"row\" class=\"n\">{detail.Attempts}</th><td><bdi>{Shown.Line(detail.Call.Provider ?? string.Empty, 80)}</bdi></td><td>{Shown.StatusMark(detail.Call.Status)}</td><td></td><td class=\"said\">{(Shown.IsGood(detail.Call.Status) ? "answered" : "the answer above")}</td></tr>");
        }

        page.Add($"</tbody></table></div>");
    }

    private static void AddBody(Markup page, Guid id, byte[]? body, bool isRequest)
    {
        if (body is null)
        {
            return;
        }

        page.Add($"<details class=\"body\"><summary>{(isRequest ? "Request" : "Answer")} <span class=\"dim\">{Shown.Bytes(body.Length)}</span></summary>");
        page.Add($"<p><a href=\"{BodyAddress(id, isRequest)}\">Open as text</a></p>");
        if (body.Length <= LargestConversation)
        {
            page.Add($"{Text(Conversation.Pretty(body), LongestBody, BodyAddress(id, isRequest))}");
        }

        page.Add($"</details>");
    }

    private static Markup Text(string text, int most, string whole)
    {
        Markup shown = new();
        string start = Shown.Start(text, most);
        shown.Add($"<pre dir=\"auto\">{Shown.Text(start)}</pre>");
        if (start.Length < text.Length)
        {
            shown.Add($"<p class=\"omitted\">{Shown.Count(text.Length - start.Length)} more characters. <a href=\"{whole}\">Open the whole text</a></p>");
        }

        return shown;
    }

    private Markup Facts(CallDetail detail)
    {
        CallSummary call = detail.Call;
        Markup facts = new Markup().Add($"<h2>Facts</h2><dl class=\"facts card\">");
        Fact(facts, "Time", times.Mark(call.CreatedAt));
        Fact(facts, "Model asked", detail.RequestedModel);
        Fact(facts, "Model served", detail.ServedModel);
        Fact(facts, "Counted as", detail.ModelOverride);
        Fact(facts, "Provider", call.Provider);
        Fact(facts, "Attempts", detail.Attempts.ToString(CultureInfo.InvariantCulture));
        Fact(facts, "Latency", Shown.Duration(call.LatencyMs));
        Fact(facts, "First token", detail.TimeToFirstToken is { } first ? Shown.Duration(first) : null);
        Fact(facts, "Tokens", $"{Shown.Count(call.PromptTokens)} → {Shown.Count(call.CompletionTokens)}{(detail.IsImplausible ? " (capped: the provider reported counts that no call can have)" : null)}");
        Fact(facts, "Reasoning tokens", Count(detail.ReasoningTokens));
        Fact(facts, "Read from the provider's cache", Count(detail.CacheReadTokens));
        Fact(facts, "Written to the provider's cache", Count(detail.CacheWriteTokens));
        Fact(facts, "Cost", Shown.Cost(call.Cost));
        if (detail.CacheReference is { } reference)
        {
            Fact(facts, "Cache", Guid.TryParse(reference, out Guid source)
                ? new Markup().Add($"HIT, the answer of <a href=\"/requests/{source.ToString()}\">{source.ToString()[..8]}</a>")
                : new Markup().Add($"HIT"));
        }
        else
        {
            Fact(facts, "Cache", detail.CacheEnabled ? "MISS" : "off");
        }

        if (call.SessionId is { } session)
        {
            Fact(facts, "Session", new Markup().Add($"<a href=\"{SessionListPage.Address(session)}\"><bdi>{Shown.Line(call.SessionName ?? session, 60)}</bdi></a>"));
            Fact(facts, "Session path", call.SessionPath);
        }

        if (call.UserId is { } user)
        {
            Fact(facts, "User", new Markup().Add($"<a href=\"/?user={Uri.EscapeDataString(user)}\"><bdi>{Shown.Line(user, 60)}</bdi></a>"));
        }

        Fact(facts, "Path", detail.Path);
        Fact(facts, "Provider's address", detail.TargetUrl?.Split('?')[0]);
        Fact(facts, "Feedback", detail.Feedback switch { true => "good", false => "bad", null => null });
        Fact(facts, "Id", call.Id.ToString());
        facts.Add($"</dl>");
        if (detail.Properties.Count > 0)
        {
            facts.Add($"<h2>Properties</h2><dl class=\"facts card\">");
            foreach ((string name, string value) in detail.Properties)
            {
                facts.Add($"<dt><bdi>{Shown.Line(name, 60)}</bdi></dt><dd><a href=\"/?property={Uri.EscapeDataString(name + "=" + value)}\"><bdi>{Shown.Line(value, 200)}</bdi></a></dd>");
            }

            facts.Add($"</dl>");
        }

        if (detail.Scores.Count > 0)
        {
            facts.Add($"<h2>Scores</h2><dl class=\"facts card\">");
            foreach ((string name, double value) in detail.Scores)
            {
                facts.Add($"<dt><bdi>{Shown.Line(name, 60)}</bdi></dt><dd>{value}</dd>");
            }

            facts.Add($"</dl>");
        }

        return facts;
    }

    private static string? Count(long? number) => number is > 0 ? Shown.Count(number) : null;

    private static void Fact(Markup facts, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            facts.Add($"<dt>{name}</dt><dd><bdi>{Shown.Line(value, 300)}</bdi></dd>");
        }
    }

    private static void Fact(Markup facts, string name, Markup value) => facts.Add($"<dt>{name}</dt><dd>{value}</dd>");
}
