using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Helicone.LocalGateway.Query;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Page;

/// <summary>What the form above the requests asks for. It lives in the address, so it can be kept and shared on this machine.</summary>
internal sealed class PageFilter
{
    private PageFilter()
    {
    }

    public string Session { get; private init; } = string.Empty;

    public string User { get; private init; } = string.Empty;

    public string Model { get; private init; } = string.Empty;

    /// <summary><c>name=value</c>.</summary>
    public string Property { get; private init; } = string.Empty;

    /// <summary>A number, <c>ok</c> or <c>failed</c>.</summary>
    public string Status { get; private init; } = string.Empty;

    public string Since { get; private init; } = string.Empty;

    public string Until { get; private init; } = string.Empty;

    /// <summary>The problem of the filter. In this case, nothing is shown, because everything would look like a result.</summary>
    public string? Problem { get; private set; }

    /// <summary>Which statuses are wanted, where that is more than one.</summary>
    public Func<long, bool>? IsWantedStatus { get; private set; }

    /// <summary>What must hold for the call.</summary>
    public List<Sql> Conditions { get; } = [];

    /// <summary>Those of them along which a search can go.</summary>
    public List<CallLead> Leads { get; } = [];

    /// <summary>The condition for the time, on <c>c.created_at</c>.</summary>
    public List<Sql> Times { get; } = [];

    public bool IsEmpty => Query().Length == 0;

    public static PageFilter Read(IQueryCollection query, PageTimes times)
    {
        PageFilter filter = new()
        {
            Session = Value("session"),
            User = Value("user"),
            Model = Value("model"),
            Property = Value("property"),
            Status = Value("status"),
            Since = Value("since"),
            Until = Value("until"),
        };
        filter.Build(times);
        return filter;

        string Value(string name) => query[name].ToString().Trim();
    }

    /// <summary>The query of an address with this filter, starting with the question mark; empty for an empty filter.</summary>
    public string Query(string? name = null, string? value = null)
    {
        StringBuilder query = new();
        foreach ((string key, string text) in (ReadOnlySpan<(string, string)>)[("session", Session), ("user", User), ("model", Model), ("property", Property), ("status", Status), ("since", Since), ("until", Until), (name ?? string.Empty, value ?? string.Empty)])
        {
            if (text.Length > 0)
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(key).Append('=').Append(Uri.EscapeDataString(text));
            }
        }

        return query.ToString();
    }

    private void Build(PageTimes times)
    {
        Equation("session_id", "call_by_session", Session);
        Equation("user_id", "call_by_user", User);
        Equation("model", "call_by_model", Model);
        AddStatus();
        AddProperty();
        AddTime(times, Since, "c.created_at >= ?", "since");
        AddTime(times, Until, "c.created_at <= ?", "until");
    }

    private void Equation(string column, string index, object value)
    {
        if (value is not "")
        {
            Sql equation = new($"c.{column} = ?", value);
            Conditions.Add(equation);
            Leads.Add(CallLead.OfCall(index, equation));
        }
    }

    private void AddStatus()
    {
        switch (Status)
        {
            case "":
                break;
            case "ok":
                IsWantedStatus = Shown.IsGood;
                break;
            case "failed":
                IsWantedStatus = static status => !Shown.IsGood(status);
                break;
            default:
                if (long.TryParse(Status, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
                {
                    Equation("status", "call_by_status", number);
                }
                else
                {
                    Problem = $"“{Shown.Line(Status, 40)}” isn't a valid status. Use ok, failed, or a number such as 429.";
                }

                break;
        }
    }

    private void AddProperty()
    {
        if (Property.Length == 0)
        {
            return;
        }

        int split = Property.IndexOf('=', StringComparison.Ordinal);
        if (split <= 0)
        {
            Problem = $"“{Shown.Line(Property, 40)}” isn't a valid property. Write name=value.";
            return;
        }

        string key = Property[..split].Trim().ToLowerInvariant();
        string value = Property[(split + 1)..].Trim();
        Conditions.Add(new Sql("EXISTS (SELECT 1 FROM property k WHERE k.call_id = c.id AND k.key = ? AND k.value = ?)", key, value));
        Leads.Add(CallLead.OfProperty(key, value));
    }

    private void AddTime(PageTimes times, string text, string condition, string name)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (times.TryParse(text, out long time))
        {
            Times.Add(new Sql(condition, time));
        }
        else
        {
            Problem = $"“{Shown.Line(text, 40)}” isn't a valid time for “{name}”. Use 30m, 24h, 7d, or a date such as 2026-01-31 18:00.";
        }
    }
}
