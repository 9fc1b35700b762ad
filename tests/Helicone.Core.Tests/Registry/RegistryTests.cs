using System.Diagnostics;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using Helicone.Registry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.Core.Tests.Registry;

public sealed class RegistryTests : IDisposable
{
    private const string Api = "api.example";
    private const string Gateway = "gateway.example";

    private const string Models =
        """
        {"models":[
          {"id":"gpt-4o-mini","name":"GPT-4o Mini","author":"openai","contextLength":128000,"maxOutput":16384,"trainingDate":"2024-07-18","description":"Small.","inputModalities":["text","image"],"outputModalities":["text"],"supportedParameters":["tools","response_format","seed"],
           "endpoints":[
             {"provider":"Azure","providerSlug":"azure","supportsPtb":true,"pricing":{"prompt":0.3,"completion":1.2}},
             {"provider":"OpenAI","providerSlug":"openai","supportsPtb":true,"pricing":{"prompt":0.15,"completion":0.6,"cacheRead":0.075}}]},
          {"id":"bare","endpoints":[{"provider":"x"},{"providerSlug":7},null,{"providerSlug":"y","pricing":{"prompt":-1,"completion":"a"}}]},
          {"name":"no id"}, null, 7],
         "total":2,"filters":{}}
        """;

    private const string BareList = """{"object":"list","data":[{"id":"gpt-4o-mini","object":"model","created":1,"owned_by":"openai"},{"id":"claude-4.5-sonnet","object":"model","created":1,"owned_by":"anthropic"}]}""";

    private readonly string _directory = Path.Combine(Path.GetTempPath(), "helicone-tests-" + Guid.NewGuid().ToString("N"));

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("{\"data\":" + Models + ",\"error\":null}")]
    [InlineData(Models)]
    [InlineData("\ufeff" + Models)]
    public async Task Registry_IsReadWrappedAndUnwrapped(string json)
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Text(200, json, "application/json"));
        using HeliconeClient client = Clients.Client(server.Uri);

        ModelRegistry registry = await client.Models.GetAsync(false, default);

        Assert.Equal(["bare", "gpt-4o-mini"], registry.Models.Select(m => m.Id));
        ModelInfo model = registry.Models[1];
        Assert.Equal(("GPT-4o Mini", "openai", 128000, 16384, "Small.", "2024-07-18"), (model.Name, model.Author, model.ContextLength, model.MaxOutput, model.Description, model.TrainingDate));
        Assert.Equal(["openai", "azure"], model.Providers);
        Assert.Equal((0.15m, 0.6m), (model.PromptPrice, model.CompletionPrice));
        Assert.Equal(["caching", "image", "json", "tools"], model.Capabilities);
        Assert.Equal(["x", "y"], registry.Models[0].Providers);
        Assert.Null(registry.Models[0].PromptPrice);
        Assert.All(server.Requests, r => Assert.False(r.Headers.ContainsKey("Authorization")));
    }

    [Fact]
    public async Task Prices_AreThoseOfTheEndpointItself_WhereTheRegistryIncludesIt()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json("""
            {"data":{"models":[{"id":"m","author":"anthropic","endpoints":[
              {"provider":"Google Vertex","providerSlug":"google-vertex","pricing":{"prompt":3,"completion":15,"cacheWrite":3.75,"web_search":10000,"audio":{"input":7},"image":9},
               "pricingTiers":[{"prompt":3,"completion":15,"threshold":0},{"prompt":6,"completion":22.5,"threshold":200000}]},
              {"provider":"AWS Bedrock","providerSlug":"aws-bedrock","supportsPtb":true,"pricing":{"prompt":3.3,"completion":16.5},
               "endpoint":{"provider":"bedrock","providerModelId":"anthropic.m-v1:0","pricing":[
                 {"threshold":0,"input":0.0000033,"output":0.0000165,"cacheMultipliers":{"cachedInput":0.1,"write5m":1.25,"write1h":2.0},"thinking":0.00002,"request":0.005,"web_search":0.01,"audio":{"input":0.000007,"cachedInputMultiplier":0.5,"output":0.000008}},
                 {"threshold":200000,"input":0.0000066,"output":0.000022}]}}]}]},"error":null}
            """));
        using HeliconeClient client = Clients.Client(server.Uri);

        ModelEndpoint[] endpoints = [.. (await client.Models.GetAsync(false, default)).Models.Single().Endpoints];

        Assert.Equal(["vertex", "bedrock"], endpoints.Select(e => e.Provider));
        Assert.Equal(
            new ModelPricing { Prompt = 3, Completion = 15, CacheWrite = 3.75m, CacheWrite1h = 6, WebSearch = 0.01m, Audio = new ModalityPricing { Input = 7 }, Image = new ModalityPricing { Input = 9, Output = 9 } },
            endpoints[0].Pricing);
        Assert.Equal([0, 200_000], endpoints[0].PricingTiers.Select(t => t.Threshold));
        Assert.Equal("anthropic.m-v1:0", endpoints[1].ProviderModelId);
        Assert.Equal(
            new ModelPricing { Prompt = 3.3m, Completion = 16.5m, CacheRead = 0.33m, CacheWrite = 4.125m, CacheWrite1h = 6.6m, Thinking = 20, Request = 0.005m, WebSearch = 0.01m, Audio = new ModalityPricing { Input = 7, CachedInput = 3.5m, Output = 8 } },
            endpoints[1].Pricing);
        Assert.Equal([0, 200_000], endpoints[1].PricingTiers.Select(t => t.Threshold));
    }

    [Theory]
    [InlineData(503, "down")]
    [InlineData(200, "{\"data\":null,\"error\":\"no database\"}")]
    [InlineData(200, "<html>maintenance</html>")]
    [InlineData(200, "{\"data\":{\"models\":[{\"id\":\"cut")]
    [InlineData(200, "{\"ok\":true}")]
    public async Task Registry_WhenTheApiIsDown_IsTheGatewaysList(int status, string body)
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Text(status, body), ScriptedServer.Text(200, BareList, "application/json"));
        using HeliconeClient client = Clients.Client(server.Uri);

        ModelRegistry registry = await client.Models.GetAsync(false, default);

        Assert.Equal(["claude-4.5-sonnet", "gpt-4o-mini"], registry.Models.Select(m => m.Id));
        Assert.Equal("anthropic", registry.Models[0].Author);
        Assert.Equal(new Uri(server.Uri, "/v1/models"), registry.Source);
    }

    [Fact]
    public async Task Registry_ThatIsNowhere_IsTheErrorOfTheApi()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Text(400, "the API's own words"), ScriptedServer.Text(404, "the gateway's"));
        using HeliconeClient client = Clients.Client(server.Uri);

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => client.Models.GetAsync(false, default));

        Assert.Contains("the API's own words", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GatewaysList_StandsInForMinutesOnly_AndNeverReplacesPrices()
    {
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        bool down = true;
        await using ScriptedServer server = await StartAsync(
            context => down ? ScriptedServer.Text(400, "down")(context) : ScriptedServer.Json(Models)(context),
            ScriptedServer.Json(BareList));
        using HeliconeClient client = new(Clients.Options(server.Uri) with { TimeProvider = time });

        Assert.Equal(2, (await client.Models.GetAsync(false, default)).Models.Count);
        Assert.Null(client.Models.TryGetCached()!.Models.Single(m => m.Id == "gpt-4o-mini").PromptPrice);
        down = false;
        time.Advance(TimeSpan.FromMinutes(6));
        Assert.NotNull((await client.Models.GetAsync(false, default)).Models.Single(m => m.Id == "gpt-4o-mini").PromptPrice);
        down = true;
        time.Advance(TimeSpan.FromHours(25));
        Assert.Null((await client.Models.GetAsync(false, default)).Models.Single(m => m.Id == "gpt-4o-mini").PromptPrice);

        Assert.NotNull(client.Models.TryGetCached()!.Models.Single(m => m.Id == "gpt-4o-mini").PromptPrice);
    }

    [Fact]
    public async Task Disk_ThatIsFresh_NeedsNoNetwork()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Models));
        using (HeliconeClient first = Elsewhere(server))
        {
            Assert.Null(first.Models.TryGetCached());
            await first.Models.GetAsync(false, default);
        }

        using HeliconeClient second = Elsewhere(server);
        Assert.Equal(2, second.Models.TryGetCached()!.Models.Count);
        ModelRegistry registry = await second.Models.GetAsync(false, default);

        Assert.Equal(0.15m, registry.Models.Single(m => m.Id == "gpt-4o-mini").PromptPrice);
        Assert.Single(server.Requests);
        await second.Models.GetAsync(refresh: true, default);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Disk_ThatIsStale_IsRefreshed()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Models));
        using (HeliconeClient first = Elsewhere(server))
        {
            await first.Models.GetAsync(false, default);
        }

        string file = Directory.GetFiles(_directory).Single();
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-25));
        using HeliconeClient second = Elsewhere(server);
        Assert.NotNull(second.Models.TryGetCached());
        ModelRegistry registry = await second.Models.GetAsync(false, default);

        Assert.Equal(2, server.Requests.Count);
        Assert.True(DateTimeOffset.UtcNow - registry.FetchedAt < TimeSpan.FromMinutes(5));
        Assert.True(DateTime.UtcNow - File.GetLastWriteTimeUtc(file) < TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task Disk_FromTheFuture_HasNoAge()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Models));
        using (HeliconeClient first = Elsewhere(server))
        {
            await first.Models.GetAsync(false, default);
        }

        File.SetLastWriteTimeUtc(Directory.GetFiles(_directory).Single(), DateTime.UtcNow.AddYears(10));
        using HeliconeClient second = Elsewhere(server);
        await second.Models.GetAsync(false, default);

        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"models\":[{\"id\":\"a\"")]
    [InlineData("not json")]
    [InlineData("{}")]
    public async Task Disk_ThatIsCorrupt_IsIgnoredAndWrittenAnew(string content)
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Models));
        using (HeliconeClient first = Elsewhere(server))
        {
            await first.Models.GetAsync(false, default);
        }

        string file = Directory.GetFiles(_directory).Single();
        await File.WriteAllTextAsync(file, content);
        using HeliconeClient second = Elsewhere(server);
        Assert.Null(second.Models.TryGetCached());

        Assert.Equal(2, (await second.Models.GetAsync(false, default)).Models.Count);
        Assert.Equal(2, server.Requests.Count);
        Assert.Equal(Models, await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Disk_WithManyWriters_IsAlwaysWhole()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Models));

        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            using HeliconeClient client = Elsewhere(server);
            for (int i = 0; i < 5; i++)
            {
                await client.Models.GetAsync(refresh: true, default);
                using HeliconeClient reader = Elsewhere(server);
                Assert.Equal(2, reader.Models.TryGetCached()!.Models.Count);
            }
        }));

        Assert.Equal(Models, await File.ReadAllTextAsync(Directory.GetFiles(_directory).Single()));
    }

    [Theory]
    [InlineData("a file")]
    [InlineData("bad\0name")]
    public async Task Disk_ThatCannotBeUsed_IsDoneWithout(string kind)
    {
        string directory = Path.Combine(_directory, kind);
        if (kind == "a file")
        {
            Directory.CreateDirectory(_directory);
            await File.WriteAllTextAsync(directory, "in the way");
        }

        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Models));
        using HeliconeClient client = Elsewhere(server, directory);

        Assert.Null(client.Models.TryGetCached());
        Assert.Equal(2, (await client.Models.GetAsync(false, default)).Models.Count);
    }

    [Fact]
    public async Task Loopback_IsNotKeptOnDisk()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Models));
        using HeliconeClient client = new(Clients.Options(server.Uri) with { CacheDirectory = _directory });

        await client.Models.GetAsync(false, default);

        Assert.False(Directory.Exists(_directory));
    }

    [Fact]
    public async Task FirstAnswer_IsPriced_AndTheRegistryIsAskedOnce()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Models));
        using HeliconeClient client = Clients.Client(server.Uri);

        for (int i = 0; i < 5; i++)
        {
            // 600 tokens at 0.15, 400 cached ones at 0.075, 200 at 0.6, each per million; the route names no provider, so the cheapest.
            ChatCompletion completion = await client.Chat.CompleteAsync(Clients.Ask(), null, default);
            await client.Models.WaitForPricesAsync();
            Assert.Equal(0.00024m, completion.Cost);
        }

        Assert.Single(server.Requests, r => r.Method == "GET");
    }

    [Fact]
    public async Task Stream_IsPricedToo()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Models), null, ScriptedServer.Events(Answers.Text("x"), Answers.Finish, Answers.Usage, Answers.Done));

        using HeliconeClient client = Clients.Client(server.Uri);
        ChatCompletion completion = (await Clients.ReadAllAsync(client.Chat.Stream(Clients.Ask())))[^1].Completion!;
        await client.Models.WaitForPricesAsync();

        Assert.Equal(((10 * 0.15m) + (4 * 0.6m)) / 1_000_000, completion.Cost);
    }

    [Theory]
    [InlineData("Helicone-Cache", "HIT", 0)]
    [InlineData("helicone-provider", "offline", 0)]
    [InlineData("helicone-provider", "azure", 540)]
    [InlineData("helicone-provider", "nobody", null)]
    public async Task Cost_FollowsWhatTheResponseSays(string header, string value, int? millionths)
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json(Models), null, ScriptedServer.Json(Answers.Whole, 200, (header, value)));

        using HeliconeClient client = Clients.Client(server.Uri);
        ChatCompletion completion = await client.Chat.CompleteAsync(Clients.Ask(), null, default);
        await client.Models.WaitForPricesAsync();
        Assert.Equal(millionths / 1_000_000m, completion.Cost);
    }

    [Fact]
    public async Task Prices_NoneSaneEver_MakeNoCost()
    {
        await using ScriptedServer server = await StartAsync(ScriptedServer.Json("""{"models":[{"id":"gpt-4o-mini","endpoints":[{"providerSlug":"openai","pricing":{"prompt":7e27,"completion":7e27}}]}]}"""));

        using HeliconeClient client = Clients.Client(server.Uri);
        ChatCompletion completion = await client.Chat.CompleteAsync(Clients.Ask(), null, default);
        await client.Models.WaitForPricesAsync();
        Assert.Null(completion.Cost);
    }

    [Fact]
    public async Task ReadingTheCost_NeverBlocks()
    {
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await StartAsync(ScriptedServer.Silence(left));
        List<TimeSpan> reads = [];
        for (int i = 0; i < 4; i++)
        {
            using HeliconeClient client = Clients.Client(server.Uri);
            ChatCompletion completion = await client.Chat.CompleteAsync(Clients.Ask(), null, default);
            Stopwatch clock = Stopwatch.StartNew();
            Assert.Null(completion.Cost);
            reads.Add(clock.Elapsed);
        }

        // A busy machine may suspend one read, not all of them.
        Assert.True(reads.Min() < TimeSpan.FromMilliseconds(250), $"Each read of a cost whose prices are on their way took {reads.Min()} or more.");
    }

    [Fact]
    public async Task Cost_IsKnown_OncePricesThatCameLateAreThere()
    {
        TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await StartAsync(async context =>
        {
            await held.Task.WaitAsync(context.RequestAborted);
            await ScriptedServer.Json(Models)(context);
        });
        using HeliconeClient client = Clients.Client(server.Uri);
        ChatCompletion completion = await client.Chat.CompleteAsync(Clients.Ask(), null, default);
        Assert.Null(completion.Cost);

        Task waiting = client.Models.WaitForPricesAsync();
        held.SetResult();
        await waiting;
        for (int i = 0; i < 1000 && completion.Cost is null; i++)
        {
            await Task.Delay(10);
        }

        Assert.Equal(0.00024m, completion.Cost);
    }

    [Fact]
    public async Task RegistryThatHangs_DelaysWhoWaitsForThePrices_Once_AndNoCall()
    {
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await StartAsync(ScriptedServer.Silence(left));
        using HeliconeClient client = Clients.Client(server.Uri);

        Stopwatch clock = Stopwatch.StartNew();
        ChatCompletion first = await client.Chat.CompleteAsync(Clients.Ask(), null, default);
        TimeSpan called = clock.Elapsed;
        clock.Restart();
        await client.Models.WaitForPricesAsync();
        Assert.Null(first.Cost);
        TimeSpan delayed = clock.Elapsed;
        clock.Restart();
        for (int i = 0; i < 20; i++)
        {
            ChatCompletion next = await client.Chat.CompleteAsync(Clients.Ask(), null, default);
            await client.Models.WaitForPricesAsync();
            Assert.Null(next.Cost);
        }

        Assert.True(called - first.Latency < TimeSpan.FromMilliseconds(400), $"The call took {called}, {first.Latency} of it its own: it waited for the prices.");
        Assert.InRange(delayed, TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(3));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"20 more calls took {clock.Elapsed}: they waited as well.");
        Assert.Single(server.Requests, r => r.Method == "GET");
    }

    [Fact]
    public async Task CancelWhileWaitingForThePrice_DoesNotLoseTheAnswer()
    {
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenSource stop = new();
        await using ScriptedServer server = await StartAsync(ScriptedServer.Silence(left));
        using HeliconeClient client = Clients.Client(server.Uri);

        Task<ChatCompletion> call = client.Chat.CompleteAsync(Clients.Ask(), null, stop.Token);
        while (server.Chats.Count == 0)
        {
            await Task.Delay(5);
        }

        await Task.Delay(150);
        await stop.CancelAsync();

        Assert.Equal("Rayleigh scattering.", (await call).Content);
    }

    [Fact]
    public async Task RegistryThatFails_IsNotAskedWithEveryCall_AndAskedAgainLater()
    {
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        bool down = true;
        await using ScriptedServer server = await StartAsync(context => down ? ScriptedServer.Text(400, "no")(context) : ScriptedServer.Json(Models)(context), ScriptedServer.Text(400, "no"));
        using HeliconeClient client = new(Clients.Options(server.Uri) with { TimeProvider = time });

        for (int i = 0; i < 5; i++)
        {
            Assert.Null((await client.Chat.CompleteAsync(Clients.Ask(), null, default)).Cost);
            await Task.Delay(20);
        }

        Assert.Equal(2, server.Requests.Count(r => r.Method == "GET"));
        down = false;
        time.Advance(TimeSpan.FromMinutes(6));
        await client.Chat.CompleteAsync(Clients.Ask(), null, default);
        decimal? cost = null;
        for (int i = 0; i < 200 && cost is null; i++)
        {
            await Task.Delay(10);
            cost = (await client.Chat.CompleteAsync(Clients.Ask(), null, default)).Cost;
        }

        Assert.Equal(0.00024m, cost);
    }

    private HeliconeClient Elsewhere(ScriptedServer server, string? directory = null) => new(Clients.Options(server.Uri) with
    {
        GatewayUri = new Uri($"https://{Gateway}/"),
        ApiUri = new Uri($"https://{Api}/"),
        CacheDirectory = directory ?? _directory,
        Handler = new ElsewhereHandler((Api, server.Uri), (Gateway, server.Uri)),
    });

    private static Task<ScriptedServer> StartAsync(RequestDelegate registry, RequestDelegate? list = null, RequestDelegate? chat = null) => ScriptedServer.StartAsync(
        chat ?? ScriptedServer.Json(Answers.Whole),
        context => context.Request.Path == "/v1/public/model-registry/models" ? registry(context) : (list ?? ScriptedServer.Text(404, ""))(context));
}
