using System.Text.Json.Nodes;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Log;

/// <summary>Get-HeliconeSession and Get-HeliconeUser.</summary>
public sealed class SessionAndUserTests
{
    private const string Session =
        """{"data":[{"session_id":"s-1","session_name":"Nightly","created_at":"2026-01-31 08:00:00","latest_request_created_at":"2026-01-31 08:02:00","total_requests":3,"total_cost":0.5,"prompt_tokens":1000,"completion_tokens":200,"total_tokens":1200,"user_ids":["u-7"]}],"error":null}""";

    private const string Users =
        """{"data":[{"user_id":"svc-a","count":3,"cost":0.5,"prompt_tokens":1000,"completion_tokens":200},{"user_id":"u-7","count":1,"cost":0,"prompt_tokens":1,"completion_tokens":1}],"error":null}""";

    [Theory]
    [InlineData("", "\"all\"", "", null)]
    [InlineData("-Search night", "\"all\"", "night", null)]
    [InlineData("-Name Nightly", "\"all\"", "", "Nightly")]
    [InlineData("-Name Night*", """{"request_response_rmt":{"properties":{"Helicone-Session-Name":{"ilike":"Night%"}}}}""", "", null)]
    [InlineData("s-1", """{"request_response_rmt":{"properties":{"Helicone-Session-Id":{"equals":"s-1"}}}}""", "", null)]
    [InlineData("-UserId u-7", """{"request_response_rmt":{"user_id":{"equals":"u-7"}}}""", "", null)]
    [InlineData("-Property @{ Environment = 'prod' }", """{"request_response_rmt":{"properties":{"Environment":{"equals":"prod"}}}}""", "", null)]
    public async Task Session_IsFoundByWhatIsAsked(string parameters, string filter, string search, string? name)
    {
        await using LogServer server = await LogServer.SayAsync(Session);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Get-HeliconeSession " + parameters)).AssertNoErrors();

        Assert.Equal("s-1", result.Single.ToString());
        JsonObject query = server.Queries[0];
        Assert.Equal((filter, search, name), (query["filter"]!.ToJsonString(), query["search"]!.GetValue<string>(), query["nameEquals"]?.GetValue<string>()));
    }

    [Theory]
    [InlineData("New-HeliconeSession -Id s-1 | Get-HeliconeSession")]
    [InlineData("Get-HeliconeSession (New-HeliconeSession -Id s-1)")]
    [InlineData("[pscustomobject]@{ SessionId = 's-1' } | Get-HeliconeSession")]
    public async Task Session_OfAnObject_IsFoundByItsId(string command)
    {
        await using LogServer server = await LogServer.SayAsync(Session);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync(command)).AssertNoErrors();

        Assert.Equal("""{"request_response_rmt":{"properties":{"Helicone-Session-Id":{"equals":"s-1"}}}}""", server.Queries[0]["filter"]!.ToJsonString());
    }

    [Fact]
    public async Task Session_HasItsNumbers_AndATable()
    {
        await using LogServer server = await LogServer.SayAsync(Session);
        ScreenHost host = new(width: 140);
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        Result result = (await shell.RunAsync("Get-HeliconeSession -First 1; Get-HeliconeSession | Out-Default")).AssertNoErrors();

        Assert.Equal((TimeSpan.FromMinutes(2), 3L, 0.5m), (result.Property("Duration"), result.Property("Requests"), result.Property("Cost")));
        Assert.Matches(@" 3\s+\$0\.5000 Nightly\s+s-1", host.Screen);
        Assert.Equal(1, server.Queries[0]["limit"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("Get-HeliconeUser", "svc-a u-7", null)]
    [InlineData("Get-HeliconeUser svc-*", "svc-a", null)]
    [InlineData("'u-?' | Get-HeliconeUser", "u-7", null)]
    [InlineData("Get-HeliconeUser svc-a, u-7", "svc-a u-7", """["svc-a","u-7"]""")]
    public async Task User_IsFoundByWhatIsAsked(string command, string users, string? ids)
    {
        await using LogServer server = await LogServer.SayAsync(Users);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(command)).AssertNoErrors();

        Assert.Equal(users, string.Join(' ', result.Texts));
        Assert.Equal(ids, server.Queries[0]["userIds"]?.ToJsonString());
    }

    [Fact]
    public async Task User_SinceAndUntil_AreSeconds_AndATable()
    {
        await using LogServer server = await LogServer.SayAsync(Users);
        ScreenHost host = new();
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync("Get-HeliconeUser -Since ([datetimeoffset]'2026-01-31T08:00:00Z') -Until ([datetimeoffset]'2026-01-31T09:00:00Z') | Out-Default")).AssertNoErrors();

        Assert.Equal("""{"startTimeUnixSeconds":1769846400,"endTimeUnixSeconds":1769850000}""", server.Queries[0]["timeFilter"]!.ToJsonString());
        Assert.Matches(@"svc-a\s+3\s+1,000\s+200\s+\$0\.5000", host.Screen);
    }
}
