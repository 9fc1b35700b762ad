using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;
using static Helicone.LocalGateway.Tests.Query.LogApi;

namespace Helicone.LocalGateway.Tests.Query;

public sealed class RequestQueryTests : IAsyncLifetime
{
    private TestGateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.StartAsync();
        await _gateway.LogAsync("gpt-4o", 0, Numbered("0", ("Helicone-User-Id", "ann"), ("Helicone-Property-Env", "prod"), ("Helicone-Session-Id", "s1"), ("Helicone-Session-Name", "Planning"), ("Helicone-Session-Path", "/plan")), promptTokens: 1);
        await _gateway.LogAsync("gpt-4o-mini", 1, Numbered("1", ("Helicone-User-Id", "Bob"), ("Helicone-Property-env", "dev"), ("Helicone-Session-Id", "s1")), status: 500, milliseconds: 900, promptTokens: 20);
        await _gateway.LogAsync("claude-100%_sure", 2, Numbered("2", ("Helicone-Property-Env", "PROD")), milliseconds: 300, promptTokens: 300, firstToken: 42);
        await _gateway.LogAsync("Été", 3, Numbered("3", ("Helicone-Property-Env", "prod-eu"), ("Helicone-Property-Empty", "")), status: -3, promptTokens: 4000);
        await _gateway.LogAsync(@"back\slash", 4, Numbered("4"), status: 429, promptTokens: 5);
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("equals", "gpt-4o", "0")]
    [InlineData("equals", "GPT-4o", "")]
    [InlineData("equals", "", "")]
    [InlineData("not-equals", "gpt-4o", "1234")]
    [InlineData("like", "gpt%", "01")]
    [InlineData("like", "GPT%", "")]
    [InlineData("like", "gpt-4_", "0")]
    [InlineData("like", "été", "")]
    [InlineData("ilike", "GPT%", "01")]
    [InlineData("ilike", "été", "3")]
    [InlineData("ilike", "%100\\%\\_SURE", "2")]
    [InlineData("ilike", "%100\\%\\_S_RE", "2")]
    [InlineData("ilike", "%1__%", "2")]
    [InlineData("ilike", "%\\\\%", "4")]
    [InlineData("like", "%\\\\slash", "4")]
    [InlineData("ilike", "%a%a%a%a%a%a%a%a%", "")]
    [InlineData("contains", "4O", "01")]
    [InlineData("contains", "É", "3")]
    [InlineData("contains", "100\\%", "2")]
    [InlineData("not-contains", "4o", "234")]
    public async Task TextOperator_FindsWhatItSays(string operation, string value, string expected) =>
        Assert.Equal(expected, await _gateway.FindAsync(Text("model", operation, value)));

    [Theory]
    [InlineData("status", "equals", "500", "1")]
    [InlineData("status", "not-equals", "200", "134")]
    [InlineData("status", "gte", "429", "14")]
    [InlineData("status", "lt", "0", "3")]
    [InlineData("prompt_tokens", "gt", "20", "23")]
    [InlineData("prompt_tokens", "lte", "20", "014")]
    [InlineData("total_tokens", "equals", "25", "1")]
    [InlineData("completion_tokens", "equals", "5", "01234")]
    [InlineData("latency", "gt", "100.5", "12")]
    [InlineData("time_to_first_token", "gte", "42", "2")]
    [InlineData("cost", "gt", "0", "01")]
    [InlineData("prompt_cache_read_tokens", "equals", "0", "01234")]
    public async Task NumberOperator_FindsWhatItSays(string field, string operation, string value, string expected) =>
        Assert.Equal(expected, await _gateway.FindAsync(Leaf(field, operation, value)));

    [Theory]
    [InlineData("request_created_at", "equals", "2025-08-31T12:00:02.000Z", "2")]
    [InlineData("request_created_at", "gte", "2025-08-31T12:00:02Z", "234")]
    [InlineData("request_created_at", "lte", "2025-08-31 12:00:02", "012")]
    [InlineData("request_created_at", "gt", "2025-08-31T14:00:02+02:00", "34")]
    [InlineData("request_created_at", "lt", "2025-08-31T12:00:00Z", "")]
    [InlineData("response_created_at", "equals", "2025-08-31T12:00:01.900Z", "1")]
    public async Task TimeOperator_FindsWhatItSays(string field, string operation, string value, string expected) =>
        Assert.Equal(expected, await _gateway.FindAsync(Text(field, operation, value)));

    [Theory]
    [InlineData("Env", "equals", "prod", "0")]
    [InlineData("ENV", "equals", "prod", "0")]
    [InlineData("env", "not-equals", "prod", "1234")]
    [InlineData("Env", "ilike", "prod", "02")]
    [InlineData("Env", "ilike", "prod%", "023")]
    [InlineData("Env", "like", "prod%", "03")]
    [InlineData("Env", "contains", "OD", "023")]
    [InlineData("Env", "not-contains", "prod", "14")]
    [InlineData("Env", "ilike", "%", "01234")]
    [InlineData("Empty", "equals", "", "01234")]
    [InlineData("Helicone-Session-Id", "equals", "s1", "01")]
    [InlineData("helicone-session-name", "ilike", "PLAN%", "0")]
    [InlineData("Helicone-Session-Path", "equals", "/plan", "0")]
    [InlineData("Helicone-Session-Id", "not-equals", "s1", "234")]
    public async Task Property_IsFoundWhateverTheCaseOfItsName(string name, string operation, string value, string expected) =>
        Assert.Equal(expected, await _gateway.FindAsync(Property(name, operation, value)));

    [Theory]
    [InlineData("provider", "equals", "openai", "01234")]
    [InlineData("user_id", "ilike", "b_b", "1")]
    [InlineData("user_id", "equals", "", "234")]
    [InlineData("user_id", "not-equals", "ann", "1234")]
    [InlineData("target_url", "contains", "nopath", "01234")]
    [InlineData("request_body", "contains", "hello", "01234")]
    [InlineData("response_body", "like", "%4000%", "3")]
    [InlineData("cache_reference_id", "equals", "", "01234")]
    [InlineData("request_id", "equals", "no id", "")]
    [InlineData("request_id", "not-equals", "no id", "01234")]
    [InlineData("request_id", "like", "%-4%", "01234")]
    public async Task OtherTexts_AreFiltered(string field, string operation, string value, string expected) =>
        Assert.Equal(expected, await _gateway.FindAsync(Text(field, operation, value)));

    [Theory]
    [InlineData("cached", "true", "")]
    [InlineData("cached", "false", "01234")]
    [InlineData("cache_enabled", "false", "01234")]
    [InlineData("helicone-score-feedback", "true", "")]
    public async Task Booleans_AreFiltered(string field, string value, string expected) =>
        Assert.Equal(expected, await _gateway.FindAsync(Leaf(field, "equals", value)));

    [Fact]
    public async Task Branches_NestAsTheyAreWritten()
    {
        string zeroOrOne = Or(Property("Env", "equals", "prod"), Leaf("status", "equals", "500"));
        string late = Text("request_created_at", "gte", "2025-08-31T12:00:01Z");

        Assert.Equal("01", await _gateway.FindAsync(zeroOrOne));
        Assert.Equal("1", await _gateway.FindAsync(And(zeroOrOne, late)));
        Assert.Equal("0134", await _gateway.FindAsync(Or(zeroOrOne, And(late, Leaf("status", "not-equals", "200")))));
        Assert.Equal("1", await _gateway.FindAsync(And("\"all\"", And(late, And(Text("user_id", "equals", "Bob"), "\"all\"")))));
        Assert.Equal("01234", await _gateway.FindAsync(Or(late, "\"all\"")));
        Assert.Equal("0", await _gateway.FindAsync(And(Property("Env", "equals", "prod"), Property("n", "equals", "0"))));
    }

    [Fact]
    public async Task Fields_OfOneLeafMustAllHold() => Assert.Equal(
        "2",
        await _gateway.FindAsync("""{"request_response_rmt":{"status":{"equals":200},"prompt_tokens":{"gt":5,"lt":1000},"properties":{"env":{"ilike":"p%"}}}}"""));

    [Theory]
    [InlineData("' OR 1=1 --")]
    [InlineData("'; DROP TABLE call; --")]
    [InlineData("\"; DELETE FROM property; --")]
    [InlineData("x') UNION SELECT id FROM call --")]
    public async Task Injection_IsOnlyText(string attack)
    {
        foreach (string operation in (string[])["equals", "like", "ilike", "contains"])
        {
            Assert.Equal(string.Empty, await _gateway.FindAsync(Text("model", operation, attack)));
            Assert.Equal(string.Empty, await _gateway.FindAsync(Property("Env", operation, attack)));
            Assert.Equal(string.Empty, await _gateway.FindAsync(Property(attack, operation, "prod")));
        }

        (int status, string? error) = await _gateway.RefusalAsync("v1/request/query-clickhouse", $$"""{"filter":{"request_response_rmt":{ {{JsonSerializer.Serialize(attack)}}:{"equals":"x"} } } }""");
        Assert.Equal(500, status);
        Assert.Contains("has no field", error, StringComparison.Ordinal);
        await _gateway.RefusalAsync("v1/request/query-clickhouse", $$"""{"filter":"all","sort":{ {{JsonSerializer.Serialize(attack)}}:"asc"} }""");
        await _gateway.RefusalAsync("v1/request/query-clickhouse", $$"""{"filter":"all","sort":{"created_at":{{JsonSerializer.Serialize(attack)}} } }""");
        await _gateway.QueryAsync(rest: $$"""
            "sort":{"properties":{ {{JsonSerializer.Serialize(attack)}}:"asc"} }
            """);
        Assert.Equal("01234", await _gateway.FindAsync("\"all\""));
    }

    [Theory]
    [InlineData("""{"filter":"some"}""", "The only text that is a filter is \"all\".")]
    [InlineData("""{"filter":7}""", "A node of the filter is Number.")]
    [InlineData("""{"filter":{"request_response_rmt":{}}}""", "The filter contains an empty object.")]
    [InlineData("""{"filter":{"request_response_rmt":{"model":{}}}}""", "The filter contains an empty object.")]
    [InlineData("""{"filter":{"request_response_rmt":{"country_code":{"equals":"DE"}}}}""", "The local gateway's log has no field 'country_code'")]
    [InlineData("""{"filter":{"prompts":{"model":{"equals":"x"}}}}""", "'prompts' cannot be filtered here.")]
    [InlineData("""{"filter":{"request_response_rmt":{"model":{"startswith":"x"}}}}""", "'startswith' isn't an operator for text.")]
    [InlineData("""{"filter":{"request_response_rmt":{"status":{"like":2}}}}""", "'like' isn't an operator for numbers.")]
    [InlineData("""{"filter":{"request_response_rmt":{"status":{"equals":"200"}}}}""", "The filter compares a number with String.")]
    [InlineData("""{"filter":{"request_response_rmt":{"model":{"equals":4}}}}""", "The filter compares a text with Number.")]
    [InlineData("""{"filter":{"request_response_rmt":{"request_created_at":{"gte":"yesterday"}}}}""", "The filter compares a time with a value that isn't a time.")]
    [InlineData("""{"filter":{"request_response_rmt":{"request_created_at":{"not-equals":"2025-01-01"}}}}""", "'not-equals' isn't an operator for times.")]
    [InlineData("""{"filter":{"request_response_rmt":{"cached":{"not-equals":true}}}}""", "'not-equals' isn't an operator for true and false.")]
    [InlineData("""{"filter":{"request_response_rmt":{"model":{"contains":"\u0000"}}}}""", "A pattern has no NUL.")]
    [InlineData("""{"filter":{"left":"all","operator":"xor","right":"all"}}""", "A branch of the filter joins with \"and\" or \"or\".")]
    [InlineData("""{"filter":{"left":"all","operator":"and"}}""", "A branch of the filter needs left and right.")]
    [InlineData("""{"filter":"all","limit":1001}""", "invalid limit")]
    [InlineData("""{"filter":"all","limit":-1}""", "invalid limit")]
    [InlineData("""{"filter":"all","offset":-1}""", "invalid offset")]
    [InlineData("""{"filter":"all","sort":{"shoe_size":"asc"}}""", "The local gateway cannot sort by 'shoe_size'.")]
    [InlineData("""{"filter":"all","sort":{"latency":"up"}}""", "sort goes \"asc\" or \"desc\".")]
    public async Task WrongQuery_IsRefusedWithTheReason(string body, string reason)
    {
        (int status, string? error) = await _gateway.RefusalAsync("v1/request/query-clickhouse", body);

        Assert.Equal(500, status);
        Assert.StartsWith(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FilterWithoutEnd_IsRefused()
    {
        StringBuilder deep = new();
        for (int i = 0; i < 220; i++)
        {
            deep.Append("{\"left\":\"all\",\"operator\":\"or\",\"right\":");
        }

        deep.Append("\"all\"").Append('}', 220);
        string wide = "\"all\"";
        List<string> leaves = [.. Enumerable.Range(0, 512).Select(i => Leaf("status", "equals", i.ToString(CultureInfo.InvariantCulture)))];
        while (leaves.Count > 1)
        {
            leaves = [.. leaves.Chunk(2).Select(pair => Or(pair[0], pair[1]))];
        }

        wide = leaves[0];

        Assert.StartsWith("The filter is deeper", (await _gateway.RefusalAsync("v1/request/query-clickhouse", $$"""{"filter":{{deep}}}""")).Error, StringComparison.Ordinal);
        Assert.StartsWith("The filter has more than", (await _gateway.RefusalAsync("v1/request/query-clickhouse", $$"""{"filter":{{wide}}}""")).Error, StringComparison.Ordinal);
        Assert.StartsWith("A pattern of", (await _gateway.RefusalAsync("v1/request/query-clickhouse", $$"""{"filter":{{Text("model", "like", new string('%', 20_000))}}}""")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("null")]
    public async Task BodyThatIsNoObject_Is400(string body) => Assert.Equal((400, "The body isn't a JSON object."), await _gateway.RefusalAsync("v1/request/query-clickhouse", body));

    [Theory]
    [InlineData("created_at", "desc", "43210")]
    [InlineData("latency", "asc", "03421")]
    [InlineData("latency", "desc", "12430")]
    [InlineData("prompt_tokens", "desc", "32140")]
    [InlineData("total_tokens", "asc", "04123")]
    [InlineData("time_to_first_token", "asc", "20134")]
    [InlineData("time_to_first_token", "desc", "24310")]
    [InlineData("cost", "desc", "01432")]
    [InlineData("user_id", "asc", "10234")]
    [InlineData("body_model", "asc", "42013")]
    [InlineData("is_cached", "asc", "01234")]
    public async Task Sort_OrdersAndNeverShuffles(string key, string direction, string expected)
    {
        List<JsonElement> rows = await _gateway.QueryAsync(rest: $$"""
            "limit":100,"sort":{"{{key}}":"{{direction}}"}
            """);

        Assert.Equal(expected, string.Concat(rows.Select(r => r.GetProperty("properties").GetProperty("n").GetString())));
    }

    [Fact]
    public async Task Sort_ByAProperty()
    {
        List<JsonElement> rows = await _gateway.QueryAsync(rest: """
            "sort":{"properties":{"N":"desc"}}
            """);

        Assert.Equal("43210", string.Concat(rows.Select(r => r.GetProperty("properties").GetProperty("n").GetString())));
        Assert.Equal(5, (await _gateway.QueryAsync(rest: "\"sort\":{\"random\":true}")).Count);
    }

    [Fact]
    public async Task Pages_HaveEachCallOnce()
    {
        // Many of the same moment: only the order in which they were logged distinguishes them.
        for (int i = 0; i < 40; i++)
        {
            await _gateway.LogAsync("paged", 10, Numbered($"p{i}"));
        }

        HashSet<string> seen = [];
        for (int offset = 0; offset < 40; offset += 7)
        {
            foreach (JsonElement row in await _gateway.QueryAsync(Text("model", "equals", "paged"), $"\"offset\":{offset},\"limit\":7"))
            {
                Assert.True(seen.Add(row.GetProperty("request_id").GetString()!));
            }
        }

        Assert.Equal(40, seen.Count);
        Assert.Equal(10, (await _gateway.QueryAsync(rest: "\"offset\":0")).Count);
        Assert.Empty(await _gateway.QueryAsync(rest: "\"limit\":0"));
    }

    [Fact]
    public async Task Count_AgreesWithTheRows()
    {
        foreach (string filter in (string[])["\"all\"", Property("Env", "equals", "prod"), And(Property("Env", "equals", "prod"), Leaf("status", "equals", "200")), Text("model", "ilike", "g%")])
        {
            JsonElement count = await _gateway.PostJsonAsync("v1/request/count/query", $$"""{"filter":{{filter}}}""");
            Assert.Equal((await _gateway.QueryAsync(filter)).Count, count.GetProperty("data").GetInt32());
        }
    }

    [Fact]
    public async Task IsCachedAndIsScored_Filter()
    {
        string id = (await _gateway.QueryAsync())[2].GetProperty("request_id").GetString()!;
        await _gateway.PostJsonAsync($"v1/request/{id}/score", """{"scores":{"quality":0.5}}""");

        Assert.Empty(await _gateway.QueryAsync(rest: "\"isCached\":true"));
        Assert.Equal(5, (await _gateway.QueryAsync(rest: "\"isCached\":false")).Count);
        Assert.Equal("2", (await _gateway.QueryAsync(rest: "\"isScored\":true"))[0].GetProperty("properties").GetProperty("n").GetString());
        Assert.Equal("2", await _gateway.FindAsync("""{"request_response_rmt":{"scores":{"quality":{"gt":0.4}}}}"""));
    }

    [Fact]
    public async Task Row_HasTheShapeOfTheCloud()
    {
        JsonElement row = (await _gateway.QueryAsync(Property("n", "equals", "0")))[0];

        Assert.Equal(
            [
                "ai_gateway_body_mapping", "asset_ids", "asset_urls", "assets", "cache_enabled", "cache_reference_id", "completion_audio_tokens", "completion_tokens", "cost",
                "costUSD", "country_code", "delay_ms", "feedback_created_at", "feedback_id", "feedback_rating", "helicone_user", "llmSchema", "model", "model_override",
                "prompt_audio_tokens", "prompt_cache_read_tokens", "prompt_cache_write_tokens", "prompt_id", "prompt_tokens", "prompt_version", "properties", "provider",
                "reasoning_tokens", "request_body", "request_created_at", "request_id", "request_model", "request_path", "request_properties", "request_referrer",
                "request_user_id", "response_body", "response_created_at", "response_id", "response_model", "response_status", "scores", "signed_body_url", "target_url",
                "time_to_first_token", "total_tokens",
            ],
            row.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal("2025-08-31T12:00:00.000Z", row.GetProperty("request_created_at").GetString());
        Assert.Equal("2025-08-31T12:00:00.100Z", row.GetProperty("response_created_at").GetString());
        Assert.Equal(100, row.GetProperty("delay_ms").GetInt32());
        Assert.Equal(
            """{"Helicone-Session-Id":"s1","Helicone-Session-Name":"Planning","Helicone-Session-Path":"/plan","Env":"prod","n":"0"}""",
            row.GetProperty("properties").GetRawText());
        Assert.Contains("includeBody=true", row.GetProperty("request_body").GetProperty("helicone_message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_AreFoundOneByOneAndTogether()
    {
        List<JsonElement> rows = await _gateway.QueryAsync();
        string first = rows[0].GetProperty("request_id").GetString()!;
        string last = rows[4].GetProperty("request_id").GetString()!;

        JsonElement both = await _gateway.PostJsonAsync("v1/request/query-ids", $$"""{"requestIds":["{{last}}","00000000-0000-4000-8000-000000000000","nonsense","{{first}}"]}""");

        Assert.Equal([last, first], both.GetProperty("data").EnumerateArray().Select(r => r.GetProperty("request_id").GetString()!));
        Assert.Equal("0", await _gateway.FindAsync(Text("request_id", "equals", first.ToUpperInvariant())));
        Assert.Equal("Hello", (await _gateway.GetRequestAsync(first)).GetProperty("request_body").GetProperty("messages")[0].GetProperty("content").GetString());
    }

    [Theory]
    [InlineData("00000000-0000-4000-8000-000000000000")]
    [InlineData("nonsense")]
    public async Task UnknownId_Is404(string id)
    {
        using HttpResponseMessage response = await _gateway.Http.GetAsync(new Uri($"v1/request/{id}", UriKind.Relative));

        Assert.Equal(404, (int)response.StatusCode);
        Assert.Equal($"There is no request '{id}' in the log.", (await response.JsonAsync()).GetProperty("error").GetString());
        Assert.Equal(404, (await _gateway.RefusalAsync($"v1/request/{id}/feedback", """{"rating":true}""")).Status);
        Assert.Equal(404, (await _gateway.RefusalAsync($"v1/request/{id}/score", """{"scores":{"a":1}}""")).Status);
    }

    [Fact]
    public async Task WithoutTheKey_NothingIsTold()
    {
        using HttpClient nobody = new() { BaseAddress = _gateway.Uri };
        using HttpResponseMessage none = await nobody.PostAsync(new Uri("v1/request/query-clickhouse", UriKind.Relative), new StringContent("""{"filter":"all"}"""));
        nobody.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd");
        using HttpResponseMessage wrong = await nobody.GetAsync(new Uri("v1/request/00000000-0000-4000-8000-000000000000", UriKind.Relative));
        using HttpResponseMessage log = await nobody.PostAsync(new Uri("custom/v1/log", UriKind.Relative), new StringContent("{}"));

        Assert.Equal([401, 401, 401], ((HttpResponseMessage[])[none, wrong, log]).Select(r => (int)r.StatusCode));
        Assert.Equal("""{"error":"Invalid API key","trace":"isAuthenticated.error"}""", await wrong.TextAsync());
    }
}
