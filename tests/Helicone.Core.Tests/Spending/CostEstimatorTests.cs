using System.Text;
using Helicone.Chat;
using Helicone.Registry;
using Helicone.Spending;

namespace Helicone.Core.Tests.Spending;

public class CostEstimatorTests
{
    private static readonly ModelRegistry s_registry = new(
        [
            Model("gpt-4o", Endpoint("openai", 2.5m, 10), Endpoint("azure", 2, 12)),
            Model("claude-4.5-sonnet", Endpoint("anthropic", 3, 15) with { Pricing = new ModelPricing { Prompt = 3, Completion = 15, CacheWrite = 3.75m, CacheWrite1h = 6 } }),
            Model("thinker", Endpoint("x", 1, 1) with { Pricing = new ModelPricing { Prompt = 1, Completion = 1, Thinking = 4 } }),
            Model("searcher", Endpoint("x", 1, 1) with { Pricing = new ModelPricing { Prompt = 1, Completion = 1, WebSearch = 0.01m } }),
            Model("half-priced", Endpoint("openai", 2.5m, 10), new ModelEndpoint { Provider = "azure" }),
            Model("endless", Endpoint("x", 1, 1)) with { MaxOutput = null, ContextLength = null },
        ],
        DateTimeOffset.UnixEpoch,
        new Uri("https://api.example/"));

    [Theory]
    [InlineData("hello world", 2)]
    [InlineData("The quick brown fox jumps over the lazy dog.", 10)]
    [InlineData("Grüße aus Köln", 5)]
    [InlineData("", 0)]
    public void Tokens_AreThoseOfOpenAIsVocabulary(string text, int tokens) => Assert.Equal(tokens, TokenCounter.Count(text));

    [Fact]
    public void Estimate_IsTheDearestProviderOfTheModel()
    {
        CostEstimate estimate = Assert.Single(Estimate("gpt-4o", """{"max_tokens":1000,"messages":[{"role":"user","content":"hello world"}]}"""));

        Assert.Equal("azure", estimate.Provider);
        Assert.Equal(2 + 4 + 3, estimate.PromptTokens);
        Assert.False(estimate.IsEstimate);
        Assert.Equal(((9 * 2m) + (1_000 * 12m)) / 1_000_000, estimate.HighestCost);
        Assert.Equal(100_000 - 9, estimate.ContextLeft);
    }

    [Fact]
    public void Exclusions_AndProviders_NarrowIt()
    {
        const string Body = """{"max_tokens":1000,"messages":[]}""";

        Assert.Equal("openai", Assert.Single(Estimate("gpt-4o,!azure", Body)).Provider);
        Assert.Equal("openai", Assert.Single(Estimate("gpt-4o/openai", Body)).Provider);
    }

    [Fact]
    public void Chain_HasAnEstimateForEachModel_AndTheDearestCounts()
    {
        IReadOnlyList<CostEstimate> estimates = Estimate("gpt-4o,claude-4.5-sonnet", """{"max_tokens":1000,"messages":[{"role":"user","content":"hello world"}]}""");

        Assert.Equal(["gpt-4o", "claude-4.5-sonnet"], estimates.Select(e => e.Model));
        Assert.Equal("claude-4.5-sonnet", CostEstimator.Dearest(estimates).Model);
        Assert.True(estimates[1].IsEstimate);
    }

    [Theory]
    [InlineData("unheard-of", "doesn't list the model 'unheard-of'")]
    [InlineData("gpt-4o/nowhere", "No provider in the registry serves 'gpt-4o/nowhere'")]
    [InlineData("half-priced", "no price for 'half-priced' at 'azure'")]
    [InlineData("endless", "no maximum response length for 'endless'")]
    [InlineData("gpt-4o:online", "web searches")]
    public void WhatIsNotKnown_IsNeverAPrice(string route, string reason)
    {
        CostEstimate estimate = Assert.Single(Estimate(route, """{"messages":[]}"""));

        Assert.Null(estimate.HighestCost);
        Assert.Contains(reason, estimate.Unknown, StringComparison.Ordinal);
        Assert.Null(CostEstimator.Dearest(Estimate("gpt-4o/openai," + route, """{"messages":[]}""")).HighestCost);
    }

    [Theory]
    [InlineData("""{"type":"file","file":{"file_id":"file-abc"}}""")]
    [InlineData("""{"type":"file","file":{"filename":"a.pdf","file_data":"https://example.com/a.pdf"}}""")]
    [InlineData("""{"type":"video_url","video_url":{"url":"https://example.com/a.mp4"}}""")]
    [InlineData("""{"type":"document_url","document_url":"https://example.com/a.pdf"}""")]
    public void ContentThatIsElsewhere_MayFillTheContext(string part)
    {
        CostEstimate estimate = Assert.Single(Estimate("gpt-4o/openai", $$"""{"max_tokens":1,"messages":[{"role":"user","content":[{{part}}]}]}"""));
        CostEstimate unbounded = Assert.Single(Estimate("endless", $$"""{"max_tokens":1,"messages":[{"role":"user","content":[{{part}}]}]}"""));

        Assert.True(estimate.HighestCost >= 100_000 * 2.5m / 1_000_000, $"{estimate.HighestCost}");
        Assert.True(estimate.IsEstimate);
        Assert.Null(unbounded.HighestCost);
        Assert.Contains("context", unbounded.Unknown, StringComparison.Ordinal);
    }

    [Fact]
    public void PromptOfTheServer_MayFillTheContext() =>
        Assert.True(Assert.Single(Estimate("gpt-4o/openai", """{"max_tokens":1,"prompt_id":"abc","messages":[]}""")).HighestCost >= 100_000 * 2.5m / 1_000_000);

    [Theory]
    [InlineData("mp3", 16)]
    [InlineData("mp3", 64)]
    [InlineData("wav", 256)]
    public void Sound_CostsAtMostWhatIsReservedForIt_WhateverItsBitRate(string format, int kilobits)
    {
        // Ten minutes; Google counts 32 tokens a second, OpenAI 10.
        byte[] sound = new byte[600 * kilobits * 1_000 / 8];
        if (format == "wav")
        {
            "RIFF"u8.CopyTo(sound);
            "WAVEfmt "u8.CopyTo(sound.AsSpan(8));
            System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(sound.AsSpan(28), kilobits * 1_000 / 8);
        }

        CostEstimate estimate = Assert.Single(Estimate("gpt-4o/openai", $$$"""{"max_tokens":1,"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"{{{Convert.ToBase64String(sound)}}}","format":"{{{format}}}"}}]}]}"""));

        Assert.True(estimate.HighestCost >= 600 * 32 * 2.5m / 1_000_000, $"{estimate.HighestCost}");
        if (format == "wav")
        {
            Assert.True(estimate.HighestCost < 600 * 40 * 2.5m / 1_000_000, $"{estimate.HighestCost}");
        }
    }

    [Fact]
    public void Pdf_CostsAtMostWhatIsReservedForIt_HoweverDenseItIs()
    {
        // A page of text is some 2 KB in a file without fonts, and 1,750 tokens with its picture.
        string pdf = Convert.ToBase64String(new byte[20 * 2_000]);

        CostEstimate estimate = Assert.Single(Estimate("gpt-4o/openai", $$$"""{"max_tokens":1,"messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,{{{pdf}}}"}}]}]}"""));

        Assert.True(estimate.HighestCost >= 20 * 1_750 * 2.5m / 1_000_000, $"{estimate.HighestCost}");
    }

    [Fact]
    public void OfTwoLimits_TheLargerOneCounts() =>
        Assert.Equal(1_000, Assert.Single(Estimate("gpt-4o", """{"max_completion_tokens":10,"max_tokens":1000,"messages":[]}""")).MaxTokens);

    [Theory]
    [InlineData('a')]
    [InlineData(' ')]
    [InlineData('=')]
    [InlineData('字')]
    public void LongRunOfOneCharacter_IsCountedInTime(char c)
    {
        System.Diagnostics.Stopwatch elapsed = System.Diagnostics.Stopwatch.StartNew();
        int tokens = TokenCounter.Count(new string(c, 100_000));
        Assert.True(elapsed.Elapsed < TimeSpan.FromSeconds(5), $"{elapsed.Elapsed}");
        Assert.InRange(tokens, 100, 100_000);
    }

    [Fact]
    public void WithoutALimitOfItsOwn_TheResponseIsAsLongAsTheModelAllows() =>
        Assert.Equal(20_000, Assert.Single(Estimate("gpt-4o", """{"messages":[]}""")).MaxTokens);

    [Theory]
    [InlineData("""{"max_completion_tokens":1000,"messages":[],"n":4}""", "gpt-4o/openai", 4 * 1_000 * 10.0 / 1e6)]
    [InlineData("""{"max_tokens":1000,"messages":[]}""", "thinker", 1_000 * 4.0 / 1e6)]
    [InlineData("""{"max_tokens":1000,"messages":[],"web_search_options":{}}""", "searcher", (1_000 * 1.0 / 1e6) + (10 * 0.01))]
    [InlineData("""{"max_tokens":1000,"messages":[]}""", "offline", 0.0)]
    public void WhatTheRequestAsksFor_IsInThePrice(string body, string route, double atLeast)
    {
        decimal cost = Assert.Single(Estimate(route, body)).HighestCost!.Value;

        Assert.InRange(cost, (decimal)atLeast, (decimal)atLeast + 0.0001m);
    }

    [Fact]
    public void WritesToTheProvidersCache_AreInThePrice()
    {
        string body(string control) => $$"""{"max_tokens":1,"messages":[{"role":"user","content":[{"type":"text","text":"{{new string('a', 10_000)}} {{string.Join(' ', Enumerable.Range(0, 5_000))}}"{{control}}}]}]}""";

        decimal plain = Assert.Single(Estimate("claude-4.5-sonnet", body(""))).HighestCost!.Value;
        decimal written = Assert.Single(Estimate("claude-4.5-sonnet", body(""","cache_control":{"type":"ephemeral"}"""))).HighestCost!.Value;
        decimal forAnHour = Assert.Single(Estimate("claude-4.5-sonnet", body(""","cache_control":{"type":"ephemeral","ttl":"1h"}"""))).HighestCost!.Value;

        Assert.InRange(written / plain, 1.24m, 1.27m);
        Assert.InRange(forAnHour / plain, 1.9m, 2.1m);
    }

    [Fact]
    public void Images_ToolsAndSchemas_AreInThePrompt()
    {
        long plain = Tokens("""{"messages":[{"role":"user","content":"Hi"}]}""");

        Assert.Equal(plain + 1_200, Tokens("""{"messages":[{"role":"user","content":[{"type":"text","text":"Hi"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}"""));
        Assert.True(Tokens("""{"messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object"}}}]}""") > plain + 10);
        Assert.True(Tokens("""{"messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object"}}}}""") > plain + 10);

        static long Tokens(string body) => Assert.Single(Estimate("gpt-4o", body)).PromptTokens;
    }

    private static IReadOnlyList<CostEstimate> Estimate(string route, string body) =>
        CostEstimator.Estimate(s_registry, ModelRoute.Parse(route), Encoding.UTF8.GetBytes(body));

    private static ModelInfo Model(string id, params ModelEndpoint[] endpoints) => new() { Id = id, Author = "x", Endpoints = endpoints, ContextLength = 100_000, MaxOutput = 20_000 };

    private static ModelEndpoint Endpoint(string provider, decimal prompt, decimal completion) => new() { Provider = provider, Pricing = new ModelPricing { Prompt = prompt, Completion = completion } };
}
