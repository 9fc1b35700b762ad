using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Pipeline;

/// <summary>Other commands in the pipeline, and the host, never see the context that our cmdlets work under.</summary>
public sealed class NeighborTests
{
    private static readonly SessionStateCmdletEntry s_waitDownstream = new("Wait-Downstream", typeof(WaitDownstreamCommand), null);

    [Theory]
    [InlineData("Invoke-HeliconeChat 'Hi'")]
    [InlineData("Invoke-HeliconeChat 'Hi' -Stream")]
    [InlineData("1, 2 | Invoke-HeliconeChat 'Hi' -ForEach")]
    [InlineData("Invoke-HeliconeChat 'Hi' -Stream | Show-HeliconeStream -PassThru")]
    [InlineData("New-HeliconeSession 'Nightly'")]
    [InlineData("Enter-HeliconeSession -Name 'Nightly' -PassThru")]
    [InlineData("Get-HeliconeConnection")]
    [InlineData("Connect-Helicone -ApiKey sk-helicone-x -PassThru")]
    [InlineData("Disconnect-Helicone -Verbose 4>&1")]
    [InlineData("'a' | Show-HeliconeStream 2>&1")]
    [InlineData("Invoke-HeliconeChat 'Hi' -Header @{ 'Helicone-Rate-Limit-Policy' = 'x' } 3>&1")]
    [InlineData("Invoke-HeliconeChat 'Hi' -Stream | Show-HeliconeStream 6>&1")]
    public async Task CommandDownstream_ThatBlocksOnATask_IsNotHung(string command)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri, neighbor: s_waitDownstream);

        Result result = await shell.RunAsync($"{command} | Wait-Downstream");

        Assert.NotEmpty(result.AssertNoErrors().Output);
        Assert.All(result.Output, item => Assert.Equal(true, item.BaseObject));
    }

    [Fact]
    public async Task CommandDownstream_OfLogAndModels_IsNotHung()
    {
        await using LogServer server = await LogServer.OfAsync(3);
        using Shell shell = Shell.ConnectedTo(server.Uri, neighbor: s_waitDownstream);

        Result result = await shell.RunAsync(
            "Get-HeliconeRequest -IncludeBody | Set-HeliconeRequestFeedback -Rating Positive -PassThru | Wait-Downstream");

        Assert.Equal([true, true, true], result.AssertNoErrors().Output.Select(item => item.BaseObject));
    }

    [Theory]
    [InlineData("Disconnect-Helicone -Verbose")]
    [InlineData("Set-HeliconeRequestFeedback 00000000-0000-4000-8000-000000000001 Positive -WhatIf")]
    [InlineData("Set-HeliconeRequestFeedback 00000000-0000-4000-8000-000000000001 Positive -Confirm")]
    [InlineData("1..6 | Invoke-HeliconeChat 'Hi' -ForEach | Out-Null")]
    [InlineData("Invoke-HeliconeChat 'Hi' -Header @{ 'Helicone-Rate-Limit-Policy' = 'x' } | Out-Null")]
    public async Task Host_ThatBlocksOnATask_IsNotHung(string command)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        ScreenHost host = new();
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);
        List<bool> waits = [];
        host.Called = () => waits.Add(WaitDownstreamCommand.Block());

        _ = await shell.RunAsync(command);

        Assert.NotEmpty(waits);
        Assert.DoesNotContain(false, waits);
    }

    [Fact]
    public async Task ScriptProperty_OfTheInput_ThatBlocksOnATask_IsNotHung()
    {
        await using LogServer server = await LogServer.OfAsync(3);
        using Shell shell = Shell.ConnectedTo(server.Uri);
        List<bool> waits = [];
        Func<string> id = () =>
        {
            waits.Add(WaitDownstreamCommand.Block());
            return LogServer.Id(1);
        };

        PSObject record = new();
        record.Properties.Add(new PSScriptProperty("RequestId", ScriptBlock.Create("$id.Invoke()")));

        _ = (await shell.RunAsync("$record | Set-HeliconeRequestFeedback -Rating Positive", null, ("id", id), ("record", record))).AssertNoErrors();

        Assert.NotEmpty(waits);
        Assert.DoesNotContain(false, waits);
    }
}
