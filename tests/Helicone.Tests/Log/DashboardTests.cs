using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Log;

/// <summary>Open-HeliconeDashboard.</summary>
public sealed class DashboardTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-browser-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("US", "", "https://us.helicone.ai/requests")]
    [InlineData("EU", "", "https://eu.helicone.ai/requests")]
    [InlineData("US", "r-1", "https://us.helicone.ai/requests?requestId=r-1")]
    [InlineData("EU", "([pscustomobject]@{ RequestId = 'r 1' })", "https://eu.helicone.ai/requests?requestId=r%201")]
    [InlineData("US", "-Session (New-HeliconeSession -Id s/1 -Name 'Nightly triage')", "https://us.helicone.ai/sessions/Nightly%20triage/s%2F1")]
    [InlineData("US", "-Session s-1", "https://us.helicone.ai/sessions/s-1")]
    public async Task Cloud_HasAPageForEach(string region, string parameters, string page)
    {
        using Shell shell = new();

        Result result = (await shell.RunAsync($"Connect-Helicone -ApiKey {Shell.Key} -Region {region}; Open-HeliconeDashboard {parameters} -PassThru")).AssertNoErrors();

        Assert.Equal(page, Assert.IsType<Uri>(result.Single.BaseObject).AbsoluteUri);
    }

    [Fact]
    public async Task HeliconeOfOthers_HasNone_AndTheErrorSaysSo()
    {
        using Shell shell = new();

        Result result = await shell.RunAsync($"Connect-Helicone -ApiKey {Shell.Key} -ApiUri https://helicone.example; Open-HeliconeDashboard");

        Assert.Equal("HeliconeDashboardNotFound", result.ErrorId);
        Assert.Contains("helicone.example", result.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocalGateway_IsOpenedWithATokenOfItsOwn()
    {
        if (OperatingSystem.IsWindows())
        {
            // There the system opens pages itself, and it can't be replaced.
            return;
        }

        string opened = Path.Combine(_folder, "opened");
        string opener = Path.Combine(_folder, OperatingSystem.IsMacOS() ? "open" : "xdg-open");
        await File.WriteAllTextAsync(opener, $"#!/bin/sh\nprintf '%s' \"$*\" > '{opened}.new'\nmv '{opened}.new' '{opened}'\necho noise\n");
        File.SetUnixFileMode(opener, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using Variables variables = new(("PATH", _folder + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH")), ("DISPLAY", ":0"));
        await using LogServer server = await LogServer.SayAsync("""{"token":"one-time"}""");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Open-HeliconeDashboard r-1")).AssertNoErrors();
        await RunningScript.UntilAsync(() => File.Exists(opened), "the page");

        Assert.Empty(result.Output);
        Assert.Equal($"{server.Uri}requests/r-1?token=one-time", await File.ReadAllTextAsync(opened));
        LogExchange exchange = Assert.Single(server.Exchanges);
        Assert.Equal(("POST", "/dashboard/token", "Bearer " + Shell.Key), (exchange.Method, exchange.Path, exchange.Authorization));
        Assert.DoesNotContain(Shell.Key, exchange.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_WithoutADesktop_GetsTheLink()
    {
        if (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())
        {
            // They always have something that opens pages.
            return;
        }

        using Variables variables = new(("DISPLAY", null), ("WAYLAND_DISPLAY", null), ("BROWSER", null));
        await using LogServer server = await LogServer.SayAsync("""{"token":"one-time"}""");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Open-HeliconeDashboard -Verbose")).AssertNoErrors();

        Assert.Equal($"{server.Uri}?token=one-time", result.Single.ToString());
        Assert.Contains(result.Verbose, message => message.Contains("No browser", StringComparison.Ordinal));
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public async Task Gateway_ThatGivesNoToken_IsAnError()
    {
        await using LogServer server = await LogServer.SayAsync("""{"error":"not here"}""", 404);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Open-HeliconeDashboard -PassThru");

        Assert.Empty(result.Output);
        Assert.Contains("not here", result.Error.ToString(), StringComparison.Ordinal);
    }
}
