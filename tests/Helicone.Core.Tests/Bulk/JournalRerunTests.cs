using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Helicone.Attribution;
using Helicone.Bulk;
using Helicone.Core.Tests.Servers;

namespace Helicone.Core.Tests.Bulk;

/// <summary>Which answers of a journal count in the next run.</summary>
public sealed class JournalRerunTests : IDisposable
{
    private const string Models = """{"data":{"models":[{"id":"gpt-4o-mini","endpoints":[{"provider":"OpenAI","providerSlug":"openai","pricing":{"prompt":1,"completion":2}}]}]}}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-rerun-").FullName;

    private string JournalPath => Path.Combine(_folder, "run.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task JournalOfTheFirstVersion_Opens_AndItsAnswersCount_WhereTheKeyIsTheSame()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);
        RequestOptions options = new() { Tags = new RequestTags { UserId = "u" }, Cache = new CachePolicy() };
        string[] lines =
        [
            """{"journal":"helicone-journal","version":1}""",
            FirstVersion("a", "done", "openai"),
            FirstVersion("b", "done", "openai"),
            FirstVersion("c", "failed", null),
            FirstVersion("d", "sent", null),
            FirstVersion("gone", "done", "openai"),
        ];
        await File.WriteAllTextAsync(JournalPath, string.Join("\n", lines) + "\n");

        using (BulkJournal journal = BulkJournal.Open(JournalPath))
        using (BulkRun run = new(client.Chat, new BulkOptions { Journal = journal }))
        {
            Assert.Equal((3, 1, 1, 3), (journal.Done, journal.Failed, journal.Sent, journal.Unmatched));
            List<BulkResult> results = await BulkRunTests.RunAsync(run, ["a", "b", "c", "d", "e"], options: options);

            Assert.Equal([true, true, false, false, false], results.Select(r => r.Completion!.FromJournal));
            Assert.Equal("first a", results[0].Completion!.Content);
            Assert.True(results[3].WasSentBefore);
            Assert.Equal(1, journal.Unmatched);
        }

        // The repeated item has its new key now, and the old key no longer matters.
        using BulkJournal again = BulkJournal.Open(JournalPath);
        Assert.Equal((6, 0, 0), (again.Done, again.Failed, again.Sent));
        using BulkRun rerun = new(client.Chat, new BulkOptions { Journal = again });
        Assert.All(await BulkRunTests.RunAsync(rerun, ["a", "b", "c", "d", "e"], options: options), r => Assert.True(r.Completion!.FromJournal));
        Assert.Equal(3, server.Chats.Count);
    }

    [Fact]
    public async Task OfflineAnswers_CountWhileTheGatewayIsOffline_AndNeverAsAModels()
    {
        bool offline = true;
        await using ScriptedServer server = await ScriptedServer.StartAsync(context => ScriptedServer.Json(
            Answers.Whole.Replace("Rayleigh scattering.", offline ? "[offline]" : "a model", StringComparison.Ordinal),
            200,
            ("helicone-provider", offline ? "offline" : "openai"))(context));
        using HeliconeClient client = Clients.Client(server.Uri);
        string[] prompts = ["a", "b", "c", "d"];

        List<BulkResult> first = await RerunAsync(client, prompts);
        Assert.All(first, r => Assert.False(r.Completion!.FromJournal));

        // One of them is asked again to learn who answers now. It costs nothing.
        List<BulkResult> stillOffline = await RerunAsync(client, prompts);
        Assert.Equal([false, true, true, true], stillOffline.Select(r => r.Completion!.FromJournal));
        Assert.Equal(5, server.Chats.Count);

        offline = false;
        List<BulkResult> answered = await RerunAsync(client, prompts);
        Assert.All(answered, r => Assert.Equal("a model", r.Completion!.Content));
        Assert.Equal(9, server.Chats.Count);

        List<BulkResult> last = await RerunAsync(client, prompts);
        Assert.All(last, r => Assert.True(r.Completion is { FromJournal: true, Content: "a model" }));
        Assert.Equal(9, server.Chats.Count);
    }

    [Fact]
    public async Task OfflineAnswer_ThatWasAskedForByName_Counts()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole, 200, ("helicone-provider", "offline")));
        using HeliconeClient client = new(Clients.Options(server.Uri) with { DefaultModel = Helicone.Chat.ModelRoute.Parse("gpt-4o/offline") });

        await RerunAsync(client, ["a", "b"]);
        List<BulkResult> second = await RerunAsync(client, ["a", "b"]);

        Assert.All(second, r => Assert.True(r.Completion!.FromJournal));
        Assert.Equal(2, server.Chats.Count);
    }

    [Fact]
    public async Task CostThatWasUnknown_IsKnownFromTheJournal_OnceThereArePrices()
    {
        bool priced = false;
        await using ScriptedServer server = await ScriptedServer.StartAsync(
            ScriptedServer.Json(Answers.Whole),
            context => priced ? ScriptedServer.Json(Models)(context) : ScriptedServer.Text(400, "no")(context));
        using (HeliconeClient client = Clients.Client(server.Uri))
        {
            BulkResult first = Assert.Single(await RerunAsync(client, ["a"]));
            await client.Models.WaitForPricesAsync();
            Assert.Null(first.Completion!.Cost);
        }

        priced = true;
        using HeliconeClient next = Clients.Client(server.Uri);
        BulkResult second = Assert.Single(await RerunAsync(next, ["a"]));
        await next.Models.WaitForPricesAsync();

        Assert.True(second.Completion!.FromJournal);
        Assert.Equal(0.0014m, second.Completion.Cost);
        Assert.Single(server.Chats);
    }

    [Fact]
    public async Task JournaledRun_DoesNotWaitForPrices()
    {
        // A journal that waits for a price blocks a thread of the pool, and with 64 calls at once all of them.
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await ScriptedServer.StartAsync(
            async context =>
            {
                await Task.Delay(50, context.RequestAborted);
                await ScriptedServer.Json(Answers.Whole)(context);
            },
            ScriptedServer.Silence(left));
        List<TimeSpan> spent = [];
        for (int i = 0; i < 3; i++)
        {
            using HeliconeClient client = Clients.Client(server.Uri);
            using BulkJournal journal = BulkJournal.Open(Path.Combine(_folder, $"{i}.jsonl"));
            using BulkRun run = new(client.Chat, new BulkOptions { Journal = journal });
            System.Diagnostics.Stopwatch clock = System.Diagnostics.Stopwatch.StartNew();
            await BulkRunTests.RunAsync(run, ["a"]);
            spent.Add(clock.Elapsed);
        }

        // A busy machine may delay one run, not all of them.
        Assert.True(spent.Min() < TimeSpan.FromMilliseconds(450), $"Each run of one item took {spent.Min()} or more.");
    }

    private async Task<List<BulkResult>> RerunAsync(HeliconeClient client, string[] prompts)
    {
        using BulkJournal journal = BulkJournal.Open(JournalPath);
        using BulkRun run = new(client.Chat, new BulkOptions { Journal = journal });
        return await BulkRunTests.RunAsync(run, prompts);
    }

    /// <summary>A line as the first version wrote it: its key was the hash of the body's bytes and of all headers.</summary>
    private static string FirstVersion(string prompt, string state, string? provider)
    {
        string hashed = $$"""{"model":"gpt-4o-mini","messages":[{"role":"user","content":"{{prompt}}"}]}""" + "\nhelicone-cache-enabled:true\nhelicone-user-id:u";
        Dictionary<string, object?> line = new()
        {
            ["state"] = state,
            ["key"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(hashed))),
            ["at"] = "2026-11-01T00:00:00+00:00",
        };
        if (state == "done")
        {
            line["requestedModel"] = "gpt-4o-mini";
            line["provider"] = provider;
            line["cache"] = "None";
            line["cost"] = 0.001;
            line["latencyMs"] = 12.5;
            line["answer"] = Answers.Whole.Replace("Rayleigh scattering.", "first " + prompt, StringComparison.Ordinal);
        }

        return JsonSerializer.Serialize(line);
    }
}
