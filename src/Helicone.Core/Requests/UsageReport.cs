using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Helicone.Requests;

/// <summary>Adds up calls of the log, all together or by what they have in common.</summary>
public sealed class UsageReport
{
    private const string DayFormat = "yyyy-MM-dd";
    private const string None = "(none)";

    private readonly Dictionary<string, UsageSum> _groups = new(StringComparer.Ordinal);
    private readonly Func<LoggedRequest, string?>? _group;
    private readonly UsageClock _clock;
    private readonly bool _isAscii;
    private readonly bool _isByDay;
    private UsageSum? _unnamed;

    /// <summary>Creates a report.</summary>
    /// <param name="since">The beginning of the time span, in local time.</param>
    /// <param name="until">The end of the time span, in local time.</param>
    /// <param name="by">What to group by: <c>Model</c>, <c>User</c>, <c>Property</c>, or <c>Day</c>; <see langword="null"/> for one sum.</param>
    /// <param name="propertyName">The property to group by.</param>
    /// <param name="isAscii">Indicates whether trends are written in ASCII, for a terminal without UTF-8.</param>
    /// <exception cref="ArgumentException">The end is before the beginning, or the grouping isn't one of these.</exception>
    public UsageReport(DateTime since, DateTime until, string? by, string? propertyName, bool isAscii)
    {
        if (until < since)
        {
            throw new ArgumentException(string.Format(CultureInfo.InvariantCulture, "The end of the time span, {0:yyyy-MM-dd HH:mm}, is before its beginning, {1:yyyy-MM-dd HH:mm}.", until, since), nameof(until));
        }

        _clock = new UsageClock(since, until);
        _isAscii = isAscii;
        _isByDay = "Day".Equals(by, StringComparison.OrdinalIgnoreCase);
        _group = by?.ToUpperInvariant() switch
        {
            null => null,
            "MODEL" => static request => request.Model,
            "USER" => static request => request.UserId,
            "PROPERTY" => request => request.Properties.TryGetValue(propertyName ?? string.Empty, out string? value) ? value : null,
            "DAY" => static request => Day(request.Created),
            _ => throw new ArgumentException($"'{by}' isn't Model, User, Property, or Day.", nameof(by)),
        };
        for (DateTime day = since.Date; _isByDay && day <= until.Date; day = day.AddDays(1))
        {
            // A day without calls is a fact as well.
            _groups.Add(Day(day), new UsageSum(ClockOf(day)));
        }
    }

    /// <summary>The number of calls so far.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a call.</summary>
    public void Add(LoggedRequest request)
    {
        if (request is null)
        {
            throw new ArgumentNullException(nameof(request));
        }

        Count++;
        string? name = _group?.Invoke(request);
        if (name is null)
        {
            (_unnamed ??= new UsageSum(_clock)).Add(request);
            return;
        }

        if (!_groups.TryGetValue(name, out UsageSum? sum))
        {
            _groups.Add(name, sum = new UsageSum(_isByDay ? ClockOf(request.Created.Date) : _clock));
        }

        sum.Add(request);
    }

    /// <summary>The sums: days in their order, and other groups sorted by cost, highest first. Without groups, one sum, even of no calls.</summary>
    public IReadOnlyList<LoggedUsage> ToUsage()
    {
        if (_group is null)
        {
            return [(_unnamed ?? new UsageSum(_clock)).ToUsage("All requests", null, _isAscii)];
        }

        List<LoggedUsage> groups = [.. _groups.Select(group => group.Value.ToUsage(TerminalText.ShowLine(group.Key), group.Key, _isAscii))];
        if (_unnamed is not null)
        {
            groups.Add(_unnamed.ToUsage(None, null, _isAscii));
        }

        return _isByDay
            ? [.. groups.OrderBy(static group => group.Group, StringComparer.Ordinal)]
            : [.. groups.OrderByDescending(static group => group.Cost ?? 0).ThenByDescending(static group => group.Requests).ThenBy(static group => group.Group, StringComparer.OrdinalIgnoreCase)];
    }

    private static string Day(DateTime time) => time.ToString(DayFormat, CultureInfo.InvariantCulture);

    private static UsageClock ClockOf(DateTime day) => new(day, day.AddDays(1));
}
