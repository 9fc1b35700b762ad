using System.Text.Json;

namespace Helicone.LocalGateway.Query;

/// <summary>Reads the fields of a request's body.</summary>
internal static class QueryBody
{
    /// <summary>The value of a field; <see langword="null"/> when the field is missing or null.</summary>
    public static JsonElement? Optional(JsonElement body, string name) =>
        body.TryGetProperty(name, out JsonElement value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value : null;

    public static JsonElement Required(JsonElement body, string name) => Optional(body, name) ?? throw new QueryRefusedException($"{name} is missing.", 400);

    public static bool? Boolean(JsonElement body, string name) => Optional(body, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw new QueryRefusedException($"{name} is true or false.", 400),
    };

    public static long? Whole(JsonElement body, string name) => Optional(body, name) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : throw new QueryRefusedException($"invalid {name}", 400);

    public static string? Text(JsonElement body, string name) => Optional(body, name) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw new QueryRefusedException($"{name} is a text.", 400);

    /// <summary>A span of time, each end in units since 1970, in milliseconds.</summary>
    public static (long Start, long End)? TimeSpan(JsonElement body, string startName, string endName, long millisecondsPerUnit)
    {
        if (Optional(body, "timeFilter") is not { } filter)
        {
            return null;
        }

        if (filter.ValueKind != JsonValueKind.Object)
        {
            throw new QueryRefusedException($"timeFilter is an object with {startName} and {endName}.", 400);
        }

        return (Instant(filter, startName, millisecondsPerUnit), Instant(filter, endName, millisecondsPerUnit));
    }

    private static long Instant(JsonElement filter, string name, long millisecondsPerUnit)
    {
        JsonElement value = Optional(filter, name) ?? throw new QueryRefusedException($"timeFilter.{name} is missing.", 400);
        double number = value.ValueKind == JsonValueKind.Number ? value.GetDouble() * millisecondsPerUnit : double.NaN;

        // Further than a date can be.
        return double.Abs(number) <= 1e15 ? (long)number : throw new QueryRefusedException($"timeFilter.{name} is no time.", 400);
    }
}
