using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;
using Helicone.LocalGateway.Tests.Query;

namespace Helicone.LocalGateway.Tests.Log;

public sealed class ManualLogTests : IAsyncLifetime
{
    private const string Request = """ "providerRequest":{"url":"custom-model-nopath","json":{"model":"m"},"meta":{}} """;
    private const string Response = """ "providerResponse":{"status":200,"headers":{},"json":{"a":1}} """;
    private const string Timing = """ "timing":{"startTime":{"seconds":100,"milliseconds":250},"endTime":{"seconds":101,"milliseconds":0},"timeToFirstToken":120} """;

    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("custom/v1/log")]
    [InlineData("oai/v1/log")]
    [InlineData("v1/trace/custom/v1/log")]
    [InlineData("v1/trace/custom/log")]
    public async Task Entry_LandsInTheSameTables(string path)
    {
        Dictionary<string, string> headers = new() { ["Helicone-User-Id"] = "from-header", ["Helicone-Property-A"] = "1" };
        const string Meta = """{"Helicone-User-Id":"from-meta","Helicone-Property-b":"2","Helicone-Session-Id":"s1","Helicone-Session-Path":"/x"}""";
        using HttpResponseMessage response = await _gateway.PostAsync($$"""{ {{Request.Replace("\"meta\":{}", "\"meta\":" + Meta, StringComparison.Ordinal)}},{{Response}},{{Timing}},"provider":"MINE"}""", headers, path);

        JsonElement row = Assert.Single(await _gateway.QueryAsync());
        Assert.Equal(204, (int)response.StatusCode);
        Assert.Empty(await response.TextAsync());
        Assert.Equal("1970-01-01T00:01:40.250Z", row.GetProperty("request_created_at").GetString());
        Assert.Equal((750, 120), (row.GetProperty("delay_ms").GetInt32(), row.GetProperty("time_to_first_token").GetInt32()));
        Assert.Equal(("m", "MINE", "from-meta"), (row.GetProperty("model").GetString(), row.GetProperty("provider").GetString(), row.GetProperty("request_user_id").GetString()));
        Assert.Equal("""{"Helicone-Session-Id":"s1","Helicone-Session-Path":"/x","A":"1","b":"2"}""", row.GetProperty("properties").GetRawText());
        Assert.Equal("custom-model-nopath", row.GetProperty("target_url").GetString());
        Assert.Equal(JsonValueKind.Null, row.GetProperty("cost").ValueKind);
    }

    [Theory]
    [InlineData("""{"_type":"tool","toolName":"weather","input":{"city":"Rome"}}""", "tool:weather")]
    [InlineData("""{"_type":"vector_db","operation":"search","vector":[0.1,0.2],"topK":3}""", "vector_db:search")]
    [InlineData("""{"_type":"data","name":"import","meta":{"rows":7}}""", "data:import")]
    public async Task CustomEvent_IsKeptAsItIs(string request, string model)
    {
        string kind = request[..request.IndexOf(',', StringComparison.Ordinal)] + "}";
        await _gateway.PostAsync($$"""{"providerRequest":{"url":"custom-model-nopath","json":{{request}},"meta":{} },"providerResponse":{"status":200,"headers":{},"json":{{kind}} },{{Timing}} }""", path: "custom/v1/log");

        JsonElement row = Assert.Single(await _gateway.QueryAsync());
        JsonElement whole = await _gateway.GetRequestAsync(row.GetProperty("request_id").GetString()!);
        Assert.Equal(model, row.GetProperty("model").GetString());
        Assert.Equal(request, whole.GetProperty("request_body").GetRawText());
        Assert.Equal(kind, whole.GetProperty("response_body").GetRawText());
    }

    [Theory]
    [InlineData("""{"model":"gpt-4o-mini","usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}""", 10, 5, 15)]
    [InlineData("""{"usage":{"input_tokens":10,"output_tokens":5}}""", 10, 5, 15)]
    [InlineData("""{"usage":{"input_tokens":10,"cache_read_input_tokens":90,"output_tokens":5}}""", 100, 5, 105)]
    [InlineData("""{"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":5,"thoughtsTokenCount":7,"totalTokenCount":22}}""", 10, 12, 22)]
    [InlineData("""{"response":{"usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}}""", 1, 2, 3)]
    public async Task Usage_IsRecognised(string response, int prompt, int completion, int total)
    {
        await LogAnswerAsync("\"json\":" + response);

        JsonElement row = Assert.Single(await _gateway.QueryAsync());
        Assert.Equal((prompt, completion, total), (row.GetProperty("prompt_tokens").GetInt32(), row.GetProperty("completion_tokens").GetInt32(), row.GetProperty("total_tokens").GetInt32()));
    }

    [Theory]
    [InlineData("""{"usage":"none"}""")]
    [InlineData("""{"usage":null}""")]
    [InlineData("""{"usage":{"prompt_tokens":"ten","completion_tokens":-1,"prompt_tokens_details":7}}""")]
    [InlineData("""{"text":"no usage"}""")]
    public async Task NoUsage_IsNone(string response)
    {
        await LogAnswerAsync("\"json\":" + response);

        Assert.Equal(JsonValueKind.Null, Assert.Single(await _gateway.QueryAsync()).GetProperty("total_tokens").ValueKind);
    }

    [Fact]
    public async Task TextBody_IsTheAnswer_AndAStreamInItIsJoined()
    {
        await LogAnswerAsync(""" "json":{},"textBody":"just words" """);
        await LogAnswerAsync(""" "json":{},"textBody":"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\ndata: [DONE]\n\n" """);

        List<JsonElement> rows = await _gateway.QueryAsync();
        Assert.Equal("just words", (await _gateway.GetRequestAsync(rows[0].GetProperty("request_id").GetString()!)).GetProperty("response_body").GetString());
        Assert.Equal("Hello", (await _gateway.GetRequestAsync(rows[1].GetProperty("request_id").GetString()!)).GetProperty("response_body").Content());
        Assert.Equal(2, rows[1].GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task EntryWithoutTiming_HappenedNow()
    {
        await _gateway.PostAsync($$"""{ {{Request}},{{Response}} }""", path: "custom/v1/log");

        JsonElement row = Assert.Single(await _gateway.QueryAsync());
        Assert.InRange(DateTimeOffset.Parse(row.GetProperty("request_created_at").GetString()!, System.Globalization.CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    [Theory]
    [InlineData("{}", "providerRequest is missing.")]
    [InlineData("[]", "The body isn't a JSON object.")]
    [InlineData("nonsense", "The body is no JSON.")]
    [InlineData("""{"providerRequest":{"url":"u"}}""", "providerRequest.json is missing.")]
    [InlineData("""{"providerRequest":{"json":{}},"providerResponse":{"status":200}}""", "providerRequest.url is missing.")]
    [InlineData("""{"providerRequest":{"url":"u","json":{}}}""", "providerResponse is missing.")]
    [InlineData("""{"providerRequest":{"url":"u","json":{}},"providerResponse":{}}""", "providerResponse.status is missing.")]
    [InlineData("""{"providerRequest":{"url":"u","json":[]},"providerResponse":{"status":200}}""", "providerRequest.json is an object.")]
    [InlineData("""{"providerRequest":{"url":"u","json":{},"meta":7},"providerResponse":{"status":200}}""", "providerRequest.meta must be an object with text values.")]
    [InlineData("""{"providerRequest":{"url":"u","json":{}},"providerResponse":{"status":200},"timing":{"startTime":{"seconds":1,"milliseconds":0}}}""", "timing.endTime is missing.")]
    [InlineData("""{"providerRequest":{"url":"u","json":{}},"providerResponse":{"status":200},"timing":{"startTime":{"seconds":"1"},"endTime":{"seconds":1,"milliseconds":0}}}""", "timing.startTime.seconds is not a valid number.")]
    [InlineData("""{"providerRequest":{"url":"u","json":{}},"providerResponse":{"status":200},"timing":{"startTime":{"seconds":1e300,"milliseconds":0},"endTime":{"seconds":1,"milliseconds":0}}}""", "timing.startTime.seconds is not a valid number.")]
    [InlineData("""{"providerRequest":{"url":"u","json":{}},"providerResponse":{"status":200},"timing":{"startTime":{"seconds":2,"milliseconds":1},"endTime":{"seconds":2,"milliseconds":0}}}""", "timing.startTime is after timing.endTime.")]
    public async Task WrongEntry_Is400WithTheReason(string body, string reason)
    {
        Assert.Equal((400, reason), await _gateway.RefusalAsync("custom/v1/log", body));
        Assert.Empty(await _gateway.QueryAsync());
    }

    private async Task LogAnswerAsync(string answer)
    {
        using HttpResponseMessage response = await _gateway.PostAsync($$"""{ {{Request}},"providerResponse":{"status":200,"headers":{},{{answer}}},{{Timing}} }""", path: "custom/v1/log");
        Assert.Equal(204, (int)response.StatusCode);
    }
}
