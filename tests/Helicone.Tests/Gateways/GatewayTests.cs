using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Helicone.Tests.Hosting;

namespace Helicone.Tests.Gateways;

/// <summary>With the gateway that ships in the module, as the process that it is.</summary>
public sealed class GatewayTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-gateway-").FullName;

    private string Start => $"Start-HeliconeGateway -DatabasePath '{Path.Combine(_folder, "gateway.db")}'";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Local_AnswersWithoutAccountOrNetwork_AndSaysThatNoModelRan()
    {
        using Shell shell = new();

        Result result = (await shell.RunAsync(
            "Connect-Helicone -Local; (Get-HeliconeConnection).IsLocal; Invoke-HeliconeChat 'Hello'; Test-HeliconeConnection; @(Get-HeliconeModel).Count -ge 60; @(Get-HeliconeGateway).Count; Connect-Helicone -Local; @(Get-HeliconeGateway).Count; Stop-HeliconeGateway")).AssertNoErrors();

        Assert.StartsWith("[offline]", result.Output[1].ToString(), StringComparison.Ordinal);
        Assert.Equal("offline", Result.Property(result.Output[1], "Provider"));
        Assert.Equal(["True", "True", "True", "1", "1"], result.Texts.Where((_, i) => i != 1));
    }

    [Fact]
    public async Task Stop_EndsTheProcess_AndItsConnection()
    {
        using Shell shell = new();

        Result started = (await shell.RunAsync(Start)).AssertNoErrors();
        int id = (int)started.Property("ProcessId")!;
        using Process process = Process.GetProcessById(id);
        Assert.False(process.HasExited);
        Result stopped = (await shell.RunAsync("Connect-Helicone -Local; $g = Get-HeliconeGateway; $g | Stop-HeliconeGateway; $g.Status; Get-HeliconeGateway; Get-HeliconeConnection")).AssertNoErrors();

        Assert.Equal(["Stopped"], stopped.Texts);
        Assert.True(process.WaitForExit(10_000));
    }

    [Fact]
    public async Task Remove_TheModule_EndsItsGateways()
    {
        using Shell shell = new();

        int id = (int)(await shell.RunAsync(Start)).AssertNoErrors().Property("ProcessId")!;
        using Process process = Process.GetProcessById(id);
        (await shell.RunAsync("Remove-Module Helicone")).AssertNoErrors();

        Assert.True(process.WaitForExit(10_000));
    }

    [Fact]
    public async Task Runspace_Closed_EndsItsGateways()
    {
        Process process;
        using (Shell shell = new())
        {
            process = Process.GetProcessById((int)(await shell.RunAsync(Start)).AssertNoErrors().Property("ProcessId")!);
        }

        using (process)
        {
            Assert.True(process.WaitForExit(10_000));
        }
    }

    [Fact]
    public async Task SetEnvironment_PointsOtherProgramsAtIt_AndStopPutsBackWhatWasThere()
    {
        using Variables variables = new(("OPENAI_BASE_URL", "https://before.example"), ("OPENAI_API_KEY", null), ("HELICONE_API_KEY", null), ("HELICONE_BASE_URL", null), ("HELICONE_AI_GATEWAY_BASE_URL", null));
        using Shell shell = new();

        Result result = (await shell.RunAsync(
            $"$g = {Start} -SetEnvironment; $env:OPENAI_BASE_URL -eq \"$($g.Uri)v1\"; $env:OPENAI_API_KEY -eq $env:HELICONE_API_KEY; \"$(Invoke-HeliconeChat 'Hi')\".StartsWith('[offline]'); Stop-HeliconeGateway; $env:OPENAI_BASE_URL; $env:OPENAI_API_KEY; $env:HELICONE_API_KEY")).AssertNoErrors();

        Assert.Equal(["True", "True", "True", "https://before.example", "", ""], result.Texts);
    }

    [Fact]
    public async Task Configuration_ChangedWrongly_IsAWarningOfTheNextCommand_Once_AndTheOneBeforeStays()
    {
        string configuration = Path.Combine(_folder, "gateway.json");
        await File.WriteAllTextAsync(configuration, """{ "scenarios": [ { "reply": { "text": "as before" } } ] }""");
        using Shell shell = new();
        (await shell.RunAsync($"$null = {Start} -ConfigPath '{configuration}'; Connect-Helicone -Local")).AssertNoErrors();

        await File.WriteAllTextAsync(configuration, """{ "scenaros": [] }""");
        List<string> warnings = [];
        await RunningScript.UntilAsync(
            () =>
            {
                Result result = shell.Run("Invoke-HeliconeChat 'Hi'").AssertNoErrors();
                Assert.Equal("as before", result.Single.ToString());
                warnings.AddRange(result.Warnings);
                return warnings.Count > 0;
            },
            "the warning");
        Result next = (await shell.RunAsync("Invoke-HeliconeChat 'Hi'")).AssertNoErrors();

        string warning = Assert.Single(warnings);
        Assert.Contains("gateway.json line 1, column 15: There is no 'scenaros' here", warning, StringComparison.Ordinal);
        Assert.Contains("the previous one stays", warning, StringComparison.Ordinal);
        Assert.Empty(next.Warnings);
    }

    [Fact]
    public async Task Port_Taken_IsOneClearError()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using Shell shell = new();

        Result result = await shell.RunAsync($"{Start} -Port {port}; Get-HeliconeGateway");

        Assert.Empty(result.Output);
        Assert.Equal("HeliconeGatewayFailed", result.ErrorId);
        Assert.Equal(port, result.Error.TargetObject);
        Assert.Contains("-Port", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dotnet_ThatCannotBeStarted_IsOneClearError()
    {
        // If the file isn't a program, the system reports it the same way as a missing file.
        await File.WriteAllTextAsync(Path.Combine(_folder, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"), "nothing");
        using Variables variables = new(("DOTNET_ROOT", _folder));
        using Shell shell = new();

        Result result = await shell.RunAsync(Start);

        Assert.Equal("HeliconeGatewayFailed", result.ErrorId);
        Assert.Contains("dotnet", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("https://dotnet.microsoft.com", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Start-HeliconeGateway -DatabasePath '{0}'")]
    [InlineData("Connect-Helicone -Local")]
    public async Task Folder_ThatCannotBeMade_IsOneClearError(string command)
    {
        // Below a file there is no folder, whoever asks for it.
        string file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "nothing");
        using Variables variables = new(("XDG_DATA_HOME", file), ("LOCALAPPDATA", file));
        using Shell shell = new();

        Result result = await shell.RunAsync(string.Format(CultureInfo.InvariantCulture, command, Path.Combine(file, "data", "gateway.db")));

        Assert.Equal("HeliconeGatewayFailed", result.ErrorId);
        Assert.Contains(file, result.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("-DatabasePath", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gateway_NotReadyInTime_IsGivenUp()
    {
        using Shell shell = new();

        Result result = await shell.RunAsync(Start + " -TimeoutSec 0.001; Get-HeliconeGateway");

        Assert.Empty(result.Output);
        Assert.Equal("HeliconeGatewayFailed", result.ErrorId);
        Assert.Contains("-TimeoutSec", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_Stopped_LeavesNoProcess()
    {
        if (OperatingSystem.IsWindows())
        {
            // A script cannot stand in for dotnet.exe there.
            return;
        }

        // A dotnet that records its identity and then writes nothing.
        string dotnet = Path.Combine(_folder, "dotnet");
        string pid = Path.Combine(_folder, "pid");
        await File.WriteAllTextAsync(dotnet, $"#!/bin/sh\necho $$ > '{pid}.new'\nmv '{pid}.new' '{pid}'\nexec sleep 600\n");
        File.SetUnixFileMode(dotnet, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using Variables variables = new(("DOTNET_ROOT", _folder));
        using Shell shell = new();

        using RunningScript script = shell.Start(Start);
        await RunningScript.UntilAsync(() => File.Exists(pid), "the process");
        await script.StopAsync();

        Assert.True((await script.EndAsync()).Stopped);
        int id = int.Parse(await File.ReadAllTextAsync(pid), CultureInfo.InvariantCulture);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(id));
    }

    [Fact]
    public async Task WhatIf_StartsNothing()
    {
        using Shell shell = new(new ScreenHost());

        Result result = (await shell.RunAsync(Start + " -WhatIf; Get-HeliconeGateway")).AssertNoErrors();

        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Stop_OfAnUnknownProcess_IsRefused()
    {
        using Shell shell = new();

        Result result = await shell.RunAsync($"Stop-HeliconeGateway -Id {Environment.ProcessId}");

        Assert.Equal("HeliconeGatewayNotFound", result.ErrorId);
    }

    [Fact]
    public async Task Local_IsTheGatewayJustStarted_AndAnyOneCanBeNamed()
    {
        using Shell shell = new();
        string other = Start.Replace("gateway.db", "other/gateway.db", StringComparison.Ordinal);

        Result result = (await shell.RunAsync(
            $"$one = {Start}; Connect-Helicone -Local; $two = {other}; Connect-Helicone -Local -PassThru; $one | Connect-Helicone -PassThru; Connect-Helicone -Gateway $two -PassThru; $one.Uri, $two.Uri; Stop-HeliconeGateway")).AssertNoErrors();

        string[] uris = [.. result.Output.Take(3).Select(connection => Result.Property(connection, "GatewayUri")!.ToString()!)];
        Assert.Equal([result.Output[4].ToString(), result.Output[3].ToString(), result.Output[4].ToString()], uris);
        Assert.All(result.Output.Take(3), connection => Assert.Equal(true, Result.Property(connection, "IsLocal")));
    }

    [Fact]
    public async Task Gateway_ThatHasStopped_IsNotConnectedTo()
    {
        using Shell shell = new();

        Result result = await shell.RunAsync($"$g = {Start}; Stop-HeliconeGateway; $g | Connect-Helicone");

        Assert.Equal("HeliconeGatewayNotFound", result.ErrorId);
    }

    [Theory]
    [InlineData("$one | Stop-HeliconeGateway; $two | Stop-HeliconeGateway")]
    [InlineData("$two | Stop-HeliconeGateway; $one | Stop-HeliconeGateway")]
    [InlineData("Stop-HeliconeGateway")]
    public async Task SetEnvironment_OfTwoGateways_StoppedInAnyOrder_PutsBackWhatWasThere(string stop)
    {
        using Variables variables = new(("OPENAI_BASE_URL", "https://before.example"), ("OPENAI_API_KEY", null), ("HELICONE_API_KEY", null), ("HELICONE_BASE_URL", null), ("HELICONE_AI_GATEWAY_BASE_URL", null));
        using Shell shell = new();
        string other = Start.Replace("gateway.db", "other/gateway.db", StringComparison.Ordinal);

        Result result = (await shell.RunAsync($"$one = {Start} -SetEnvironment; $two = {other} -SetEnvironment; {stop}; $env:OPENAI_BASE_URL; $env:OPENAI_API_KEY; $env:HELICONE_API_KEY")).AssertNoErrors();

        Assert.Equal(["https://before.example", "", ""], result.Texts);
    }

    [Fact]
    public async Task Runspace_OfASession_OnALocalGateway_DoesNotGoToTheCloudByItself()
    {
        using Variables variables = new(("HELICONE_API_KEY", Shell.Key));
        using Shell shell = new();
        using Shell other = new();

        (await shell.RunAsync($"$g = {Start}; Connect-Helicone -Local")).AssertNoErrors();
        Result refused = await other.RunAsync("Invoke-HeliconeChat 'x'");
        Result shown = await other.RunAsync("Get-HeliconeConnection");
        (await shell.RunAsync("Stop-HeliconeGateway")).AssertNoErrors();
        Result after = await other.RunAsync("Get-HeliconeConnection");

        Assert.Equal("HeliconeNotConnected", refused.ErrorId);
        Assert.Contains("local gateway", refused.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("-Connection $using:c", refused.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(shown.Output);
        Assert.Single(after.Output);
    }
}
