using System.Globalization;
using System.Management.Automation;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Bulk;

/// <summary>The parameters of a run of many calls, and its report when it stops.</summary>
public sealed class BulkParameterTests
{
    [Fact]
    public async Task AsCompleted_GivesAnswersOutAsTheyFinish()
    {
        TaskCompletionSource quick = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            if (exchange.Prompt == "slow")
            {
                await quick.Task;
            }

            await exchange.SayAsync(exchange.Prompt);
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        using RunningScript script = shell.Start("'slow', 'quick' | Invoke-HeliconeChat -AsCompleted");
        await RunningScript.UntilAsync(() => script.Output.Count == 1, "the quick answer");
        quick.SetResult();

        Assert.Equal(["quick", "slow"], (await script.EndAsync()).AssertNoErrors().Texts);
    }

    [Fact]
    public async Task ErrorThreshold_StopsTheRun_AndSaysWhatWasNotSent()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => int.Parse(exchange.Prompt, CultureInfo.InvariantCulture) % 2 == 0
            ? exchange.FailAsync(400, "broken")
            : exchange.SayAsync("yes"));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("1..1000 | Invoke-HeliconeChat -ThrottleLimit 2 -ErrorThreshold 3");

        ErrorRecord error = result.Errors[^1];
        Assert.StartsWith("HeliconeErrorThreshold,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.LimitsExceeded, error.CategoryInfo.Category);
        Stopped stopped = new(error);
        Assert.Equal((result.Output.Count, result.Errors.Count - 1), (stopped.Done, stopped.Failed));
        Assert.InRange(stopped.Failed, 3, 4);

        // Nothing that was asked is unaccounted for, and nothing was asked after the stop.
        Assert.Equal(server.Chats.Count, stopped.Done + stopped.Failed);
        Assert.Equal(
            Enumerable.Range(1, stopped.Done + stopped.Failed + stopped.Unanswered.Count),
            result.Output.Select(item => (int)Result.Property(item, "Input")!).Concat(result.Errors.SkipLast(1).Select(e => (int)e.TargetObject)).Concat(stopped.Unanswered.Cast<int>()).Order());
    }

    [Fact]
    public async Task ErrorThreshold_ReachedByTheLastItem_KeepsNothingBack_AndEndsNothing()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.Prompt == "20" ? exchange.FailAsync(400, "broken") : exchange.SayAsync("yes"));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("1..20 | Invoke-HeliconeChat -ThrottleLimit 1 -ErrorThreshold 5%; 'went on'");

        Assert.Equal("HeliconeInvalidRequest", result.ErrorId);
        Assert.Equal(20, result.Output.Count);
        Assert.Equal("went on", result.Output[^1].ToString());
    }

    /// <remarks>HELICONE_OUTAGE_SECONDS is the time that the gateway is away.</remarks>
    [Fact]
    public async Task GatewayThatIsAwayAmidARun_IsWaitedFor_ByAllThatCertainlyNeverLeft()
    {
        double outage = double.Parse(Environment.GetEnvironmentVariable("HELICONE_OUTAGE_SECONDS") ?? "3", CultureInfo.InvariantCulture);
        ChatServer server = await ChatServer.StartAsync(AnswerAsync);
        int port = server.Uri.Port;
        using Shell shell = Shell.ConnectedTo(server.Uri);
        using RunningScript script = shell.Start("1..500 | Invoke-HeliconeChat -ThrottleLimit 16 -WaitForGateway 1m");
        await RunningScript.UntilAsync(() => script.Output.Count >= 100, "a hundred answers");

        await server.DisposeAsync();
        await Task.Delay(TimeSpan.FromSeconds(outage));
        int before = script.Output.Count;
        await using ChatServer back = await ChatServer.StartAsync(AnswerAsync, port);
        Result result = await script.EndAsync();

        // What was under way when the gateway went may have been paid for, and is not sent again by the wait.
        Assert.InRange(before, 100, 499);
        Assert.InRange(result.Errors.Count, 0, 16);
        Assert.All(result.Errors, error =>
        {
            Assert.StartsWith("HeliconeUnreachable", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            IEnumerable<object> attempts = ((System.Collections.IEnumerable)PSObject.AsPSObject(error.Exception).Properties["Attempts"].Value).Cast<object>();
            Assert.Contains(attempts, attempt => !PSObject.AsPSObject(attempt).Properties["Message"].Value.ToString()!.Contains("refused", StringComparison.Ordinal));
        });
        int[] failed = [.. result.Errors.Select(error => (int)error.TargetObject)];
        Assert.Equal(Enumerable.Range(1, 500).Except(failed).Select(i => $"answer to {i}"), result.Texts);

        static async Task AnswerAsync(ChatExchange exchange)
        {
            await Task.Delay(10);
            await exchange.SayAsync("answer to " + exchange.Prompt);
        }
    }

    [Fact]
    public async Task Hedge_RacesACallThatIsSlowToBegin_AndSaysSo()
    {
        int asked = 0;
        await using ChatServer server = await ChatServer.StartAsync(exchange => Interlocked.Increment(ref asked) == 1 ? exchange.HangAsync() : exchange.SayAsync("second"));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Invoke-HeliconeChat 'x' -Hedge 50ms")).AssertNoErrors();

        Assert.Equal("second", result.Single.ToString());
        object[] attempts = [.. ((System.Collections.IEnumerable)result.Property("Attempts")!).Cast<object>()];
        Assert.Equal(2, attempts.Length);
        Assert.Single(attempts, attempt => (bool)PSObject.AsPSObject(attempt).Properties["LostRace"].Value);
        await server.Chats[0].Left.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task SeveralGateways_TheNextAnswersWhenOneCannotBeReached_AndTheStoryIsTold()
    {
        await using ChatServer server = await ChatServer.SayAsync("from the second");
        using Shell shell = new();
        ChatServer gone = await ChatServer.SayAsync("nobody");
        Uri nobody = gone.Uri;
        await gone.DisposeAsync();

        Result result = (await shell.RunAsync(
            $"$c = Connect-Helicone -ApiKey {Shell.Key} -GatewayUri {nobody}, {server.Uri} -ApiUri {server.Uri} -PassThru; $c; Invoke-HeliconeChat 'x'; Test-HeliconeConnection; Test-HeliconeConnection -Detailed")).AssertNoErrors();

        Assert.Equal(nobody, Result.Property(result.Output[0], "GatewayUri"));
        Assert.Equal([server.Uri], (IEnumerable<Uri>)Result.Property(result.Output[0], "FallbackGatewayUri")!);
        Assert.Equal("from the second", result.Output[1].ToString());
        object[] attempts = [.. ((System.Collections.IEnumerable)Result.Property(result.Output[1], "Attempts")!).Cast<object>()];
        Assert.Equal(["Unreachable", null], attempts.Select(attempt => PSObject.AsPSObject(attempt).Properties["Kind"].Value?.ToString()));
        Assert.Equal(true, result.Output[2].BaseObject);
        Assert.Contains(nobody.Authority, (string)Result.Property(result.Output[3], "Gateway")!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Journal run.jsonl")]
    [InlineData("-Resume Skip")]
    [InlineData("-AsCompleted")]
    [InlineData("-RequestsPerMinute 10")]
    [InlineData("-TokensPerMinute 10")]
    [InlineData("-ErrorThreshold 1")]
    [InlineData("-WaitForGateway 1m")]
    [InlineData("-Hedge 1s")]
    [InlineData("-ThrottleLimit 4")]
    public async Task Stream_WithWhatIsForWholeAnswers_IsRefused_AndNothingIsSent(string parameter)
    {
        await using ChatServer server = await ChatServer.SayAsync("no");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("1..3 | Invoke-HeliconeChat -Stream " + parameter);

        Assert.Equal("AmbiguousParameterSet", result.ErrorId);
        Assert.Empty(server.Chats);
        Assert.False(File.Exists("run.jsonl"));
    }

    [Theory]
    [InlineData("-AsCompleted")]
    [InlineData("-RequestsPerMinute 6000")]
    [InlineData("-TokensPerMinute 1000000")]
    [InlineData("-ErrorThreshold 1")]
    [InlineData("-WaitForGateway 1m")]
    [InlineData("-AsCompleted -ThrottleLimit 2 -Hedge 1m")]
    public async Task ParameterOfARun_WithoutAnyOther_IsEnough(string parameter)
    {
        await using ChatServer server = await ChatServer.SayAsync("yes");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("'a', 'b' | Invoke-HeliconeChat " + parameter)).AssertNoErrors();

        Assert.Equal(["yes", "yes"], result.Texts);
    }

    [Fact]
    public async Task Help_ShowsASyntaxForEachOfTheThreeSets()
    {
        using Shell shell = new();

        Result result = (await shell.RunAsync("(Get-Command Invoke-HeliconeChat).ParameterSets | ForEach-Object { \"$($_.Name) $($_.IsDefault)\" }; @((Get-Command Invoke-HeliconeChat -Syntax).Trim() -split '\\r?\\n' -ne '').Count")).AssertNoErrors();

        Assert.Equal(["Ask True", "Stream False", "Batch False", "3"], result.Texts);
    }

    [Theory]
    [InlineData("-ErrorThreshold 0")]
    [InlineData("-ErrorThreshold 200%")]
    [InlineData("-ErrorThreshold some")]
    [InlineData("-WaitForGateway 0")]
    [InlineData("-Hedge 0")]
    public async Task WrongValue_IsRefused_AndNothingIsSent(string parameter)
    {
        await using ChatServer server = await ChatServer.SayAsync("no");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("1..3 | Invoke-HeliconeChat " + parameter);

        Assert.Empty(result.Output);
        Assert.Equal(ErrorCategory.InvalidArgument, result.Error.CategoryInfo.Category);
        Assert.Empty(server.Chats);
    }

    [Fact]
    public async Task Progress_SaysWhatIsDoneAndSpent_AndHowLongTheRestTakes()
    {
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            await Task.Delay(100);
            await exchange.SayAsync("yes");
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("1..30 | Invoke-HeliconeChat -ThrottleLimit 4")).AssertNoErrors();

        Assert.True(result.Progress.Count >= 2);
        Assert.Contains(result.Progress, record => record is { PercentComplete: > 0, SecondsRemaining: >= 0 } && record.StatusDescription.Contains("done", StringComparison.Ordinal));
        Assert.Equal(ProgressRecordType.Completed, result.Progress[^1].RecordType);
        Assert.Equal(result.Progress.Count, result.Progress.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.Contains(result.Progress, record => record.StatusDescription.Contains(", $0.0", StringComparison.Ordinal));
        Assert.Contains(result.Progress, record => record is { PercentComplete: > 0 } && record.StatusDescription.EndsWith(" left", StringComparison.Ordinal));

        // The whole input is known only at its end. Until then there is no share of it to show.
        Assert.All(result.Progress.TakeWhile(record => !record.StatusDescription.EndsWith(" left", StringComparison.Ordinal)), record => Assert.Equal(0, record.PercentComplete));
    }

    [Fact]
    public async Task Progress_GoesOn_WhileEveryCallIsSlow()
    {
        TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            await held.Task;
            await exchange.SayAsync("yes");
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);
        using RunningScript script = shell.Start("1..40 | Invoke-HeliconeChat -ThrottleLimit 32", null);

        await RunningScript.UntilAsync(
            () => script.Streams.Progress.ToArray().Any(record => record.StatusDescription.Contains("32 in flight", StringComparison.Ordinal)),
            "a bar that shows all calls in flight");
        held.SetResult();
        Assert.Equal(40, (await script.EndAsync()).AssertNoErrors().Output.Count);
    }

    [Fact]
    public async Task ManyCallsInFlight_Stopped_CloseTheirConnections_AndLeaveTheJournalWhole()
    {
        const int InFlight = 256;
        string folder = Directory.CreateTempSubdirectory("helicone-stop-").FullName;
        string journal = Path.Combine(folder, "run.jsonl");
        bool hanging = true;
        await using ChatServer server = await ChatServer.StartAsync(exchange => hanging ? exchange.HangAsync() : exchange.SayAsync("yes"));
        using Shell shell = Shell.ConnectedTo(server.Uri);
        using (RunningScript script = shell.Start("1..1000 | Invoke-HeliconeChat -ThrottleLimit 256 -Journal $journal", null, ("journal", journal)))
        {
            await RunningScript.UntilAsync(() => server.Chats.Count == InFlight, "the calls");
            await script.StopAsync();
            Result stopped = await script.EndAsync();
            Assert.True(stopped.Stopped);
            Assert.Empty(stopped.Errors);
        }

        await Task.WhenAll(server.Chats.Select(chat => chat.Left.Task)).WaitAsync(TimeSpan.FromSeconds(30));
        hanging = false;
        Result again = (await shell.RunAsync("1..1000 | Invoke-HeliconeChat -ThrottleLimit 256 -Journal $journal", null, ("journal", journal))).AssertNoErrors();
        Directory.Delete(folder, recursive: true);

        Assert.Equal(1000, again.Output.Count);
        Assert.Contains("256 items", Assert.Single(again.Warnings), StringComparison.Ordinal);
        Assert.Equal(InFlight + 1000, server.Chats.Count);
    }
}
