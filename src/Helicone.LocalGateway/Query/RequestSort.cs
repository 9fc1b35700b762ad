using System.Linq;
using System.Text.Json;

namespace Helicone.LocalGateway.Query;

/// <summary>The order of calls. Calls that compare equal are in the order in which they were logged, so that no call is on two pages.</summary>
/// <param name="Sql">The ORDER BY.</param>
/// <param name="IsTime">Indicates whether it is the order of time alone.</param>
internal sealed record RequestSort(Sql Sql, bool IsTime)
{
    private static RequestSort Youngest => ByTime("DESC");

    /// <summary>Reads <c>{key:"asc"|"desc"}</c>; newest first when it is missing.</summary>
    public static RequestSort Read(JsonElement? sort)
    {
        if (sort is not { ValueKind: JsonValueKind.Object } json || !json.EnumerateObject().Any())
        {
            return sort is null or { ValueKind: JsonValueKind.Object } ? Youngest : throw new QueryRefusedException("sort is an object like {\"created_at\":\"desc\"}.");
        }

        JsonProperty key = json.EnumerateObject().First();
        if (json.EnumerateObject().Count() > 1)
        {
            throw new QueryRefusedException("sort names one key.");
        }

        return key.Name switch
        {
            "created_at" => ByTime(Direction(key.Value)),
            "random" => new RequestSort(new Sql(" ORDER BY random()"), IsTime: false),
            "latency" => By("c.latency_ms", key.Value),
            "total_tokens" => By("c.total_tokens", key.Value),
            "completion_tokens" => By("c.completion_tokens", key.Value),
            "prompt_tokens" => By("c.prompt_tokens", key.Value),
            "time_to_first_token" => By("c.ttft_ms", key.Value),
            "cost" => By("c.cost", key.Value),
            "user_id" => By("c.user_id", key.Value),
            "body_model" => By("c.model", key.Value),
            "is_cached" => By("(c.cache_reference IS NOT NULL)", key.Value),
            "properties" => ByProperty(key.Value),
            _ => throw new QueryRefusedException($"The local gateway cannot sort by '{key.Name}'."),
        };
    }

    private static RequestSort ByTime(string direction) => new(new Sql($" ORDER BY c.created_at {direction}, c.id {direction}"), IsTime: true);

    private static RequestSort By(string expression, JsonElement direction) => By(new Sql(expression), Direction(direction));

    private static RequestSort By(Sql expression, string direction) =>
        new(new Sql(" ORDER BY ").Add(expression).Add($" {direction} NULLS LAST, c.created_at {direction}, c.id {direction}"), IsTime: false);

    private static RequestSort ByProperty(JsonElement json)
    {
        JsonProperty property = FilterField.Members(json).First();
        return By(RequestFields.PropertyValue(property.Name), Direction(property.Value));
    }

    internal static string Direction(JsonElement value) =>
        value.ValueKind != JsonValueKind.String ? throw new QueryRefusedException("sort goes \"asc\" or \"desc\".") :
        value.ValueEquals("asc"u8) ? "ASC" :
        value.ValueEquals("desc"u8) ? "DESC" :
        throw new QueryRefusedException("sort goes \"asc\" or \"desc\".");
}
