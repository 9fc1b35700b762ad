using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using Helicone.Attribution;

namespace Helicone.Transformation;

/// <summary>A rate limit as people pass it: its text, a hashtable, or the name of one that the connection defines.</summary>
internal static class RateLimitArgument
{
    private static readonly string[] s_parts = ["Quota", "Window", "Unit", "Segment"];

    /// <exception cref="FormatException">It cannot be read; Helicone would let every call pass.</exception>
    public static RateLimitPolicy From(object value, IReadOnlyDictionary<string, RateLimitPolicy> named)
    {
        switch (PlainValue.Unwrap(value))
        {
            case RateLimitPolicy policy:
                return policy;
            case IDictionary parts:
                return FromParts(parts);
            case string text when named.TryGetValue(text, out RateLimitPolicy? policy):
                return policy;
            case string text when text.IndexOf(';') >= 0:
                return RateLimitPolicy.Parse(text);
            case string text:
                string known = named.Count == 0 ? "The connection defines none." : "The connection defines: " + string.Join(", ", named.Keys) + ".";
                throw new FormatException($"'{text}' is neither a rate limit policy such as '100;w=3600' nor the name of one. {known} Connect-Helicone -RateLimitPolicy @{{ '{text}' = '100;w=3600' }} defines it.");
            case object other:
                throw new FormatException($"A {other.GetType().Name} is not a rate limit policy.");
            default:
                throw new FormatException("The rate limit policy is null.");
        }
    }

    /// <summary>The policies of <c>Connect-Helicone -RateLimitPolicy</c> by name.</summary>
    /// <exception cref="FormatException">One of them cannot be read.</exception>
    public static Dictionary<string, RateLimitPolicy> Named(IDictionary policies)
    {
        Dictionary<string, RateLimitPolicy> named = new(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in policies)
        {
            named[entry.Key.ToString()!] = From(entry.Value!, named);
        }

        return named;
    }

    private static RateLimitPolicy FromParts(IDictionary parts)
    {
        object? quota = null;
        object? window = null;
        string? unit = null;
        string? segment = null;
        foreach (DictionaryEntry entry in parts)
        {
            object? value = PlainValue.Unwrap(entry.Value);
            switch (entry.Key.ToString()!.ToUpperInvariant())
            {
                case "QUOTA":
                    quota = value;
                    break;
                case "WINDOW":
                    window = value;
                    break;
                case "UNIT":
                    unit = value?.ToString();
                    break;
                case "SEGMENT":
                    segment = value?.ToString();
                    break;
                default:
                    throw new FormatException($"'{entry.Key}' is not a part of a rate limit policy: {string.Join(", ", s_parts)}.");
            }
        }

        if (quota is null || window is null)
        {
            throw new FormatException("A rate limit policy needs a Quota and a Window: @{ Quota = 100; Window = '1h' }.");
        }

        return new RateLimitPolicy(Whole(quota), Duration.Parse(window), Unit(unit), segment);
    }

    private static long Whole(object quota)
    {
        try
        {
            decimal number = Convert.ToDecimal(quota, CultureInfo.InvariantCulture);
            if (number == decimal.Truncate(number))
            {
                return decimal.ToInt64(number);
            }
        }
        catch (Exception e) when (e is InvalidCastException or OverflowException or FormatException)
        {
            throw new FormatException($"The quota '{quota}' is not a whole number.", e);
        }

        throw new FormatException($"The quota '{quota}' is not a whole number.");
    }

    private static RateLimitUnit Unit(string? unit) => unit?.ToUpperInvariant() switch
    {
        null or "REQUEST" or "REQUESTS" => RateLimitUnit.Request,
        "CENT" or "CENTS" => RateLimitUnit.Cents,
        _ => throw new FormatException($"The unit '{unit}' of the rate limit policy is neither Request nor Cents."),
    };
}
