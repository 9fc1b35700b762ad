using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;

namespace Helicone.LocalGateway.Tests.Query;

/// <summary>The REST API as a test speaks it.</summary>
internal static class LogApi
{
    /// <summary>A leaf on request_response_rmt.</summary>
    public static string Leaf(string field, string operation, string value) => Rmt($$"""{"{{field}}":{"{{operation}}":{{value}}} }""");

    public static string Text(string field, string operation, string value) => Leaf(field, operation, JsonSerializer.Serialize(value));

    public static string Property(string name, string operation, string value) =>
        Rmt($$"""{"properties":{ {{JsonSerializer.Serialize(name)}}:{"{{operation}}":{{JsonSerializer.Serialize(value)}}} } }""");

    private static string Rmt(string fields) => "{\"request_response_rmt\":" + fields + "}";

    public static string And(string left, string right) => $$"""{"left":{{left}},"operator":"and","right":{{right}}}""";

    public static string Or(string left, string right) => $$"""{"left":{{left}},"operator":"or","right":{{right}}}""";

    /// <summary>The rows of a query; the oldest first unless it specifies another order.</summary>
    public static async Task<List<JsonElement>> QueryAsync(this TestGateway gateway, string filter = "\"all\"", string rest = "\"limit\":1000,\"sort\":{\"created_at\":\"asc\"}")
    {
        JsonElement answer = await gateway.PostJsonAsync("v1/request/query-clickhouse", $$"""{"filter":{{filter}},{{rest}}}""");
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("error").ValueKind);
        return [.. answer.GetProperty("data").EnumerateArray()];
    }

    /// <summary>The value of the property "n" of each call that a filter finds: which calls they are, in a test that numbers them.</summary>
    public static async Task<string> FindAsync(this TestGateway gateway, string filter) =>
        string.Concat((await gateway.QueryAsync(filter)).Select(r => r.GetProperty("properties").GetProperty("n").GetString()));

    /// <summary>The error of the API for a query that it rejects.</summary>
    public static async Task<(int Status, string? Error)> RefusalAsync(this TestGateway gateway, string path, string body)
    {
        using HttpResponseMessage response = await gateway.PostAsync(body, path: path);
        JsonElement answer = await response.JsonAsync();
        return ((int)response.StatusCode, answer.GetProperty("error").GetString());
    }

    public static async Task<JsonElement> PostJsonAsync(this TestGateway gateway, string path, string body)
    {
        using HttpResponseMessage response = await gateway.PostAsync(body, path: path);
        return await response.JsonAsync();
    }

    /// <summary>One call with its bodies.</summary>
    public static async Task<JsonElement> GetRequestAsync(this TestGateway gateway, string id)
    {
        using HttpResponseMessage response = await gateway.Http.GetAsync(new Uri($"v1/request/{id}?includeBody=true", UriKind.Relative));
        JsonElement answer = await response.JsonAsync();
        return answer.GetProperty("data");
    }

    /// <summary>Logs a call by hand.</summary>
    /// <param name="gateway">Where.</param>
    /// <param name="model">Its model.</param>
    /// <param name="second">When it began, in seconds after <see cref="Epoch"/>.</param>
    /// <param name="headers">Its tags.</param>
    /// <param name="status">Its status.</param>
    /// <param name="milliseconds">How long it took.</param>
    /// <param name="promptTokens">What its answer counted.</param>
    /// <param name="firstToken">When its first token came.</param>
    public static async Task LogAsync(
        this TestGateway gateway,
        string model = "gpt-4o-mini",
        int second = 0,
        IReadOnlyDictionary<string, string>? headers = null,
        int status = 200,
        int milliseconds = 100,
        int promptTokens = 10,
        int? firstToken = null)
    {
        long start = Epoch.ToUnixTimeSeconds() + second;
        string timing = $$"""{"startTime":{"seconds":{{start}},"milliseconds":0},"endTime":{"seconds":{{start}},"milliseconds":{{milliseconds}}}{{(firstToken is { } t ? $",\"timeToFirstToken\":{t}" : string.Empty)}}}""";
        string body = $$$"""
            {"providerRequest":{"url":"custom-model-nopath","json":{"model":{{{JsonSerializer.Serialize(model)}}},"messages":[{"role":"user","content":"Hello"}]},"meta":{}},
             "providerResponse":{"status":{{{status}}},"headers":{},"json":{"model":{{{JsonSerializer.Serialize(model)}}},"usage":{"prompt_tokens":{{{promptTokens}}},"completion_tokens":5,"total_tokens":{{{promptTokens + 5}}} } } },
             "timing":{{{timing}}},"provider":"openai"}
            """;
        using HttpResponseMessage response = await gateway.PostAsync(body, headers, "custom/v1/log");
        Assert.Equal(204, (int)response.StatusCode);
    }

    /// <summary>When the calls of a test begin.</summary>
    public static DateTimeOffset Epoch { get; } = new(2025, 8, 31, 12, 0, 0, TimeSpan.Zero);

    public static Dictionary<string, string> Numbered(string number, params (string Name, string Value)[] headers)
    {
        Dictionary<string, string> all = new() { ["Helicone-Property-n"] = number };
        foreach ((string name, string value) in headers)
        {
            all[name] = value;
        }

        return all;
    }
}
