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

            // What follows a repair stands on a line of its own.
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
    public async Task Fingerprint_IsOfTheQuestionAndItsAttribution_NotOfIdsMadeAnew()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);
        RequestOptions Options(string? user = null, string? path = null) => new()
        {
            Session = new Helicone.Attribution.HeliconeSession(null, "Nightly", path),
            Tags = new Helicone.Attribution.RequestTags { UserId = user, RequestId = Guid.NewGuid().ToString() },
        };
        string reference = client.Chat.Fingerprint(Clients.Ask(), Options());

        Assert.Equal(reference, client.Chat.Fingerprint(Clients.Ask(), Options()));
        Assert.Matches("^[0-9a-f]{64}$", reference);
        Assert.NotEqual(reference, client.Chat.Fingerprint(Clients.Ask("another"), Options()));
        Assert.NotEqual(reference, client.Chat.Fingerprint(Clients.Ask() with { Temperature = 0 }, Options()));
        Assert.NotEqual(reference, client.Chat.Fingerprint(Clients.Ask(), Options(user: "u")));
        Assert.NotEqual(reference, client.Chat.Fingerprint(Clients.Ask(), Options(path: "/p")));
        Assert.Empty(server.Requests);
    }
}
