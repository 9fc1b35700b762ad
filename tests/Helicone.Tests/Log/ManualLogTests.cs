using System.Text.Json.Nodes;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Log;

/// <summary>Send-HeliconeLog.</summary>
public sealed class ManualLogTests
{
    [Theory]
    [InlineData(
        "'Hi' 'Hello' -Model my-model -PromptTokens 3 -CompletionTokens 2",
        """{"messages":[{"role":"user","content":"Hi"}],"model":"my-model"}""",
        """{"model":"my-model","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}""")]
    [InlineData("-Model my-model -Request @{ prompt = 'Hi' } -Response @{ text = 'Hello' }", """{"prompt":"Hi","model":"my-model"}""", """{"text":"Hello"}""")]
    [InlineData("-Tool weather -Request @{ city = 'Oslo' } -Response @{ degrees = 4 }", """{"_type":"tool","toolName":"weather","input":{"city":"Oslo"}}""", """{"degrees":4,"_type":"tool","toolName":"weather"}""")]
    [InlineData("-Tool weather -Response 'sunny'", """{"_type":"tool","toolName":"weather","input":{}}""", """{"message":"sunny","_type":"tool","toolName":"weather"}""")]
    [InlineData("-VectorDatabase docs -Request @{ text = 'sky' }", """{"text":"sky","databaseName":"docs","_type":"vector_db","operation":"search"}""", """{"_type":"vector_db"}""")]
    [InlineData("-VectorDatabase docs -Operation insert -Request @{ vector = 0.5, 1 }", """{"vector":[0.5,1],"databaseName":"docs","_type":"vector_db","operation":"insert"}""", """{"_type":"vector_db"}""")]
    [InlineData("-Data tickets.csv -Request @{ rows = 12 }", """{"_type":"data","name":"tickets.csv","meta":{"rows":12}}""", """{"_type":"data","name":"tickets.csv"}""")]
    public async Task Entry_IsOfItsKind(string parameters, string asked, string answered)
    {
        JsonNode body = await SendAsync(parameters);

        Assert.Equal(asked, body["providerRequest"]!["json"]!.ToJsonString());
        Assert.Equal(answered, body["providerResponse"]!["json"]!.ToJsonString());
        Assert.Equal(200, body["providerResponse"]!["status"]!.GetValue<int>());
    }

    [Fact]
    public async Task Text_OfAModel_IsItsRawAnswer()
    {
        JsonNode response = (await SendAsync("-Model m -Request @{} -Response \"data: {}`n`n\" -Status -3"))["providerResponse"]!;

        Assert.Equal(("data: {}\n\n", "{}", -3), (response["textBody"]!.GetValue<string>(), response["json"]!.ToJsonString(), response["status"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Attribution_IsThatOfAnyCall()
    {
        JsonNode body = await SendAsync(
            "'Hi' -Model m -Session (New-HeliconeSession -Id s-1 -Name Nightly) -SessionPath /sum -UserId u-7 -Property @{ Environment = 'prod' } -RequestId 00000000-0000-4000-8000-000000000001 -Provider HOME",
            "-Property @{ Team = 'ops' }");

        Assert.Equal(
            """{"Helicone-Session-Id":"s-1","Helicone-Session-Path":"/sum","Helicone-Session-Name":"Nightly","Helicone-User-Id":"u-7","Helicone-Request-Id":"00000000-0000-4000-8000-000000000001","Helicone-Property-Team":"ops","Helicone-Property-Environment":"prod"}""",
            body["providerRequest"]!["meta"]!.ToJsonString());
        Assert.Equal("HOME", body["provider"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("-Duration 1500ms", 1500)]
    [InlineData("-Duration 1.5s", 1500)]
    [InlineData("-Duration 2", 2000)]
    [InlineData("-Duration 2.5", 2500)]
    [InlineData("-StartTime 2026-01-31 -Duration 1h", 3600000)]
    [InlineData("-StartTime '2026-01-31 08:00' -EndTime '2026-01-31 08:01'", 60000)]
    [InlineData("-EndTime '2026-01-31 08:00' -Duration 1s", 1000)]
    [InlineData("-EndTime '2026-01-31 08:00'", 0)]
    [InlineData("", 0)]
    public async Task Times_AreWhatIsKnownOfThem(string parameters, long milliseconds)
    {
        JsonNode timing = (await SendAsync("'Hi' -Model m " + parameters))["timing"]!;

        Assert.Equal(milliseconds, Milliseconds(timing["endTime"]!) - Milliseconds(timing["startTime"]!));
        if (parameters.Contains("2026", StringComparison.Ordinal))
        {
            DateTimeOffset start = DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds(timing["startTime"]!)).ToLocalTime();
            Assert.InRange(start.Date, new DateTime(2026, 1, 31), new DateTime(2026, 1, 31));
        }
        else
        {
            Assert.InRange(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - Milliseconds(timing["endTime"]!), 0, 60_000);
        }
    }

    [Fact]
    public async Task TimeToFirstToken_IsInMilliseconds()
    {
        Assert.Equal(120, (await SendAsync("'Hi' -Model m -Duration 1s -TimeToFirstToken 120ms"))["timing"]!["timeToFirstToken"]!.GetValue<long>());
    }

    [Fact]
    public async Task PassThru_GivesTheIdThatWasSent()
    {
        await using LogServer server = await LogServer.SayAsync("", 204);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        string id = (await shell.RunAsync("Send-HeliconeLog 'Hi' -Model m -PassThru")).AssertNoErrors().Single.ToString();

        Assert.Equal(id, JsonNode.Parse(server.Exchanges[0].Body)!["providerRequest"]!["meta"]!["Helicone-Request-Id"]!.GetValue<string>());
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4", id);
    }

    [Theory]
    [InlineData("'Hi' -Model m -StartTime '2026-01-31 08:01' -EndTime '2026-01-31 08:00'", "HeliconeInvalidTime", "before the start time")]
    [InlineData("'Hi' -Model m -StartTime 2026-01-30 -EndTime 2026-01-31 -Duration 1s", "HeliconeInvalidTime", "Specify only two of")]
    [InlineData("'Hi' -Model m -Duration ([timespan]::FromSeconds(-1))", "HeliconeInvalidTime", "negative")]
    [InlineData("-Tool t -Response 5", "HeliconeInvalidLog", "a valid response")]
    [InlineData("-Tool t -Request @{ a = { 1 } }", "HeliconeInvalidLog", "script block")]
    [InlineData("'Hi' -Model m -SessionPath /x", "HeliconeInvalidSession", "requires a session")]
    [InlineData("'Hi' -Model m -RequestId no", "HeliconeInvalidRequestId", "UUID")]
    public async Task Input_ThatIsWrong_IsRefused_BeforeAnythingIsSent(string parameters, string id, string message)
    {
        await using LogServer server = await LogServer.SayAsync("", 204);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Send-HeliconeLog " + parameters);

        Assert.Equal(id, result.ErrorId);
        Assert.Contains(message, result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Exchanges);
    }

    private static long Milliseconds(JsonNode time) => (time["seconds"]!.GetValue<long>() * 1000) + time["milliseconds"]!.GetValue<long>();

    private static async Task<JsonNode> SendAsync(string parameters, string connection = "")
    {
        await using LogServer server = await LogServer.SayAsync("", 204);
        using Shell shell = Shell.ConnectedTo(server.Uri, connection);
        Assert.Empty((await shell.RunAsync("Send-HeliconeLog " + parameters)).AssertNoErrors().Output);
        LogExchange exchange = Assert.Single(server.Exchanges);
        Assert.Equal("POST /custom/v1/log", exchange.Method + " " + exchange.Path);
        return JsonNode.Parse(exchange.Body)!;
    }
}
