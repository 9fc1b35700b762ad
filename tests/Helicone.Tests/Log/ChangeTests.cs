using System.Management.Automation;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Log;

/// <summary>Properties, feedback, and scores of logged calls.</summary>
public sealed class ChangeTests
{
    private const string Id = "00000000-0000-4000-8000-000000000001";

    [Theory]
    [InlineData($"Set-HeliconeRequestProperty {Id} @{{ Team = 'ops' }}", $$"""PUT /v1/request/{{Id}}/property {"key":"Team","value":"ops"}""")]
    [InlineData($"'{Id}' | Set-HeliconeRequestProperty -Property @{{ Retries = 3 }}", $$"""PUT /v1/request/{{Id}}/property {"key":"Retries","value":"3"}""")]
    [InlineData($"Set-HeliconeRequestFeedback {Id} Positive", $$"""POST /v1/request/{{Id}}/feedback {"rating":true}""")]
    [InlineData($"Set-HeliconeRequestFeedback {Id} -Rating negative", $$"""POST /v1/request/{{Id}}/feedback {"rating":false}""")]
    [InlineData($"Set-HeliconeRequestFeedback {Id} $false", $$"""POST /v1/request/{{Id}}/feedback {"rating":false}""")]
    [InlineData($"[pscustomobject]@{{ RequestId = '{Id}'; Rating = 'True' }} | Set-HeliconeRequestFeedback", $$"""POST /v1/request/{{Id}}/feedback {"rating":true}""")]
    [InlineData($"Add-HeliconeRequestScore {Id} @{{ accuracy = 0.5 }}", $$$"""POST /v1/request/{{{Id}}}/score {"scores":{"accuracy":0.5}}""")]
    [InlineData($"Add-HeliconeRequestScore {Id} @{{ helpful = $true }}", $$$"""POST /v1/request/{{{Id}}}/score {"scores":{"helpful":1}}""")]
    [InlineData($"[pscustomobject]@{{ RequestId = '{Id}'; Score = @{{ accuracy = '1.5' }} }} | Add-HeliconeRequestScore", $$$"""POST /v1/request/{{{Id}}}/score {"scores":{"accuracy":1.5}}""")]
    public async Task Change_IsSent(string command, string exchange)
    {
        await using LogServer server = await LogServer.OfAsync(3);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Assert.Empty((await shell.RunAsync(command)).AssertNoErrors().Output);

        Assert.Equal([exchange], server.Exchanges.Select(e => e.ToString()));
    }

    [Fact]
    public async Task Rows_PipedThrough_AreAllChanged_AndGivenOn()
    {
        await using LogServer server = await LogServer.OfAsync(3);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(
            "Get-HeliconeRequest | Set-HeliconeRequestProperty -Property @{ Reviewed = 'yes' } -PassThru | Set-HeliconeRequestFeedback -Rating Positive -PassThru | Add-HeliconeRequestScore -Score @{ accuracy = 1 } -PassThru")).AssertNoErrors();

        Assert.Equal([LogServer.Id(0), LogServer.Id(1), LogServer.Id(2)], result.Texts);
        Assert.All(result.Output, row => Assert.Equal("Helicone.Requests.LoggedRequest", row.TypeNames[0]));
        Assert.Equal(9, server.Exchanges.Count(e => e.Path.StartsWith("/v1/request/00000000", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Answer_PipedThrough_IsChangedByItsId()
    {
        await using ChatServer chats = await ChatServer.SayAsync("ok");
        await using LogServer server = await LogServer.SayAsync("""{"data":null,"error":null}""");
        using Shell shell = new();
        (await shell.RunAsync($"Connect-Helicone -ApiKey {Shell.Key} -GatewayUri {chats.Uri} -ApiUri {server.Uri}")).AssertNoErrors();

        Result result = (await shell.RunAsync("Invoke-HeliconeChat 'Hi' | Set-HeliconeRequestFeedback -Rating Positive -PassThru")).AssertNoErrors();

        Assert.Equal("ok", result.Single.ToString());
        Assert.Equal("/v1/request/11111111-1111-4111-8111-111111111111/feedback", Assert.Single(server.Exchanges, exchange => exchange.Method == "POST").Path);
    }

    [Theory]
    [InlineData($"Set-HeliconeRequestProperty {Id} @{{ Team = 'ops' }} -WhatIf", "Set Team = ops")]
    [InlineData($"Set-HeliconeRequestFeedback {Id} Negative -WhatIf", "Rate Negative")]
    [InlineData($"Add-HeliconeRequestScore {Id} @{{ accuracy = 0.5 }} -WhatIf", "Score accuracy = 0.5")]
    public async Task WhatIf_SaysIt_AndSendsNothing(string command, string action)
    {
        await using LogServer server = await LogServer.OfAsync(3);
        ScreenHost host = new();
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        (await shell.RunAsync(command)).AssertNoErrors();

        Assert.Contains(action, host.Screen, StringComparison.Ordinal);
        Assert.Contains(Id, host.Screen, StringComparison.Ordinal);
        Assert.Empty(server.Exchanges);
    }

    [Theory]
    [InlineData($"Add-HeliconeRequestScore {Id} @{{ accuracy = 'good' }}", "HeliconeInvalidScore", "accuracy")]
    [InlineData($"Add-HeliconeRequestScore {Id} @{{ accuracy = [double]::NaN }}", "HeliconeInvalidScore", "accuracy")]
    [InlineData($"Set-HeliconeRequestProperty {Id} @{{ Team = $null }}", "HeliconeInvalidProperty", "Team")]
    [InlineData($"Set-HeliconeRequestProperty {Id} @{{ 'a b' = 'x' }}", "HeliconeInvalidProperty", "a b")]
    [InlineData("Set-HeliconeRequestFeedback (New-HeliconeSession -Id s-1) Positive", "HeliconeInvalidRequestId", "is a session")]
    [InlineData("[pscustomobject]@{ Id = 5 } | Set-HeliconeRequestFeedback -Rating Positive", "HeliconeInvalidRequestId", "doesn't identify a request")]
    public async Task Input_ThatIsWrong_IsRefused_BeforeAnythingIsSent(string command, string id, string message)
    {
        await using LogServer server = await LogServer.OfAsync(3);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync(command);

        Assert.Equal(id, result.ErrorId);
        Assert.Contains(message, result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Exchanges);
    }

    [Theory]
    [InlineData("Meh")]
    [InlineData("7")]
    [InlineData("$null")]
    public async Task Rating_ThatIsNone_IsRefused(string rating)
    {
        await using LogServer server = await LogServer.OfAsync(3);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Assert.Contains("Positive or Negative", (await shell.RunAsync($"Set-HeliconeRequestFeedback {Id} -Rating {rating}")).Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Exchanges);
    }

    [Fact]
    public async Task Call_ThatIsNotThere_IsOneError_AndTheOthersAreChanged()
    {
        await using LogServer server = await LogServer.StartAsync((context, exchange) => exchange.Path.Contains(LogServer.Id(1), StringComparison.Ordinal)
            ? LogServer.FailAsync(context, 404, "There is no request.")
            : LogServer.SayAsync(context, null));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync($"'{LogServer.Id(0)}', '{LogServer.Id(1)}', '{LogServer.Id(2)}' | Set-HeliconeRequestFeedback -Rating Positive -PassThru");

        Assert.Equal([LogServer.Id(0), LogServer.Id(2)], result.Texts);
        Assert.Equal(("HeliconeRequestNotFound", LogServer.Id(1)), (result.ErrorId, result.Error.TargetObject));
        Assert.Equal(ErrorCategory.ObjectNotFound, result.Error.CategoryInfo.Category);
    }

    [Theory]
    [InlineData("Set-HeliconeRequestFeedback -Rating Positive", "HeliconeInvalidRequestId")]
    [InlineData("Set-HeliconeRequestProperty -Property @{ Team = 'ops' }", "HeliconeInvalidRequestId")]
    [InlineData("Add-HeliconeRequestScore -Score @{ accuracy = 1 }", "HeliconeInvalidRequestId")]
    public async Task Record_WithoutARequestId_IsOneError_AndTheOthersAreChanged(string command, string id)
    {
        await using LogServer server = await LogServer.SayAsync("""{"data":null,"error":null}""");
        using Shell shell = Shell.ConnectedTo(server.Uri);
        string records = $"[pscustomobject]@{{ RequestId = '{LogServer.Id(0)}' }}, [pscustomobject]@{{ RequestId = $null }}, [pscustomobject]@{{ RequestId = '{LogServer.Id(2)}' }} | {command}";

        Result result = await shell.RunAsync(records);

        Assert.Equal(id, result.ErrorId);
        Assert.False(result.Terminated);
        Assert.Equal([LogServer.Id(0), LogServer.Id(2)], server.Exchanges.Select(e => e.Path.Split('/')[3]));

        result = await shell.RunAsync(records + " -ErrorAction SilentlyContinue; 'and on'");
        Assert.Equal("and on", result.Texts.Last());
    }

    [Fact]
    public async Task Score_OfARecord_ThatIsNoNumber_IsOneError_AndTheOthersAreScored()
    {
        await using LogServer server = await LogServer.SayAsync("""{"data":null,"error":null}""");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync(
            $"0..2 | ForEach-Object {{ [pscustomobject]@{{ RequestId = '00000000-0000-4000-8000-00000000000' + $_; Score = @{{ accuracy = ('0.5', 'good', '1')[$_] }} }} }} | Add-HeliconeRequestScore");

        Assert.Equal("HeliconeInvalidScore", result.ErrorId);
        Assert.False(result.Terminated);
        Assert.Equal([LogServer.Id(0), LogServer.Id(2)], server.Exchanges.Select(e => e.Path.Split('/')[3]));
    }
}
