using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Log;

/// <summary>Get-HeliconeUsage.</summary>
public sealed partial class UsageTests
{
    [Theory]
    [InlineData("", "All requests 3 1 $0.5000 + 1?")]
    [InlineData("-By Model", "gpt-4o-mini 2 1 $0.5000|gpt-4o 1 0 ?")]
    [InlineData("-By User", "ada 3 1 $0.5000 + 1?")]
    [InlineData("-PropertyName Team", "ops 2 1 $0.5000|(none) 1 0 ?")]
    public async Task Calls_AreAddedUp_AndUnknownCostsAreCounted(string parameters, string expected)
    {
        await using LogServer server = await LogServer.SayAsync(Rows());
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync($"Get-HeliconeUsage {parameters} | ForEach-Object {{ \"$_ $($_.Requests) $($_.Failed) $([Helicone.Formatting.Cell]::Total($_.Cost, $_.UnpricedRequests))\" }}")).AssertNoErrors();

        Assert.Equal(expected, string.Join('|', result.Texts));
    }

    [Fact]
    public async Task Filter_GoesToTheLog()
    {
        await using LogServer server = await LogServer.SayAsync(Rows());
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("Get-HeliconeUsage 2026-01-01 -Until 2026-01-31 -UserId ada -Model gpt-* -Property @{ Team = 'ops' }")).AssertNoErrors();

        string filter = server.Queries[0]["filter"]!.ToJsonString();
        Assert.Contains("\"user_id\":{\"equals\":\"ada\"}", filter, StringComparison.Ordinal);
        Assert.Contains("\"model\":{\"ilike\":\"gpt-%\"}", filter, StringComparison.Ordinal);
        Assert.Contains("\"Team\":{\"equals\":\"ops\"}", filter, StringComparison.Ordinal);
        Assert.Contains("\"gte\"", filter, StringComparison.Ordinal);
        Assert.Contains("\"lte\"", filter, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Table_FitsIn80Columns()
    {
        await using LogServer server = await LogServer.SayAsync(Rows());
        ScreenHost host = new(width: 80);
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync("Get-HeliconeUsage -By Model | Out-Default")).AssertNoErrors();

        Assert.Matches(@"gpt-4o-mini +2 +1 +28 +\$0\.5000 ", host.Screen);
        Assert.Matches(@"gpt-4o +1 +0 +14 +\? ", host.Screen);
        Assert.All(Style().Replace(host.Screen, string.Empty).Split('\n'), line => Assert.True(line.TrimEnd().Length < 80, line));
    }

    [Theory]
    [InlineData("-By Property")]
    [InlineData("-By Model -PropertyName Team")]
    [InlineData("-Since 1d -Until 2d")]
    public async Task WhatDoesNotFitTogether_IsRefused_AndNothingIsSent(string parameters)
    {
        await using LogServer server = await LogServer.SayAsync(Rows());
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync($"Get-HeliconeUsage {parameters}");

        Assert.Equal("HeliconeInvalidOption", result.ErrorId);
        Assert.Empty(server.Queries);
    }

    [Fact]
    public async Task NamesOfTheLog_AreCompleted_ExceptThoseThatWouldDriveTheTerminal()
    {
        await using LogServer server = await LogServer.SayAsync(Rows("x\u001b[2J", "y\u202e", "it's; Remove-Item z"));
        using Shell shell = Shell.ConnectedTo(server.Uri);
        (await shell.RunAsync("Get-HeliconeUsage")).AssertNoErrors();

        Result result = shell.Run("(TabExpansion2 'Get-HeliconeUser ' -cursorColumn 17).CompletionMatches.CompletionText; (TabExpansion2 'Get-HeliconeUsage -PropertyName ' -cursorColumn 32).CompletionMatches.CompletionText").AssertNoErrors();

        Assert.Contains("'it''s; Remove-Item z'", result.Texts);
        Assert.Contains("Team", result.Texts);
        Assert.DoesNotContain(result.Texts, static text => text.Contains('\u001b', StringComparison.Ordinal) || text.Contains('\u202e', StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex Style();

    private static string Rows(params string[] users) => new JsonObject
    {
        ["data"] = new JsonArray([
            Row(1, "gpt-4o-mini", 0.5, 200, "ops"),
            Row(2, "gpt-4o", null, 200, null),
            Row(3, "gpt-4o-mini", null, 429, "ops"),
            .. users.Select((user, i) => Row(i + 4, "gpt-4o", 0, 200, null, user)),
        ]),
        ["error"] = null,
    }.ToJsonString();

    private static JsonObject Row(int number, string model, double? cost, int status, string? team, string user = "ada")
    {
        JsonObject row = new()
        {
            ["request_id"] = $"r-{number}",
            ["request_created_at"] = DateTime.UtcNow.AddHours(-number).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
            ["response_model"] = model,
            ["response_status"] = status,
            ["request_user_id"] = user,
            ["total_tokens"] = 14,
            ["cost"] = cost,
        };
        if (team is not null)
        {
            row["request_properties"] = new JsonObject { ["Team"] = team };
        }

        return row;
    }
}
