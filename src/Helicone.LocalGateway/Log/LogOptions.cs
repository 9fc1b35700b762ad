using System;
using System.Globalization;

namespace Helicone.LocalGateway.Log;

/// <summary>How long calls are kept, and in which form. Beyond either limit the oldest are deleted.</summary>
internal sealed record LogOptions
{
    /// <summary>In gateway.json: no limit.</summary>
    public const string None = "none";

    /// <summary>What applies unless gateway.json names other limits: 90 days, and 2 GB, with bodies compressed after a day.</summary>
    public static LogOptions Default { get; } = new() { MaxAge = TimeSpan.FromDays(90), MaxBytes = 2L * 1024 * 1024 * 1024, CompressAfter = TimeSpan.FromDays(1) };

    /// <summary>Calls older than this are deleted.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>When the log takes more than this many bytes, its oldest calls are deleted.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>The bodies of calls older than this are compressed.</summary>
    public TimeSpan? CompressAfter { get; init; }

    /// <summary>The age as gateway.json writes it, such as <c>90d</c>.</summary>
    public string AgeText => MaxAge switch
    {
        null => None,
        { TotalDays: >= 1 } age => Text(age.TotalDays, "d"),
        { TotalHours: >= 1 } age => Text(age.TotalHours, "h"),
        { TotalMinutes: >= 1 } age => Text(age.TotalMinutes, "m"),
        { } age => Text(age.TotalSeconds, "s"),
    };

    /// <summary>The size as gateway.json writes it, such as <c>2GB</c>.</summary>
    public string SizeText => MaxBytes switch
    {
        null => None,
        >= 1L << 40 => Text(MaxBytes.Value / (double)(1L << 40), "TB"),
        >= 1L << 30 => Text(MaxBytes.Value / (double)(1L << 30), "GB"),
        >= 1L << 20 => Text(MaxBytes.Value / (double)(1L << 20), "MB"),
        _ => Text(MaxBytes.Value / 1024.0, "KB"),
    };

    /// <summary>The sentence on the page.</summary>
    public override string ToString() => (MaxAge, MaxBytes) switch
    {
        (null, null) => "The log keeps every call.",
        (not null, null) => $"The log keeps calls for {AgeText}.",
        (null, not null) => $"The log keeps calls up to a total size of {SizeText}.",
        _ => $"The log keeps calls for {AgeText}, up to a total size of {SizeText}.",
    };

    private static string Text(double number, string unit) => number.ToString("0.##", CultureInfo.InvariantCulture) + unit;
}
