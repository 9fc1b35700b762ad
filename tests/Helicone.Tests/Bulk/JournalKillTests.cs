using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;
using Xunit.Abstractions;

namespace Helicone.Tests.Bulk;

/// <summary>The promise of the journal: whenever the process is killed, no item is lost, and none whose answer it holds is sent again.</summary>
/// <remarks>HELICONE_JOURNAL_KILLS is the number of rounds; 30 are for a long run, a few for every build.</remarks>
public sealed class JournalKillTests(ITestOutputHelper output) : IDisposable
{
    private const int Items = 2000;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-journal-kill-").FullName;

    private string Journal => Path.Combine(_folder, "run.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task KilledRun_Resumed_HasOneAnswerForEachItem_AndSendsNoneAgainThatTheJournalHolds()
    {
        int kills = int.Parse(Environment.GetEnvironmentVariable("HELICONE_JOURNAL_KILLS") ?? "3", CultureInfo.InvariantCulture);
        Random random = new(20261126);
        ConcurrentDictionary<string, int> sends = new();
        int received = 0;
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            Interlocked.Increment(ref received);
            sends.AddOrUpdate(exchange.Prompt, 1, (_, n) => n + 1);
            await Task.Delay(Random.Shared.Next(1, 30));
            await exchange.SayAsync("answer to " + exchange.Prompt);
        });

        int again = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            HashSet<string> kept = Answers();
            Dictionary<string, int> before = kept.ToDictionary(prompt => prompt, prompt => sends[prompt]);
            using Process child = Start(server.Uri);
            Task<string> seen = child.StandardOutput.ReadToEndAsync();
            Task<string> errors = child.StandardError.ReadToEndAsync();

            // At a moment that depends on how much was sent, so that a slow machine is killed amid its work too.
            int enough = received + random.Next(1, Math.Max(2, 2 * (Items - kept.Count) / (kills - kill + 1)));
            using (CancellationTokenSource patience = new(s_patience))
            {
                while (Volatile.Read(ref received) < enough && !child.HasExited)
                {
                    await Task.Delay(1, patience.Token);
                }
            }

            Assert.False(child.HasExited, await Task.WhenAny(errors, Task.FromResult("it ended by itself")).Unwrap());
            child.Kill();
            await child.WaitForExitAsync();

            // The output of the process is on the disk: it was flushed before.
            Assert.Subset(Answers(), Whole(await seen).Select(text => text["answer to ".Length..]).ToHashSet());
            Assert.All(before, item => Assert.Equal(item.Value, sends[item.Key]));
            again = sends.Values.Sum() - sends.Count;
        }

        HashSet<string> last = Answers();
        Dictionary<string, int> sent = last.ToDictionary(prompt => prompt, prompt => sends[prompt]);
        using Process final = Start(server.Uri);
        Task<string> finalErrors = final.StandardError.ReadToEndAsync();
        string answers = await final.StandardOutput.ReadToEndAsync();
        await final.WaitForExitAsync();
        Assert.True(final.ExitCode == 0, await finalErrors);

        Assert.Equal(Enumerable.Range(1, Items).Select(i => $"answer to {i}"), Whole(answers));
        Assert.All(sent, item => Assert.Equal(item.Value, sends[item.Key]));
        output.WriteLine($"{kills} kills, {Items} items, one answer each; {again} of them were in flight when the process was killed and were sent again; {sends.Values.Sum()} calls reached the server.");
    }

    // The journal may have been cut off in a line: that one holds nothing.
    private HashSet<string> Answers()
    {
        HashSet<string> prompts = [];
        if (File.Exists(Journal))
        {
            foreach (string line in Whole(File.ReadAllText(Journal)).Skip(1))
            {
                using JsonDocument entry = JsonDocument.Parse(line);
                if (entry.RootElement.GetProperty("state").GetString() == "done")
                {
                    using JsonDocument answer = JsonDocument.Parse(entry.RootElement.GetProperty("answer").GetString()!);
                    string content = answer.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
                    Assert.True(prompts.Add(content["answer to ".Length..]), "The journal holds two answers to one item.");
                }
            }
        }

        return prompts;
    }

    private static IEnumerable<string> Whole(string text) => text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private Process Start(Uri server)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[] { "exec", typeof(JournalKillTests).Assembly.Location, "bulk", server.ToString(), Journal, Items.ToString(CultureInfo.InvariantCulture) })
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}
