using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;
using Microsoft.AspNetCore.Http;

namespace Helicone.Tests.Log;

/// <summary>Get-HeliconeRequest: what is asked, and what comes.</summary>
public sealed partial class RequestTests
{
    [Theory]
    [InlineData("-Model gpt-4o*, claude*", """{"left":{"request_response_rmt":{"model":{"ilike":"gpt-4o%"}}},"operator":"or","right":{"request_response_rmt":{"model":{"ilike":"claude%"}}}}""")]
    [InlineData("-Provider openai", """{"request_response_rmt":{"provider":{"equals":"openai"}}}""")]
    [InlineData("-UserId svc-*", """{"request_response_rmt":{"user_id":{"ilike":"svc-%"}}}""")]
    [InlineData("-Session s-1", """{"request_response_rmt":{"properties":{"Helicone-Session-Id":{"equals":"s-1"}}}}""")]
    [InlineData("-Session (New-HeliconeSession -Id s-2)", """{"request_response_rmt":{"properties":{"Helicone-Session-Id":{"equals":"s-2"}}}}""")]
    [InlineData("-Property @{ Environment = 'pr*' }", """{"request_response_rmt":{"properties":{"Environment":{"ilike":"pr%"}}}}""")]
    [InlineData("-Property @{ Ready = $true }", """{"request_response_rmt":{"properties":{"Ready":{"equals":"true"}}}}""")]
    [InlineData("-Status 429, 500", """{"left":{"request_response_rmt":{"status":{"equals":429}}},"operator":"or","right":{"request_response_rmt":{"status":{"equals":500}}}}""")]
    [InlineData("-Status 5*", """{"left":{"request_response_rmt":{"status":{"gte":500}}},"operator":"and","right":{"request_response_rmt":{"status":{"lte":599}}}}""")]
    [InlineData("-Status 4XX", """{"left":{"request_response_rmt":{"status":{"gte":400}}},"operator":"and","right":{"request_response_rmt":{"status":{"lte":499}}}}""")]
    [InlineData("-Status 42x", """{"left":{"request_response_rmt":{"status":{"gte":420}}},"operator":"and","right":{"request_response_rmt":{"status":{"lte":429}}}}""")]
    [InlineData("-Status failed", """{"left":{"request_response_rmt":{"status":{"gte":400}}},"operator":"or","right":{"request_response_rmt":{"status":{"lte":-1}}}}""")]
    [InlineData("-Status succeeded", """{"left":{"request_response_rmt":{"status":{"gte":200}}},"operator":"and","right":{"request_response_rmt":{"status":{"lte":299}}}}""")]
    [InlineData("-Status -3", """{"request_response_rmt":{"status":{"equals":-3}}}""")]
    [InlineData("-Model gpt-[45]o", """{"left":{"request_response_rmt":{"model":{"ilike":"gpt-4o"}}},"operator":"or","right":{"request_response_rmt":{"model":{"ilike":"gpt-5o"}}}}""")]
    [InlineData("-UserId 'u-[a-c]*'", """{"left":{"request_response_rmt":{"user_id":{"ilike":"u-a%"}}},"operator":"or","right":{"left":{"request_response_rmt":{"user_id":{"ilike":"u-b%"}}},"operator":"or","right":{"request_response_rmt":{"user_id":{"ilike":"u-c%"}}}}}""")]
    [InlineData("-Session 'job`[1`]'", """{"request_response_rmt":{"properties":{"Helicone-Session-Id":{"equals":"job[1]"}}}}""")]
    [InlineData("-Session (New-HeliconeSession -Id 'job[1]')", """{"request_response_rmt":{"properties":{"Helicone-Session-Id":{"equals":"job[1]"}}}}""")]
    [InlineData("-Property @{ Environment = '[ps]*' }", """{"left":{"request_response_rmt":{"properties":{"Environment":{"ilike":"p%"}}}},"operator":"or","right":{"request_response_rmt":{"properties":{"Environment":{"ilike":"s%"}}}}}""")]
    [InlineData("-Cached", """{"request_response_rmt":{"cached":{"equals":true}}}""")]
    [InlineData("-Cached:$false", """{"request_response_rmt":{"cached":{"equals":false}}}""")]
    public async Task Filter_IsWhatIsAsked(string parameters, string filter)
    {
        await using LogServer server = await LogServer.OfAsync(1);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("Get-HeliconeRequest " + parameters)).AssertNoErrors();

        // The other half is the end, which every listing is pinned to.
        Assert.Equal(filter, server.Queries[0]["filter"]!["left"]!.ToJsonString());
    }

    [Theory]
    [InlineData("2d", 48)]
    [InlineData("90m", 1.5)]
    [InlineData("([timespan]'01:00:00')", 1)]
    [InlineData("(Get-Date).AddHours(-3)", 3)]
    [InlineData("([datetime]::UtcNow.AddHours(-3))", 3)]
    [InlineData("([datetimeoffset]::UtcNow.AddHours(-3))", 3)]
    public async Task Since_IsSoLongAgo(string since, double hours)
    {
        await using LogServer server = await LogServer.OfAsync(0);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync($"Get-HeliconeRequest -Since {since.Replace("Get-Date", "[datetime]::Now", StringComparison.Ordinal)}")).AssertNoErrors();

        string time = server.Queries[0]["filter"]!["left"]!["request_response_rmt"]!["request_created_at"]!["gte"]!.GetValue<string>();
        Assert.Equal(hours, (DateTimeOffset.UtcNow - DateTimeOffset.Parse(time, CultureInfo.InvariantCulture)).TotalHours, 0.01);
    }

    [Fact]
    public async Task Date_IsThatOfTheClockOnTheWall()
    {
        await using LogServer server = await LogServer.OfAsync(0);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("Get-HeliconeRequest -Since 2026-01-31 -Until '2026-02-01 08:30'")).AssertNoErrors();

        Assert.Equal(
            [Iso(new DateTime(2026, 1, 31)), Iso(new DateTime(2026, 2, 1, 8, 30, 0))],
            [
                server.Queries[0]["filter"]!["left"]!["request_response_rmt"]!["request_created_at"]!["gte"]!.GetValue<string>(),
                server.Queries[0]["filter"]!["right"]!["request_response_rmt"]!["request_created_at"]!["lte"]!.GetValue<string>(),
            ]);
    }

    [Theory]
    [InlineData("Get-HeliconeRequest -Since 7")]
    [InlineData("Get-HeliconeRequest -Since yesterdayish")]
    [InlineData("Get-HeliconeRequest -Since 999999d")]
    [InlineData("Get-HeliconeRequest -Until ''")]
    public async Task Time_ThatIsNone_IsRefused(string command)
    {
        await using LogServer server = await LogServer.OfAsync(1);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync(command);

        Assert.Contains("Write 7d", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Exchanges);
    }

    [Fact]
    public async Task Row_IsTyped()
    {
        await using LogServer server = await LogServer.OfAsync(1);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        PSObject row = (await shell.RunAsync("Get-HeliconeRequest")).AssertNoErrors().Single;

        Assert.Equal("Helicone.Requests.LoggedRequest", row.TypeNames[0]);
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero), Result.Property(row, "CreatedAt"));
        Assert.Equal(("gpt-4o", 200, 1200L, 0.0045m), (Result.Property(row, "Model"), Result.Property(row, "Status"), Result.Property(row, "TotalTokens"), Result.Property(row, "Cost")));
        Assert.Equal(TimeSpan.FromMilliseconds(1250), Result.Property(row, "Latency"));
        Assert.Equal(("s-1", "/sum"), (Result.Property(row, "SessionId"), Result.Property(row, "SessionPath")));
        Assert.Null(Result.Property(row, "RequestBody"));
        Assert.Equal("prod", (await shell.RunAsync("(Get-HeliconeRequest).Properties['environment']")).AssertNoErrors().Single.ToString());
    }

    [Fact]
    public async Task Rows_ComeFromAllPages()
    {
        await using LogServer server = await LogServer.OfAsync(1203);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Get-HeliconeRequest")).AssertNoErrors();

        Assert.Equal(Enumerable.Range(0, 1203).Select(LogServer.Id), result.Texts);
        Assert.Equal(3, server.Queries.Count);
    }

    [Fact]
    public async Task First_IsAllThatIsAskedFor()
    {
        await using LogServer server = await LogServer.OfAsync(1203);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Assert.Equal(7, (await shell.RunAsync("Get-HeliconeRequest -First 7")).AssertNoErrors().Output.Count);

        Assert.Equal(7, Assert.Single(server.Queries)["limit"]!.GetValue<int>());
    }

    [Fact]
    public async Task Rows_AreWritten_BeforeTheNextPageIsThere()
    {
        TaskCompletionSource never = new();
        await using LogServer server = await LogServer.StartAsync(async (context, exchange) =>
        {
            if (exchange.Body.Contains("\"offset\":0", StringComparison.Ordinal))
            {
                await context.Response.WriteAsync($$"""{"data":[{{string.Join(',', Enumerable.Range(0, 500).Select(i => $$"""{"request_id":"{{LogServer.Id(i)}}"}"""))}}],"error":null}""");
                return;
            }

            await never.Task.WaitAsync(context.RequestAborted);
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        using RunningScript script = shell.Start("Get-HeliconeRequest");
        await RunningScript.UntilAsync(() => script.Output.Count == 500 && server.Queries.Count == 2, "the first page");
        long begun = TimeProvider.System.GetTimestamp();
        await script.StopAsync();

        Assert.True((await script.EndAsync()).Stopped);
        Assert.InRange(TimeProvider.System.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("Get-HeliconeRequest 00000000-0000-4000-8000-000000000003")]
    [InlineData("Get-HeliconeRequest -RequestId 00000000-0000-4000-8000-000000000003")]
    [InlineData("'00000000-0000-4000-8000-000000000003' | Get-HeliconeRequest")]
    [InlineData("[guid]'00000000-0000-4000-8000-000000000003' | Get-HeliconeRequest")]
    [InlineData("[pscustomobject]@{ RequestId = '00000000-0000-4000-8000-000000000003' } | Get-HeliconeRequest")]
    [InlineData("$row = Get-HeliconeRequest -First 4; $row[3] | Get-HeliconeRequest")]
    [InlineData("$row = Get-HeliconeRequest -First 4; Get-HeliconeRequest $row[3]")]
    public async Task Id_ComesInEveryWay(string command)
    {
        await using LogServer server = await LogServer.OfAsync(9);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(command + " -IncludeBody")).AssertNoErrors();

        Assert.Equal(LogServer.Id(3), result.Single.ToString());
        Assert.Equal("""{"model":"gpt-4o"}""", result.Property("RequestBody"));
        Assert.Equal("GET /v1/request/" + LogServer.Id(3) + " ", server.Exchanges[^1].ToString());
    }

    [Fact]
    public async Task Answer_PipedIn_IsFoundByItsId()
    {
        await using ChatServer chats = await ChatServer.SayAsync("ok");
        await using LogServer server = await LogServer.SayAsync("""{"data":{"request_id":"11111111-1111-4111-8111-111111111111"},"error":null}""");
        using Shell shell = new();
        (await shell.RunAsync($"Connect-Helicone -ApiKey {Shell.Key} -GatewayUri {chats.Uri} -ApiUri {server.Uri}")).AssertNoErrors();

        Assert.Equal("11111111-1111-4111-8111-111111111111", (await shell.RunAsync("Invoke-HeliconeChat 'Hi' | Get-HeliconeRequest")).AssertNoErrors().Single.ToString());
    }

    [Fact]
    public async Task Session_OfTheLog_PipedIn_GivesItsCalls()
    {
        await using LogServer server = await LogServer.StartAsync((context, exchange) => exchange.Path.Contains("session", StringComparison.Ordinal)
            ? context.Response.WriteAsync("""{"data":[{"session_id":"s-1"},{"session_id":"s-2"}],"error":null}""")
            : context.Response.WriteAsync("""{"data":[],"error":null}"""));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("Get-HeliconeSession -Since 1d | Get-HeliconeRequest -Model gpt*")).AssertNoErrors();

        Assert.Equal(["s-1", "s-2"], server.Queries.Skip(1).Select(query => query["filter"]!["right"]!["left"]!["request_response_rmt"]!["properties"]!["Helicone-Session-Id"]!["equals"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("$null | Get-HeliconeRequest", "null")]
    [InlineData("[pscustomobject]@{ RequestId = '' } | Get-HeliconeRequest", "no RequestId")]
    public async Task Id_ThatIsNone_IsRefused(string command, string message)
    {
        await using LogServer server = await LogServer.OfAsync(1);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Assert.Contains(message, (await shell.RunAsync(command)).Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Exchanges);
    }

    [Fact]
    public async Task Id_Unknown_IsOneErrorOfItsOwn()
    {
        await using LogServer server = await LogServer.OfAsync(3);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync($"'{LogServer.Id(1)}', '{LogServer.Id(5)}', '{LogServer.Id(2)}' | Get-HeliconeRequest");

        Assert.Equal([LogServer.Id(1), LogServer.Id(2)], result.Texts);
        Assert.Equal("HeliconeRequestNotFound", result.ErrorId);
        Assert.Equal((ErrorCategory.ObjectNotFound, LogServer.Id(5)), (result.Error.CategoryInfo.Category, result.Error.TargetObject));
        Assert.Contains("Get-HeliconeRequest -Since", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"data":null,"error":"invalid limit"}""", 200, "HeliconeInvalidRequest", "invalid limit")]
    [InlineData("""{"error":null,"trace":"isAuthenticated.error"}""", 401, "HeliconeUnauthenticated", "401")]
    [InlineData("<html><body>Welcome</body></html>", 200, "HeliconeMalformedResponse", "JSON")]
    public async Task Failure_IsAnErrorOfTheLog(string body, int status, string id, string message)
    {
        await using LogServer server = await LogServer.SayAsync(body, status);
        using Shell shell = Shell.ConnectedTo(server.Uri, "-MaxRetry 0");

        Result result = await shell.RunAsync("Get-HeliconeRequest -First 1");

        Assert.Empty(result.Output);
        Assert.Equal(id, result.ErrorId);
        Assert.Contains(message, result.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Invoke-HeliconeChat", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.DoesNotContain(Shell.Key, result.Everything(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_AreGrouped_AsAnyObjects()
    {
        await using LogServer server = await LogServer.OfAsync(10);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("$n = @{}; Get-HeliconeRequest | ForEach-Object { $n[$_.Model] += $_.Cost }; $n")).AssertNoErrors();

        Hashtable sums = (Hashtable)result.Single.BaseObject;
        Assert.Equal((0.0225m, 0.0225m), (sums["gpt-4o"], sums["gpt-4o-mini"]));
    }

    [Theory]
    [InlineData(80, "", "")]
    [InlineData(120, @"User\s+Provider\s+SessionPath", @"u-7\s+openai\s+/sum")]
    [InlineData(200, @"User\s+Provider\s+SessionPath\s+Prompt", @"u-7\s+openai\s+/sum")]
    public async Task Rows_AreATable_OfALineEach_WithTheColumnsThatFitTheTerminal(int width, string headers, string cells)
    {
        await using LogServer server = await LogServer.OfAsync(2);
        ScreenHost host = new(width: width);
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync("Get-HeliconeRequest | Out-Default")).AssertNoErrors();

        Assert.Matches(@"Created\s+Model\s+Status\s+Tokens\s+Cost\s+Latency\s+Cache\s*" + headers + @"\s*\n", Escapes().Replace(host.Screen, string.Empty));
        string time = new DateTime(2026, 1, 31, 8, 0, 0, DateTimeKind.Utc).ToLocalTime().ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        Assert.Matches(time + @"\s+gpt-4o\s+200\s+1200\s+\$0\.0045\s+1\.2 s\s+Miss\s*" + cells + @"\s*\n", host.Screen);
    }

    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Escapes();

    private static string Iso(DateTime local) => local.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("-Model 'gpt-['", "HeliconeInvalidWildcard")]
    [InlineData("-Model 'gpt-[a'", "HeliconeInvalidWildcard")]
    [InlineData("-Model '[a-z][a-z][a-z]'", "HeliconeInvalidWildcard")]
    [InlineData("-Property @{ Environment = 'x[' }", "HeliconeInvalidWildcard")]
    public async Task Wildcard_ThatCannotBeAsked_IsOneClearError(string parameters, string id)
    {
        await using LogServer server = await LogServer.OfAsync(1);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Get-HeliconeRequest " + parameters);

        Assert.Equal(id, result.ErrorId);
        Assert.Empty(server.Exchanges);
    }

    [Theory]
    [InlineData("4y")]
    [InlineData("bad")]
    [InlineData("'*5'")]
    public async Task Status_ThatIsNone_IsRefusedWithExamples(string status)
    {
        await using LogServer server = await LogServer.OfAsync(1);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Assert.Contains("failed", (await shell.RunAsync($"Get-HeliconeRequest -Status {status}")).Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Exchanges);
    }

    [Fact]
    public async Task Body_ThatIsMissing_IsOneError_AndItsRowAndTheOthersCome()
    {
        await using LogServer server = await LogServer.StartAsync((context, exchange) => exchange.Method == "GET" && exchange.Path.EndsWith(LogServer.Id(5), StringComparison.Ordinal)
            ? LogServer.FailAsync(context, 404, "Request not found")
            : LogServer.CallsAsync(20, context, exchange));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Get-HeliconeRequest -IncludeBody");

        Assert.Equal(Enumerable.Range(0, 20).Select(LogServer.Id), result.Texts);
        Assert.Equal([5], Enumerable.Range(0, 20).Where(i => Result.Property(result.Output[i], "ResponseBody") is null));
        Assert.Equal(("HeliconeRequestNotFound", LogServer.Id(5)), (result.ErrorId, result.Error.TargetObject?.ToString()));
        Assert.False(result.Terminated);
    }

    [Theory]
    [InlineData("Get-HeliconeSession 's-[12]'")]
    [InlineData("Get-HeliconeSession -Name 'Night[ly]*'")]
    public async Task Session_IsFoundByASetOfCharacters(string command)
    {
        await using LogServer server = await LogServer.StartAsync((context, _) => LogServer.SayAsync(context, new System.Text.Json.Nodes.JsonArray()));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync(command)).AssertNoErrors();

        Assert.Contains("\"operator\":\"or\"", server.Queries[0].ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_ThatIsNew_PipedIn_GivesItsCalls()
    {
        await using LogServer server = await LogServer.OfAsync(1);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("New-HeliconeSession -Id s-1 | Get-HeliconeRequest")).AssertNoErrors();

        Assert.Equal("""{"request_response_rmt":{"properties":{"Helicone-Session-Id":{"equals":"s-1"}}}}""", server.Queries[0]["filter"]!["left"]!.ToJsonString());
    }
}
