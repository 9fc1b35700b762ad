using System.Collections.Concurrent;
using System.Management.Automation;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Bulk;

/// <summary>A run with a journal that was cut off goes on where it was, and what is in it is not sent again.</summary>
public sealed class JournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-journal-").FullName;

    private string Journal => Path.Combine(_folder, "run.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Rerun_SendsOnlyWhatIsMissing_AndGivesAllOfItOut()
    {
        ConcurrentBag<string> sent = [];
        bool healthy = false;
        await using ChatServer server = await ChatServer.StartAsync(exchange =>
        {
            sent.Add(exchange.Prompt);
            return exchange.Prompt == "b" && !healthy ? exchange.FailAsync(400, "broken") : exchange.SayAsync("answer to " + exchange.Prompt);
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);
        Result first = await shell.RunAsync("'a', 'b', 'c' | Invoke-HeliconeChat -Journal $journal -Session (New-HeliconeSession 'Nightly')", null, ("journal", Journal));
        Assert.Equal("b", first.Error.TargetObject);

        healthy = true;
        sent.Clear();
        Result second = (await shell.RunAsync("'a', 'b', 'c', 'd' | Invoke-HeliconeChat -Journal $journal -Session (New-HeliconeSession 'Nightly')")).AssertNoErrors();

        Assert.Equal(["answer to a", "answer to b", "answer to c", "answer to d"], second.Texts);
        Assert.Equal(["a", "b", "c", "d"], second.Output.Select(item => Result.Property(item, "Input")));
        Assert.Equal([true, false, true, false], second.Output.Select(item => Result.Property(item, "FromJournal")));
        Assert.Equal(["b", "d"], sent.Order());
    }

    [Fact]
    public async Task OneCall_IsKeptToo()
    {
        await using ChatServer server = await ChatServer.SayAsync("kept");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Invoke-HeliconeChat 'x' -Journal $journal; Invoke-HeliconeChat 'x' -Journal $journal", null, ("journal", Journal))).AssertNoErrors();

        Assert.Equal(["kept", "kept"], result.Texts);
        Assert.Equal([false, true], result.Output.Select(item => Result.Property(item, "FromJournal")));
        Assert.Single(server.Chats);
    }

    [Theory]
    [InlineData("Retry")]
    [InlineData("Skip")]
    public async Task ItemsInFlightWhenTheRunWasCutOff_AreReported_AndSentAgainOrLeft(string resume)
    {
        bool hanging = true;
        await using ChatServer server = await ChatServer.StartAsync(exchange => hanging && exchange.Prompt != "1" ? exchange.HangAsync() : exchange.SayAsync("yes"));
        using Shell shell = Shell.ConnectedTo(server.Uri);
        using (RunningScript script = shell.Start("1..9 | Invoke-HeliconeChat -ThrottleLimit 3 -Journal $journal", null, ("journal", Journal)))
        {
            await RunningScript.UntilAsync(() => server.Chats.Count == 4 && script.Output.Count == 1, "one answer, and three calls in flight");
            await script.StopAsync();
            Assert.True((await script.EndAsync()).Stopped);
        }

        hanging = false;
        int before = server.Chats.Count;
        Result result = await shell.RunAsync($"1..9 | Invoke-HeliconeChat -Journal $journal -Resume {resume}");

        Assert.Contains("3 items", result.Warnings[0], StringComparison.Ordinal);
        Assert.Equal(resume == "Skip" ? 2 : 1, result.Warnings.Count);
        Assert.Equal(resume == "Skip" ? 5 : 8, server.Chats.Count - before);
        Assert.Equal(resume == "Skip" ? [1, 5, 6, 7, 8, 9] : Enumerable.Range(1, 9), result.Output.Select(item => (int)Result.Property(item, "Input")!));
        Assert.All(result.Errors, error => Assert.StartsWith("HeliconeAnswerUnknown,", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.Equal(resume == "Skip" ? [2, 3, 4] : [], result.Errors.Select(error => (int)error.TargetObject));
    }

    [Fact]
    public async Task SettingsThatDoNotChangeTheAnswer_SendNothingAgain()
    {
        await using ChatServer server = await ChatServer.SayAsync("kept");
        using Shell shell = Shell.ConnectedTo(server.Uri);
        (await shell.RunAsync("'a', 'b' | Invoke-HeliconeChat -Journal $journal", null, ("journal", Journal))).AssertNoErrors();

        Result result = (await shell.RunAsync("""
            'a', 'b' | Invoke-HeliconeChat -Journal $journal -RateLimitPolicy '100;w=3600' -Cache -CacheMaxAge 1h -CacheBucketSize 2 -UserId u -Property @{ Env = 'prod' } -MaxRetry 5 -Header @{ 'Helicone-Retry-Enabled' = 'true' } -Session (New-HeliconeSession 'x') -SessionPath /y
            """)).AssertNoErrors();

        Assert.All(result.Output, item => Assert.Equal(true, Result.Property(item, "FromJournal")));
        Assert.Equal(2, server.Chats.Count);

        // Another cache seed asks for another answer.
        await shell.RunAsync("'a', 'b' | Invoke-HeliconeChat -Journal $journal -CacheSeed other");
        Assert.Equal(4, server.Chats.Count);
    }

    [Fact]
    public async Task OfflineAnswers_AreNotGivenOut_ByAnotherGateway()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.SayAsync("a model's", ("helicone-provider", "openai")));
        using LocalShell local = new LocalShell().Connect();
        string run = $"1..3 | Invoke-HeliconeChat -Journal '{Journal}'";
        Result first = await local.RunAsync(run);
        Assert.All(first.Texts, text => Assert.Contains("[offline]", text, StringComparison.Ordinal));

        Result again = await local.RunAsync(run);
        Assert.Equal(2, again.Output.Count(item => Equals(true, Result.Property(item, "FromJournal"))));

        Result other = await local.RunAsync($"Connect-Helicone -ApiKey {Shell.Key} -GatewayUri {server.Uri} -ApiUri {server.Uri}; {run}");
        Assert.Equal(["a model's", "a model's", "a model's"], other.Texts);
        Assert.Equal(3, server.Chats.Count);
    }

    [Fact]
    public async Task AnswersOfAnEarlierVersion_ThatNoInputMatches_AreReported()
    {
        await File.WriteAllTextAsync(Journal, "{\"journal\":\"helicone-journal\",\"version\":1}\n" + string.Concat(Enumerable.Range(0, 3).Select(i =>
            $"{{\"state\":\"done\",\"key\":\"{i:x64}\",\"at\":\"2026-11-01T00:00:00+00:00\",\"provider\":\"openai\",\"answer\":\"{{}}\"}}\n")));
        await using ChatServer server = await ChatServer.SayAsync("new");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("'a', 'b' | Invoke-HeliconeChat -Journal $journal", null, ("journal", Journal))).AssertNoErrors();

        Assert.Equal(["new", "new"], result.Texts);
        Assert.Contains("3 answers from an earlier version", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Empty((await shell.RunAsync("'a', 'b' | Invoke-HeliconeChat -Journal $journal")).AssertNoErrors().Warnings);
    }

    [Fact]
    public async Task LinesThatCannotBeRead_AreReported_AndTheirInputsSentAgain()
    {
        await using ChatServer server = await ChatServer.SayAsync("yes");
        using Shell shell = Shell.ConnectedTo(server.Uri);
        (await shell.RunAsync("'a', 'b', 'c' | Invoke-HeliconeChat -Journal $journal -ThrottleLimit 1", null, ("journal", Journal))).AssertNoErrors();
        string[] lines = await File.ReadAllLinesAsync(Journal);
        Assert.Equal(7, lines.Length);

        // The page with the second item's answer never reached the disk.
        lines[4] = new string('\0', lines[4].Length);
        await File.WriteAllTextAsync(Journal, string.Join('\n', lines) + "\n");
        Result result = (await shell.RunAsync("'a', 'b', 'c' | Invoke-HeliconeChat -Journal $journal")).AssertNoErrors();

        Assert.Equal([true, false, true], result.Output.Select(item => Result.Property(item, "FromJournal")));
        Assert.Contains(result.Warnings, warning => warning.StartsWith("1 line of the journal", StringComparison.Ordinal));
        Assert.Equal(4, server.Chats.Count);
    }

    [Fact]
    public async Task CostThatWasUnknown_IsPricedInTheNextRun()
    {
        await using ChatServer server = await ChatServer.SayAsync("yes");
        TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        server.RegistryHeld = held.Task;
        using (Shell first = Shell.ConnectedTo(server.Uri))
        {
            Result unpriced = (await first.RunAsync("'a' | Invoke-HeliconeChat -Journal $journal", null, ("journal", Journal))).AssertNoErrors();
            Assert.Null(unpriced.Property("Cost"));
        }

        held.SetResult();
        using Shell second = Shell.ConnectedTo(server.Uri);
        Result result = (await second.RunAsync("'a', 'a' | Invoke-HeliconeChat -Journal $journal", null, ("journal", Journal))).AssertNoErrors();

        Assert.Equal([true, false], result.Output.Select(item => Result.Property(item, "FromJournal")));
        Assert.All(result.Output, item => Assert.Equal(0.00027m, Result.Property(item, "Cost")));
    }

    [Fact]
    public async Task JournalOfARunningRun_IsRefused_BeforeAnythingIsSent()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.HangAsync());
        using Shell first = Shell.ConnectedTo(server.Uri);
        using Shell second = Shell.ConnectedTo(server.Uri);
        using RunningScript script = first.Start("1..2 | Invoke-HeliconeChat -Journal $journal", null, ("journal", Journal));
        await RunningScript.UntilAsync(() => server.Chats.Count == 2, "the calls of the first run");

        Result result = await second.RunAsync("3..4 | Invoke-HeliconeChat -Journal $journal", null, ("journal", Journal));

        Assert.Empty(result.Output);
        Assert.Equal("HeliconeJournalInUse", result.ErrorId);
        Assert.Equal(ErrorCategory.ResourceBusy, result.Error.CategoryInfo.Category);
        Assert.Equal(2, server.Chats.Count);
        await script.StopAsync();
        await script.EndAsync();
    }

    [Fact]
    public async Task FileOfSomebodyElse_IsRefused_AndLeftAsItIs()
    {
        await File.WriteAllTextAsync(Journal, "dear diary\n");
        await using ChatServer server = await ChatServer.SayAsync("no");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("1..2 | Invoke-HeliconeChat -Journal $journal", null, ("journal", Journal));

        Assert.Empty(result.Output);
        Assert.Equal("HeliconeJournalUnusable", result.ErrorId);
        Assert.Empty(server.Chats);
        Assert.Equal("dear diary\n", await File.ReadAllTextAsync(Journal));
    }

    [Theory]
    [InlineData("1..9 | Invoke-HeliconeChat -ThrottleLimit 2 -Journal $journal | ForEach-Object { throw 'enough' }")]
    [InlineData("1..9 | ForEach-Object { if ($_ -eq 4) { throw 'enough' }; $_ } | Invoke-HeliconeChat -ThrottleLimit 2 -Journal $journal")]
    public async Task PipelineThatAnotherCommandEnds_GivesTheJournalBack(string command)
    {
        await using ChatServer server = await ChatServer.SayAsync("yes");
        using Shell shell = Shell.ConnectedTo(server.Uri);
        Result broken = await shell.RunAsync(command, null, ("journal", Journal));
        Assert.Contains(broken.Errors, error => error.ToString() == "enough");

        Result result = (await shell.RunAsync("1..9 | Invoke-HeliconeChat -Journal $journal -WarningAction SilentlyContinue")).AssertNoErrors();

        Assert.Equal(9, result.Output.Count);
    }
}
