using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Chat;

public sealed class AttributionTests
{
    [Fact]
    public async Task Call_SendsExactlyTheHeadersOfItsParameters()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(
            """
            $s = New-HeliconeSession -Name 'Plan' -Path /plan -Id 's-1'
            Invoke-HeliconeChat 'Weather?' -Session $s -SessionPath weather -UserId user-789 -RequestId 3f2c1a90-6a1b-4c2d-8e3f-0123456789ab `
                -Property @{ Environment = 'production'; Attempt = 2; Ratio = 1.5; Dry = $false; Day = [datetime]'2026-01-31' } `
                -Cache -CacheMaxAge 1h -CacheSeed blue -CacheBucketSize 3 -RateLimitPolicy '100;w=60;s=user' -Header @{ 'Helicone-Omit-Response' = $true }
            """)).AssertNoErrors();

        IReadOnlyDictionary<string, string> headers = Assert.Single(server.Chats).Headers;
        Assert.Equal("Bearer " + Shell.Key, headers["Authorization"]);
        Assert.Equal("s-1", headers["Helicone-Session-Id"]);
        Assert.Equal("Plan", headers["Helicone-Session-Name"]);
        Assert.Equal("/plan/weather", headers["Helicone-Session-Path"]);
        Assert.Equal("user-789", headers["Helicone-User-Id"]);
        Assert.Equal("3f2c1a90-6a1b-4c2d-8e3f-0123456789ab", headers["Helicone-Request-Id"]);
        Assert.Equal("production", headers["Helicone-Property-Environment"]);
        Assert.Equal("2", headers["Helicone-Property-Attempt"]);
        Assert.Equal("1.5", headers["Helicone-Property-Ratio"]);
        Assert.Equal("false", headers["Helicone-Property-Dry"]);
        Assert.Equal("2026-01-31T00:00:00.0000000", headers["Helicone-Property-Day"]);
        Assert.Equal("true", headers["Helicone-Cache-Enabled"]);
        Assert.Equal("max-age=3600", headers["Cache-Control"]);
        Assert.Equal("blue", headers["Helicone-Cache-Seed"]);
        Assert.Equal("3", headers["Helicone-Cache-Bucket-Max-Size"]);
        Assert.Equal("100;w=60;s=user", headers["Helicone-RateLimit-Policy"]);
        Assert.Equal("true", headers["Helicone-Omit-Response"]);
        Assert.Equal("s-1", result.Property("SessionId"));
    }

    [Fact]
    public async Task Call_WithoutParameters_SendsNoneOfThem()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("Invoke-HeliconeChat 'x'")).AssertNoErrors();

        Assert.DoesNotContain(server.Chats[0].Headers.Keys, name => name.StartsWith("Helicone-", StringComparison.OrdinalIgnoreCase) || name == "Cache-Control");
        Assert.Equal(["model", "messages"], server.Chats[0].Body.Select(field => field.Key));
    }

    [Theory]
    [InlineData("'100;w=60'", "100;w=60")]
    [InlineData("@{ Quota = 100; Window = '1h' }", "100;w=3600")]
    [InlineData("@{ quota = 5; window = [timespan]::FromMinutes(2); unit = 'cents'; segment = 'Team' } -Property @{ team = 'sre' }", "5;w=120;u=cents;s=Team")]
    [InlineData("basic-100", "100;w=60")]
    public async Task RateLimitPolicy_HoweverItIsWritten_IsTheRightHeader(string policy, string header)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri, "-RateLimitPolicy @{ 'basic-100' = '100;w=60' }");

        (await shell.RunAsync($"Invoke-HeliconeChat 'x' -RateLimitPolicy {policy}")).AssertNoErrors();

        Assert.Equal(header, server.Chats[0].Headers["Helicone-RateLimit-Policy"]);
    }

    [Fact]
    public async Task RateLimitHeader_Misspelt_GetsAWarningThatNamesTheRightOne()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Invoke-HeliconeChat 'x' -Header @{ 'Helicone-Rate-Limit-Policy' = 'basic-100' }")).AssertNoErrors();

        Assert.Contains("'Helicone-RateLimit-Policy'", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_Entered_HoldsUntilItIsLeft_AndTheInnerOneWins()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync(
            """
            Enter-HeliconeSession -Session outer
            Invoke-HeliconeChat 1
            New-HeliconeSession -Id inner -Path /a | Enter-HeliconeSession
            Invoke-HeliconeChat 2 -SessionPath b
            Exit-HeliconeSession
            Invoke-HeliconeChat 3
            Invoke-HeliconeChat 4 -Session other
            Exit-HeliconeSession
            Invoke-HeliconeChat 5
            """)).AssertNoErrors();

        Assert.Equal(
            ["outer /", "inner /a/b", "outer /", "other /", "none"],
            server.Chats.Select(chat => chat.Headers.TryGetValue("Helicone-Session-Id", out string? id) ? $"{id} {chat.Headers["Helicone-Session-Path"]}" : "none"));
    }

    [Fact]
    public async Task ConnectionDefaults_TagEveryCall_AndTheCallsOwnWin()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri, "-Model gpt-4o -UserId ops -Session nightly -Property @{ Team = 'sre'; Environment = 'test' }");

        (await shell.RunAsync("Invoke-HeliconeChat 1; Invoke-HeliconeChat 2 -Model claude-4.5-sonnet -UserId me -Property @{ environment = 'production' }")).AssertNoErrors();

        Assert.Equal("gpt-4o", server.Chats[0].Model);
        Assert.Equal("ops", server.Chats[0].Headers["Helicone-User-Id"]);
        Assert.Equal("nightly", server.Chats[0].Headers["Helicone-Session-Id"]);
        Assert.Equal("claude-4.5-sonnet", server.Chats[1].Model);
        Assert.Equal("me", server.Chats[1].Headers["Helicone-User-Id"]);
        Assert.Equal("sre", server.Chats[1].Headers["Helicone-Property-Team"]);
        Assert.Equal("production", server.Chats[1].Headers["Helicone-Property-Environment"]);
    }
}
