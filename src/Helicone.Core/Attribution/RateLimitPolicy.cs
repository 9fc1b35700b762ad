using System;
using System.Globalization;
using System.Text.RegularExpressions;
using Helicone.Errors;

namespace Helicone.Attribution;

/// <summary>A custom rate limit: how much, per how long, counted in what, for whom.</summary>
/// <remarks>Helicone fails open on a policy it cannot read, so it is checked here. Grammar: Helicone/helicone worker/src/lib/rate-limit/policyParser.ts @bebeff5e.</remarks>
public sealed record RateLimitPolicy
{
    private const string Example = "A policy looks like '100;w=3600;u=request;s=user': 100 requests per 3600 seconds for each user.";

    private static readonly Regex s_grammar = new(
        @"^(\d+);w=(\d+)(?:;u=(request|cents))?(?:;s=([\w-]+))?\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ECMAScript,
        TimeSpan.FromSeconds(1));

    /// <summary>Creates a policy.</summary>
    /// <param name="quota">How many, at least 1.</param>
    /// <param name="window">Per how long: 60 seconds to 365 days, in whole seconds.</param>
    /// <param name="unit">Calls or US cents.</param>
    /// <param name="segment">For whom each: <c>user</c>, the name of a property, or <see langword="null"/> for all together.</param>
    /// <exception cref="ArgumentException">A part is out of range; the message names it and shows a right one.</exception>
    public RateLimitPolicy(long quota, TimeSpan window, RateLimitUnit unit = RateLimitUnit.Request, string? segment = null)
    {
        if (quota <= 0)
        {
            throw new ArgumentException($"A rate limit quota of {quota} is out of range: at least 1. {Example}", nameof(quota));
        }

        if (window < TimeSpan.FromSeconds(60) || window > TimeSpan.FromSeconds(31536000))
        {
            throw new ArgumentException(FormattableString.Invariant($"A rate limit window of {window.TotalSeconds:0} seconds is out of range: 60 to 31536000. {Example}"), nameof(window));
        }

        if (window.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            throw new ArgumentException($"A rate limit window must be a whole number of seconds. {Example}", nameof(window));
        }

        if (segment is not null && !Regex.IsMatch(segment, @"^[\w-]+\z", RegexOptions.ECMAScript))
        {
            throw new ArgumentException($"'{segment}' cannot be a rate limit segment: 'user' or the name of a property made of letters, digits, '_' and '-'. {Example}", nameof(segment));
        }

        Quota = quota;
        Window = window;
        Unit = unit;
        Segment = segment;
    }

    /// <summary>The quota.</summary>
    public long Quota { get; }

    /// <summary>Per how long.</summary>
    public TimeSpan Window { get; }

    /// <summary>Counted in what.</summary>
    public RateLimitUnit Unit { get; }

    /// <summary>For whom each; <see langword="null"/> for the whole organisation.</summary>
    public string? Segment { get; }

    /// <summary>Reads the text of a policy.</summary>
    /// <exception cref="FormatException">The text isn't a policy; the message contains the invalid part and an example.</exception>
    public static RateLimitPolicy Parse(string text)
    {
        if (text is null)
        {
            throw new FormatException($"A rate limit policy is null. {Example}");
        }

        Match match = s_grammar.Match(text);
        if (!match.Success)
        {
            throw new FormatException(Explain(text));
        }

        if (!long.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long quota))
        {
            throw new FormatException($"The quota '{match.Groups[1].Value}' of the rate limit policy is too large. {Example}");
        }

        if (!long.TryParse(match.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) || seconds > 31536000)
        {
            throw new FormatException($"The window '{match.Groups[2].Value}' of the rate limit policy is out of range: 60 to 31536000 seconds. {Example}");
        }

        RateLimitUnit unit = match.Groups[3].Value.Equals("cents", StringComparison.OrdinalIgnoreCase) ? RateLimitUnit.Cents : RateLimitUnit.Request;
        string? segment = match.Groups[4].Success ? match.Groups[4].Value : null;
        try
        {
            return new RateLimitPolicy(quota, TimeSpan.FromSeconds(seconds), unit, segment);
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.MessageAlone(), e);
        }
    }

    /// <summary>Writes the policy's header. Its name is <c>Helicone-RateLimit-Policy</c>; no server reads any other spelling.</summary>
    internal void WriteTo(HeaderSink headers) => headers.Set("Helicone-RateLimit-Policy", ToString());

    /// <summary>Exactly what goes on the wire.</summary>
    public override string ToString()
    {
        string text = FormattableString.Invariant($"{Quota};w={(long)Window.TotalSeconds}");
        if (Unit == RateLimitUnit.Cents)
        {
            text += ";u=cents";
        }

        return Segment is null ? text : text + ";s=" + Segment;
    }

    private static string Explain(string text)
    {
        string[] parts = text.Split(';');
        if (!Regex.IsMatch(parts[0], @"^[0-9]+\z"))
        {
            return $"The rate limit policy '{text}' does not begin with a quota: '{parts[0]}' is not a whole number. {Example}";
        }

        if (parts.Length < 2 || !Regex.IsMatch(parts[1], @"^w=[0-9]+\z", RegexOptions.IgnoreCase))
        {
            return $"The rate limit policy '{text}' has no window 'w=<seconds>' right after its quota. {Example}";
        }

        for (int i = 2; i < parts.Length; i++)
        {
            string part = parts[i];
            bool unit = Regex.IsMatch(part, @"^u=(request|cents)\z", RegexOptions.IgnoreCase);
            bool segment = Regex.IsMatch(part, @"^s=[\w-]+\z", RegexOptions.IgnoreCase | RegexOptions.ECMAScript);
            if (!unit && !segment)
            {
                return $"The part '{part}' of the rate limit policy '{text}' is neither a unit 'u=request', 'u=cents' nor a segment 's=user', 's=<property>'. {Example}";
            }
        }

        return $"The parts of the rate limit policy '{text}' are out of order or repeated. The order is quota, window, unit, segment. {Example}";
    }
}
