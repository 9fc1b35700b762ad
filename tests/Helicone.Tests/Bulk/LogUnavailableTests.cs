using System.Globalization;
using System.Management.Automation;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Bulk;

/// <summary>A local gateway that can't write its log: nothing is paid for that would be lost, and a script learns the cause.</summary>
public sealed class LogUnavailableTests
{
    private const string Cause = "The log '/data/gateway.db' cannot be written: the disk is full. Free some disk space, or start the gateway with a database on another disk";

    [Fact]
    public async Task BulkRun_StopsAtOnce_WithAnErrorOfItsOwn()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange =>
            int.Parse(exchange.Prompt, CultureInfo.InvariantCulture) <= 3 ? exchange.SayAsync("yes") : FailAsync(exchange));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("1..50 | Invoke-HeliconeChat -ThrottleLimit 1");

        // Each call was asked once: the failure is final, and what follows was not sent.
        Assert.Equal(["1", "2", "3", "4"], server.Chats.Select(chat => chat.Prompt));
        Assert.Equal(3, result.Output.Count);
        ErrorRecord error = result.Errors[^1];
        Assert.Equal("HeliconeLogUnavailable,Helicone.Commands.InvokeHeliconeChatCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.WriteError, error.CategoryInfo.Category);
        Assert.Contains(Cause, error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("Free space on the disk, or end the program that has locked the log.", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("With -Journal <file>, a second run sends only the missing ones.", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Stopped stopped = new(error);
        Assert.Equal((3, 1), (stopped.Done, stopped.Failed));

        // What had come in by then, and was not sent.
        Assert.Equal(Enumerable.Range(5, stopped.Unanswered.Count), stopped.Unanswered.Cast<int>());
    }

    [Fact]
    public async Task SingleCall_IsNotRetried_AndNamesTheCause()
    {
        await using ChatServer server = await ChatServer.StartAsync(FailAsync);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x' -MaxRetry 5");

        Assert.Single(server.Chats);
        Assert.Contains(Cause, result.Error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BulkRun_CanBeCaughtByItsErrorId()
    {
        await using ChatServer server = await ChatServer.StartAsync(FailAsync);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("""
            try { 1..50 | Invoke-HeliconeChat -ThrottleLimit 1 -ErrorAction Stop }
            catch { ($_.FullyQualifiedErrorId -split ',')[0] }
            """);

        Assert.Single(server.Chats);
        Assert.Single(result.Texts);
    }

    private static Task FailAsync(ChatExchange exchange)
    {
        exchange.Header("x-should-retry", "false");
        exchange.Header("helicone-error", "true");
        return exchange.RespondAsync(507, """{"success":false,"error":{"code":"log_unavailable","message":"CAUSE.","details":[],"param":null}}""".Replace("CAUSE", Cause, StringComparison.Ordinal));
    }
}
