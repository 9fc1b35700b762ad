using Helicone.Bulk;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;

namespace Helicone.Core.Tests.Bulk;

public sealed class BulkJournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-journal-").FullName;

    private string JournalPath => Path.Combine(_folder, "run.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(27074)]
    [InlineData(1_234_567)]
    [InlineData(36_000_000_009)]
    public void Times_ComeBackFromTheJournal_ToTheTick(long ticks)
    {
        byte[] json = System.Text.Encoding.UTF8.GetBytes(Answers.Whole);
        ChatCompletion given = new(new ChatAnswer(ChatJson.Read(json), json)) { Latency = TimeSpan.FromTicks(ticks), TimeToFirstToken = TimeSpan.FromTicks(ticks) };

        using System.Text.Json.JsonDocument line = System.Text.Json.JsonDocument.Parse(JournalJson.Done(new JournalKey("key", 0), given, DateTimeOffset.UnixEpoch));
        ChatCompletion read = JournalJson.ReadCompletion(line.RootElement, null);

        Assert.Equal((ticks, (long?)ticks), (read.Latency.Ticks, read.TimeToFirstToken?.Ticks));
    }

    [Theory]
    [InlineData("\"latencyMs\":1e308,")]
    [InlineData("\"latencyMs\":-1e308,")]
    [InlineData("\"timeToFirstTokenMs\":1e300,")]
    [InlineData("\"latencyMs\":\"long\",")]
    [InlineData("\"cost\":1e300,")]
    [InlineData("\"cost\":\"much\",")]
    [InlineData("\"answer\":\"\",")]
    public async Task Answer_ThatSomethingElseChanged_IsAnErrorOfTheJournal(string changed)
    {
        string answer = System.Text.Json.JsonSerializer.Serialize(Answers.Whole);
        await File.WriteAllTextAsync(JournalPath, $$"""
            {"journal":"helicone-journal","version":2}
            {"state":"done","key":"v2:a",{{changed}}"requestedModel":"gpt-4o-mini"{{(changed.Contains("answer", StringComparison.Ordinal) ? string.Empty : ",\"answer\":" + answer)}}}

            """.ReplaceLineEndings("\n"));
        using BulkJournal journal = BulkJournal.Open(JournalPath);

        JournalException error = await Assert.ThrowsAsync<JournalException>(() => journal.ReadAsync(new JournalKey("v2:a", 0)));

        Assert.Contains("run.jsonl", error.Message, StringComparison.Ordinal);
        Assert.Contains("Another program has changed the file.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_ComesBackFromTheJournalAsItWasGiven()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole, 200, ("Helicone-Id", "id-1"), ("helicone-provider", "offline")));
        using HeliconeClient client = Clients.Client(server.Uri);
        JournalKey key = new(client.Chat.Fingerprint(Clients.Ask(), null), 0);
        ChatCompletion given = await client.Chat.CompleteAsync(Clients.Ask(), null, default);
        using (BulkJournal journal = BulkJournal.Open(JournalPath))
        {
            await journal.WriteSentAsync(key);
            await journal.WriteDoneAsync(key, given);
        }

        using BulkJournal again = BulkJournal.Open(JournalPath);
        ChatCompletion read = await again.ReadAsync(key, "input", default);

        Assert.Equal(JournalState.Done, again.GetState(key));
        Assert.Equal(1, again.Done);
        Assert.Equal(
            (given.Content, given.Model, given.RequestedModel, given.Provider, given.Usage, given.Cost, given.RequestId, given.FinishReason, given.Raw, given.Latency),
            (read.Content, read.Model, read.RequestedModel, read.Provider, read.Usage, read.Cost, read.RequestId, read.FinishReason, read.Raw, read.Latency));
        Assert.Equal(0m, read.Cost);
        Assert.True(read.FromJournal);
        Assert.False(given.FromJournal);
        Assert.Equal("input", read.Input);
    }

    [Fact]
    public async Task Journal_CutAtAnyByte_OpensAndKeepsEveryWholeLine()
    {
        JournalKey[] keys = [new("a", 0), new("a", 1), new("b", 0)];
        using (BulkJournal journal = BulkJournal.Open(JournalPath))
        {
            foreach (JournalKey key in keys)
            {
                await journal.WriteSentAsync(key);
                await journal.WriteFailedAsync(key, new HeliconeException(HeliconeErrorKind.UpstreamFailed, "Größer als gedacht 🌍\nzweite Zeile"));
            }
        }

        byte[] whole = await File.ReadAllBytesAsync(JournalPath);
        int headerLength = Array.IndexOf(whole, (byte)'\n') + 1;
        for (int length = 0; length <= whole.Length; length++)
        {
            string cut = Path.Combine(_folder, $"cut-{length}.jsonl");
            await File.WriteAllBytesAsync(cut, whole[..length]);
            int lines = Math.Max(0, whole.AsSpan(0, length).Count((byte)'\n') - 1);

            using (BulkJournal journal = BulkJournal.Open(cut))
            {
                Assert.Equal(lines / 2, journal.Failed);
                Assert.Equal(lines % 2, journal.Sent);
                await journal.WriteSentAsync(new JournalKey("new", 0));
            }

            // Text after a repair is on a separate line.
            using BulkJournal again = BulkJournal.Open(cut);
            Assert.Equal(JournalState.Sent, again.GetState(new JournalKey("new", 0)));
            Assert.Equal(lines / 2, again.Failed);
        }

        Assert.True(headerLength > 1);
    }

    [Fact]
    public void Journal_InUse_IsRefused()
    {
        using BulkJournal first = BulkJournal.Open(JournalPath);

        JournalException e = Assert.Throws<JournalException>(() => BulkJournal.Open(JournalPath));

        Assert.True(e.IsLocked);
        Assert.Contains(JournalPath, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("my notes")]
    [InlineData("my notes\nmore\n")]
    [InlineData("{\"a\":1}\n")]
    [InlineData("{\"journal\":\"helicone-journal\",\"version\":99}\n")]
    public async Task FileThatIsNoJournal_IsRefusedAndLeftAsItIs(string content)
    {
        await File.WriteAllTextAsync(JournalPath, content);

        Assert.Throws<JournalException>(() => BulkJournal.Open(JournalPath));

        Assert.Equal(content, await File.ReadAllTextAsync(JournalPath));
    }

    [Fact]
    public async Task ManyWritersAtOnce_LoseNothing()
    {
        using (BulkJournal journal = BulkJournal.Open(JournalPath))
        {
            await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => journal.WriteSentAsync(new JournalKey("key" + i, 0)))));
            Assert.Equal(500, journal.Sent);
        }

        using BulkJournal again = BulkJournal.Open(JournalPath);
        Assert.Equal(500, again.Sent);
    }

    [Fact]
    public async Task Fingerprint_IsWhatDeterminesTheAnswer_AndNothingElse()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);
        string reference = client.Chat.Fingerprint(Clients.Ask(), null);
        Assert.Matches("^v2:[0-9a-f]{64}$", reference);

        RequestOptions other = new()
        {
            Session = new Helicone.Attribution.HeliconeSession(null, "Nightly", "/p"),
            Tags = new Helicone.Attribution.RequestTags { UserId = "u", RequestId = Guid.NewGuid().ToString() },
            RateLimit = Helicone.Attribution.RateLimitPolicy.Parse("100;w=3600"),
            Cache = new Helicone.Attribution.CachePolicy { MaxAge = TimeSpan.FromHours(1), BucketSize = 2 },
            Headers = new Dictionary<string, string> { ["Helicone-Retry-Enabled"] = "true", ["helicone-retry-num"] = "3" },
            MaxRetries = 7,
        };
        Assert.Equal(reference, client.Chat.Fingerprint(Clients.Ask(), other));

        Assert.NotEqual(reference, client.Chat.Fingerprint(Clients.Ask("another"), null));
        Assert.NotEqual(reference, client.Chat.Fingerprint(Clients.Ask() with { Temperature = 0 }, null));
        Assert.NotEqual(reference, client.Chat.Fingerprint(Clients.Ask() with { Model = ModelRoute.Parse("gpt-4o") }, null));
        string seeded = client.Chat.Fingerprint(Clients.Ask(), new RequestOptions { Cache = new Helicone.Attribution.CachePolicy { Seed = "s" } });
        Assert.NotEqual(reference, seeded);
        Assert.NotEqual(seeded, client.Chat.Fingerprint(Clients.Ask(), new RequestOptions { Cache = new Helicone.Attribution.CachePolicy { Seed = "t" } }));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public void Fingerprint_IsOfTheGateway_LoopbackOrTheHost()
    {
        string Fingerprint(string gateway)
        {
            using HeliconeClient client = new(Clients.Options(new Uri(gateway)));
            return client.Chat.Fingerprint(Clients.Ask(), null);
        }

        // The port of a local gateway is another one with each start.
        Assert.Equal(Fingerprint("http://127.0.0.1:1111/"), Fingerprint("http://localhost:2222/"));
        Assert.NotEqual(Fingerprint("http://127.0.0.1:1111/"), Fingerprint("https://ai-gateway.helicone.ai/"));
        Assert.NotEqual(Fingerprint("https://gateway.example.com/"), Fingerprint("https://ai-gateway.helicone.ai/"));
    }

    [Fact]
    public async Task Fingerprint_DoesNotDependOnTheOrderOfTheFields()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);
        Dictionary<string, object?> Nested(params string[] names) => names.ToDictionary(name => name, name => (object?)new Dictionary<string, object?> { [name + "1"] = 1, [name + "2"] = 2 });

        Assert.Equal(
            client.Chat.Fingerprint(Clients.Ask() with { Body = Nested("a", "b", "c") }, null),
            client.Chat.Fingerprint(Clients.Ask() with { Body = Nested("c", "a", "b") }, null));
    }

    [Fact]
    public async Task LinesThatATornPageDamaged_AreSkipped_AndTheOthersCount()
    {
        JournalKey[] keys = [.. Enumerable.Range(0, 6).Select(i => new JournalKey("key" + i, 0))];
        using (BulkJournal journal = BulkJournal.Open(JournalPath))
        {
            foreach (JournalKey key in keys)
            {
                await journal.WriteSentAsync(key);
            }
        }

        // A page in the middle never reached the disk, with a line end in it, and what comes behind it did.
        byte[] whole = await File.ReadAllBytesAsync(JournalPath);
        int[] ends = [.. Enumerable.Range(0, whole.Length).Where(i => whole[i] == (byte)'\n')];
        whole.AsSpan((ends[2] - 5)..(ends[3] + 9)).Clear();
        await File.WriteAllBytesAsync(JournalPath, whole);

        for (int opened = 0; opened < 2; opened++)
        {
            using BulkJournal again = BulkJournal.Open(JournalPath);
            Assert.Equal(1, again.Unreadable);
            Assert.Equal(3 + opened, again.Sent);
            Assert.Equal([true, false, false, false, true, true], keys.Select(key => again.GetState(key) == JournalState.Sent));
            await again.WriteSentAsync(new JournalKey("new", 0));
        }
    }

    [Theory]
    [InlineData(30, "Read-only file system")]
    [InlineData(5, "Input/output error")]
    [InlineData(26, "Text file busy")]
    public void FileThatCannotBeOpened_IsNotSaidToBeInUse(int code, string message)
    {
        File.WriteAllText(JournalPath, string.Empty);

        JournalException e = Assert.Throws<JournalException>(() => BulkJournal.Open(JournalPath, TimeProvider.System, _ => throw new IOException(message, code)));

        Assert.False(e.IsLocked);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswerIsGivenOut_OnlyWhenItIsOnTheDisk()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);
        WatchedFile file = new(JournalPath);
        using BulkJournal journal = BulkJournal.Open(JournalPath, TimeProvider.System, _ => file);
        using BulkRun run = new(client.Chat, new BulkOptions { Journal = journal });
        Assert.Equal(file.Length, file.OnDisk);

        run.Start(Clients.Ask(), new RequestOptions(), default);
        await run.WaitAsync();
        Assert.True(run.TryTake(out Task<BulkResult>? taken));
        Assert.NotNull((await taken).Completion);

        Assert.Equal(file.Length, file.OnDisk);
        Assert.Equal(3, file.Flushes);
    }

    /// <summary>A file that tracks how much of it a power failure would leave.</summary>
    private sealed class WatchedFile(string path) : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1)
    {
        public long OnDisk { get; private set; }

        public int Flushes { get; private set; }

        public override void Flush(bool flushToDisk)
        {
            base.Flush(flushToDisk);
            if (flushToDisk)
            {
                OnDisk = Length;
                Flushes++;
            }
        }
    }
}
