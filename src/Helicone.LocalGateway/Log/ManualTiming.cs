using System;
using System.Text.Json;
using Helicone.LocalGateway.Query;

namespace Helicone.LocalGateway.Log;

/// <summary>When an entry from elsewhere happened.</summary>
internal readonly record struct ManualTiming(DateTimeOffset Start, DateTimeOffset End, TimeSpan? TimeToFirstToken)
{
    // Year 9999, in seconds.
    private const double Latest = 253_402_300_799;

    /// <summary>Reads <c>timing</c>; an entry without one happened just now.</summary>
    /// <exception cref="QueryRefusedException">A time is missing or none, or it ended before it began.</exception>
    public static ManualTiming Read(JsonElement? timing, DateTimeOffset now)
    {
        if (timing is not { } json)
        {
            return new ManualTiming(now, now, null);
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new QueryRefusedException("timing must be an object with startTime and endTime.", 400);
        }

        DateTimeOffset start = Time(json, "startTime");
        DateTimeOffset end = Time(json, "endTime");
        if (start > end)
        {
            throw new QueryRefusedException("timing.startTime is after timing.endTime.", 400);
        }

        return new ManualTiming(start, end, QueryBody.Optional(json, "timeToFirstToken") is { } first ? TimeSpan.FromMilliseconds(Number(first, "timing.timeToFirstToken", Latest)) : null);
    }

    private static DateTimeOffset Time(JsonElement timing, string name)
    {
        if (QueryBody.Optional(timing, name) is not { } time)
        {
            throw new QueryRefusedException($"timing.{name} is missing.", 400);
        }

        if (time.ValueKind != JsonValueKind.Object)
        {
            throw new QueryRefusedException($"timing.{name} must be an object with seconds and milliseconds.", 400);
        }

        double seconds = Number(QueryBody.Optional(time, "seconds") ?? throw new QueryRefusedException($"timing.{name}.seconds is missing.", 400), $"timing.{name}.seconds", Latest);
        double milliseconds = Number(QueryBody.Optional(time, "milliseconds") ?? throw new QueryRefusedException($"timing.{name}.milliseconds is missing.", 400), $"timing.{name}.milliseconds", 1e9);
        return DateTimeOffset.FromUnixTimeMilliseconds(Math.Min((long)((seconds * 1000) + milliseconds), (long)Latest * 1000));
    }

    private static double Number(JsonElement value, string name, double most) =>
        value.ValueKind == JsonValueKind.Number && value.GetDouble() is >= 0 and var number && number <= most ? number : throw new QueryRefusedException($"{name} is not a valid number.", 400);
}
