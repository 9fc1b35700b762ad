using System.Collections;
using System.Management.Automation;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Bulk;

/// <summary>Twenty equal failures are twenty error records, and one error on the screen.</summary>
public sealed class RepeatedFailureTests
{
    [Fact]
    public async Task EqualFailures_AreShownOnce_AndEachIsARecord()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.FailAsync(400, exchange.Prompt == "13" ? "the image is too large" : $"request {exchange.Prompt}000 is broken"));
        ScreenHost host = new();
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        Result result = await shell.RunAsync("1..20 | Invoke-HeliconeChat -ErrorVariable failed 2>&1 | Out-Default; ,$failed");

        string screen = host.Screen;
        Assert.Single(Occurrences(screen, "is broken"));
        Assert.Single(Occurrences(screen, "too large"));
        Assert.True(screen.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length < 20, screen);
        ErrorRecord[] failed = [.. ((IEnumerable)result.Output[^1].BaseObject).OfType<ErrorRecord>()];
        Assert.Equal(Enumerable.Range(1, 20), failed.Select(error => (int)error.TargetObject));
        Assert.All(failed, error => Assert.StartsWith("HeliconeInvalidRequest,", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.All(failed, error => Assert.NotNull(error.ErrorDetails.RecommendedAction));
        Assert.Equal(ErrorCategory.InvalidArgument, failed[19].CategoryInfo.Category);
        string warning = Assert.Single(result.Warnings);
        Assert.Contains("20 of 20 items failed: 20 x HeliconeInvalidRequest", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ErrorOfARepeat_LookedAtAfterTheRun_IsShownWhole()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.FailAsync(400, "broken"));
        ScreenHost host = new();
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);
        await shell.RunAsync("1..3 | Invoke-HeliconeChat 2>$null");
        Assert.DoesNotContain("broken", host.Screen, StringComparison.Ordinal);

        await shell.RunAsync("$Error[0] | Out-Default");
        Assert.Single(Occurrences(host.Screen, "broken"));

        await shell.RunAsync("@($Error) | Out-Default");
        Assert.Equal(4, Occurrences(host.Screen, "broken").Count());
    }

    [Theory]
    [InlineData("1..3 | Invoke-HeliconeChat -ErrorAction SilentlyContinue")]
    [InlineData("$ErrorActionPreference = 'Ignore'; 1..3 | Invoke-HeliconeChat")]
    [InlineData("1..1 | Invoke-HeliconeChat")]
    [InlineData("$ErrorView = 'DetailedView'; 1..3 | Invoke-HeliconeChat")]
    public async Task NothingIsSaidOfRepeats_WhereNoneWasHidden(string command)
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.FailAsync(400, "broken"));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Assert.Empty((await shell.RunAsync(command)).Warnings);
    }

    private static IEnumerable<int> Occurrences(string text, string part)
    {
        for (int i = text.IndexOf(part, StringComparison.Ordinal); i >= 0; i = text.IndexOf(part, i + 1, StringComparison.Ordinal))
        {
            yield return i;
        }
    }
}
