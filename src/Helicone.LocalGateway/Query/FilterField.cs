using System;
using System.Text.Json;

namespace Helicone.LocalGateway.Query;

/// <summary>A field that a filter may name: how its conditions become SQL.</summary>
/// <param name="Read">From the JSON behind the field's name.</param>
internal sealed record FilterField(Func<JsonElement, Sql> Read)
{
    public static FilterField Text(string expression) => Operators((operation, value) => TextMatch.For(expression, operation, StringOf(value)));

    public static FilterField Number(string expression) => Operators((operation, value) => NumberMatch(expression, operation, value));

    public static FilterField Time(string expression) => Operators((operation, value) => new Sql($"{expression} {Comparison(operation, withNotEquals: false)} ?", TimeOf(value)));

    public static FilterField Boolean(string expression) => Operators((operation, value) => operation == "equals"
        ? new Sql($"{expression} = ?", BooleanOf(value) ? 1L : 0L)
        : throw new QueryRefusedException($"'{operation}' isn't an operator for true and false. There is equals."));

    /// <summary>A field with named values, each with conditions: <c>{name:{operator:value}}</c>.</summary>
    public static FilterField Map(Func<string, string, JsonElement, Sql> match) => new(json =>
    {
        Sql sql = new("");
        string and = "";
        foreach (JsonProperty name in Members(json))
        {
            foreach (JsonProperty operation in Members(name.Value))
            {
                sql.Add(and).Add("(").Add(match(name.Name, operation.Name, operation.Value)).Add(")");
                and = " AND ";
            }
        }

        return sql;
    });

    internal static FilterField Operators(Func<string, JsonElement, Sql> match) => new(json =>
    {
        Sql sql = new("");
        string and = "";
        foreach (JsonProperty operation in Members(json))
        {
            sql.Add(and).Add("(").Add(match(operation.Name, operation.Value)).Add(")");
            and = " AND ";
        }

        return sql;
    });

    internal static Sql NumberMatch(string expression, string operation, JsonElement value) => operation == "not-equals"
        ? new Sql($"ifnull({expression}, 0) <> ?", NumberOf(value))
        : new Sql($"{expression} {Comparison(operation, withNotEquals: true)} ?", NumberOf(value));

    internal static string StringOf(JsonElement value) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw new QueryRefusedException($"The filter compares a text with {value.ValueKind}.");

    internal static long TimeOf(JsonElement value) => value.ValueKind == JsonValueKind.String && QueryTimes.TryParse(value.GetString()!, out long time)
        ? time
        : throw new QueryRefusedException("The filter compares a time with a value that isn't a time. Use a time such as 2025-08-31T12:00:00Z.");

    internal static object NumberOf(JsonElement value) =>
        value.ValueKind != JsonValueKind.Number ? throw new QueryRefusedException($"The filter compares a number with {value.ValueKind}.") :
        value.TryGetInt64(out long whole) ? whole :
        value.GetDouble();

    internal static bool BooleanOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new QueryRefusedException($"The filter compares true or false with {value.ValueKind}."),
    };

    internal static JsonElement.ObjectEnumerator Members(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new QueryRefusedException($"Where the filter must have an object, it has {json.ValueKind}.");
        }

        JsonElement.ObjectEnumerator members = json.EnumerateObject();
        return members.MoveNext()
            ? json.EnumerateObject()
            : throw new QueryRefusedException("The filter contains an empty object. Omit it, or use \"all\" to match everything.");
    }

    private static string Comparison(string operation, bool withNotEquals) => operation switch
    {
        "equals" => "=",
        "gte" => ">=",
        "lte" => "<=",
        "gt" => ">",
        "lt" => "<",
        _ => throw new QueryRefusedException($"'{operation}' isn't an operator for {(withNotEquals ? "numbers. There are equals, not-equals," : "times. There are equals,")} gte, lte, gt and lt."),
    };
}
