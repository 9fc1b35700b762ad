using FsCheck;
using FsCheck.Xunit;
using Helicone.Chat;
using Helicone.Registry;
using Helicone.Spending;

namespace Helicone.Core.Tests.Spending;

public class CostCalculatorTests
{
    private static readonly ModelPricing s_claude = new() { Prompt = 3, Completion = 15, CacheRead = 0.3m, CacheWrite = 3.75m, CacheWrite1h = 6 };

    private static readonly ModelRegistry s_registry = new(
        [
            Model("gpt-4o", Endpoint("azure", 2, 8, credits: false), Endpoint("openai", 2.5m, 10, credits: true), Endpoint("openrouter", 3, 12, credits: true) with { ProviderModelId = "openai/gpt-4o" }),
            Model("claude-4.5-sonnet", Endpoint("anthropic", 3, 15, credits: true) with { ProviderModelId = "claude-sonnet-4-5-20250929" }, Endpoint("bedrock", 4, 16, credits: true) with { ProviderModelId = "anthropic.claude-sonnet-4-5-20250929-v1:0" }),
            Model("own-keys-only", Endpoint("azure", 2, 8, credits: false)),
            Model("no-price", new ModelEndpoint { Provider = "openai" }),
        ],
        DateTimeOffset.UnixEpoch,
        new Uri("https://api.example/"));

    [Theory]
    [InlineData("gpt-4o", "gpt-4o", null, 12.5)]
    [InlineData("gpt-4o/openai", "gpt-4o", null, 12.5)]
    [InlineData("gpt-4o/azure", "gpt-4o", null, 10.0)]
    [InlineData("gpt-4o/azure", "gpt-4o", "openai", 12.5)]
    [InlineData("gpt-4o,!openai", "gpt-4o", null, 15.0)]
    [InlineData("gpt-4o,!OpenAI,!openrouter", "gpt-4o", null, 10.0)]
    [InlineData("gpt-4o,!openai,!openrouter,!azure", "gpt-4o", null, null)]
    [InlineData("gpt-4o", "gpt-4o-2024-08-06", "openai", 12.5)]
    [InlineData("gpt-4o", "openai/gpt-4o", null, 15.0)]
    [InlineData("gpt-4o", "something-else", null, 12.5)]
    [InlineData("gpt-4o-2024-08-06", "gpt-4o-2024-08-06", null, 12.5)]
    [InlineData("x,gpt-4o/azure", "gpt-4o-2024-08-06", null, 10.0)]
    [InlineData("x,gpt-4o/azure", null, null, null)]
    [InlineData("renamed", "claude-sonnet-4-5-20250929", null, 18.0)]
    [InlineData("gpt-4o/azure,gpt-4o/azure", "gpt-4o", null, 10.0)]
    [InlineData("gpt-4o/nobody", "gpt-4o", null, null)]
    [InlineData("own-keys-only", "own-keys-only", null, 10.0)]
    [InlineData("no-price", "no-price", null, null)]
    [InlineData("no-price/openai,gpt-4o/openai", "no-price", null, null)]
    [InlineData("unknown", "unknown", null, null)]
    [InlineData("unknown", "gpt-4o-mini", null, null)]
    [InlineData("x,y", null, null, null)]
    [InlineData("unknown", "unknown", "offline", 0.0)]
    public void AMillionTokensEachWay_CostWhatTheirProviderAsks(string route, string? served, string? provider, double? cost) =>
        Assert.Equal((decimal?)cost, Cost(route, served, provider));

    [Theory]
    [InlineData("claude-sonnet-4-5-20250929", null, 18.0)]
    [InlineData("us.anthropic.claude-sonnet-4-5-20250929-v1:0", null, 20.0)]
    [InlineData("claude-sonnet-4-5-20250929", "bedrock", 20.0)]
    [InlineData("gpt-4o-2024-08-06", null, 12.5)]
    [InlineData("mistral-large", null, null)]
    [InlineData(null, null, null)]
    public void Fallback_IsPricedByTheNameThatItsProviderGivesIt(string? served, string? provider, double? cost) =>
        Assert.Equal((decimal?)cost, Cost("gpt-4o/openai,claude-4.5-sonnet", served, provider));

    [Fact]
    public void OneModelAtTwoPrices_WhenNothingTellsThemApart_IsUnknown() => Assert.Null(Cost("gpt-4o/azure,gpt-4o/openai", "gpt-4o", null));

    [Fact]
    public void CacheWrites_AreNotPartOfThePrompt() =>
        Assert.Equal(0.03855m, Cost("anthropic", s_claude, new ChatUsage(100, 50, 150, CacheWriteTokens: 10_000)));

    [Fact]
    public void OneHourWrites_HaveTheirOwnPrice()
    {
        ChatUsage usage = new(0, 0, 0, CacheWriteTokens: 3_000_000) { CacheWrite1hTokens = 1_000_000 };

        Assert.Equal((2 * 3.75m) + 6, Cost("anthropic", s_claude, usage));
        Assert.Null(Cost("bedrock", s_claude with { CacheWrite1h = null }, usage));
        Assert.Equal(9m, Cost("x", new ModelPricing { Prompt = 3, Completion = 15 }, usage));
    }

    [Fact]
    public void MoreCachedTokensThanPrompt_MeansThatThePromptIsCountedWithoutThem()
    {
        Assert.Equal(((100 * 3m) + (5000 * 0.3m)) / 1_000_000, Cost("anthropic", s_claude, new ChatUsage(100, 0, 100, CachedTokens: 5000)));
        Assert.Equal(((100 * 3m) + (5000 * 0.3m)) / 1_000_000, Cost("anthropic", s_claude, new ChatUsage(5100, 0, 5100, CachedTokens: 5000)));
    }

    [Fact]
    public void CostOfTheProvider_WinsOverEverything()
    {
        ChatUsage usage = new(100, 50, 150) { ProviderCost = 0.42m, WebSearchRequests = 3 };

        Assert.Equal(0.42m, CostCalculator.Calculate(s_registry, ModelRoute.Parse("unknown"), null, null, usage));
        Assert.Equal(0.42m, Cost("anthropic", s_claude, usage));
        Assert.Equal(0.42m, CostCalculator.Calculate(s_registry, ModelRoute.Parse("unknown"), null, "offline", usage));
        Assert.Equal(0m, CostCalculator.Calculate(s_registry, ModelRoute.Parse("unknown"), null, "offline", usage with { ProviderCost = null }));
        Assert.Equal(0.00105m, Cost("anthropic", s_claude, usage with { ProviderCost = 0, WebSearchRequests = 0 }));
    }

    [Fact]
    public void Searches_AndCalls_HaveTheirOwnPrices_AndUnknownOnesAreNotZero()
    {
        ChatUsage usage = new(1_000_000, 0, 1_000_000) { WebSearchRequests = 3 };

        Assert.Equal(3 + (3 * 0.01m) + 0.005m, Cost("perplexity", s_claude with { WebSearch = 0.01m, Request = 0.005m }, usage));
        Assert.Equal(3 + 0.005m, Cost("perplexity", s_claude with { Request = 0.005m }, usage with { WebSearchRequests = 0 }));
        Assert.Null(Cost("perplexity", s_claude with { Request = 0.005m }, usage));
    }

    [Fact]
    public void Reasoning_HasItsOwnPrice_ElseTheAnswers()
    {
        ChatUsage usage = new(0, 1_000_000, 1_000_000, ReasoningTokens: 400_000);

        Assert.Equal((0.6m * 15) + (0.4m * 40), Cost("vertex", s_claude with { Thinking = 40 }, usage));
        Assert.Equal(15m, Cost("vertex", s_claude, usage));
    }

    [Fact]
    public void Reasoning_ThatXaiCountsNextToTheAnswer_IsAdded()
    {
        Assert.Equal(1.4m * 15, Cost("xai", s_claude, new ChatUsage(100_000, 1_000_000, 1_500_000, ReasoningTokens: 400_000)) - (100_000 * 3m / 1_000_000));
        Assert.Equal(1m * 15, Cost("xai", s_claude, new ChatUsage(100_000, 1_000_000, 1_100_000, ReasoningTokens: 400_000)) - (100_000 * 3m / 1_000_000));
    }

    [Fact]
    public void AcceptedPredictions_AreAddedToTheAnswer() =>
        Assert.Equal(1.2m * 15, Cost("openai", s_claude, new ChatUsage(0, 1_000_000, 1_000_000) { AcceptedPredictionTokens = 200_000, RejectedPredictionTokens = 100_000 }));

    [Fact]
    public void Modalities_HaveTheirRates_AndFallBackToText()
    {
        ModelPricing pricing = s_claude with { Audio = new ModalityPricing { Input = 30, Output = 60 }, Image = new ModalityPricing { Output = 120 } };
        ChatUsage legacy = new(1_000_000, 1_000_000, 2_000_000) { PromptAudioTokens = 400_000, CompletionAudioTokens = 300_000 };
        ChatUsage counted = new(0, 0, 0) { Audio = new ModalityTokens(1_000_000, 1_000_000, 1_000_000), Image = new ModalityTokens(1_000_000, 1_000_000, 1_000_000), Video = new ModalityTokens(1_000_000, 0, 1_000_000) };

        Assert.Equal((0.6m * 3) + (0.4m * 30) + (0.7m * 15) + (0.3m * 60), Cost("openai", pricing, legacy));

        // Audio is read at a tenth of its own rate, as text is; images at the rates of text, except for output.
        Assert.Equal(30 + 3 + 60 + (3 + 0.3m + 120) + (3 + 15), Cost("openai", pricing, counted));
        Assert.Equal((0.6m * 3) + (0.7m * 15) + 30, Cost("openai", pricing, legacy with { Audio = new ModalityTokens(1_000_000) }));
    }

    [Theory]
    [InlineData("anthropic", 150_000, 0, 49_999, 0, false, false)]
    [InlineData("anthropic", 100_000, 50_000, 50_000, 0, true, false)]
    [InlineData("google-ai-studio", 150_000, 0, 100_000, 0, false, false)]
    [InlineData("google-ai-studio", 150_000, 50_000, 0, 0, true, true)]
    [InlineData("xai", 150_000, 50_000, 0, 0, true, true)]
    [InlineData("vertex", 150_000, 199_999, 0, 0, false, false)]
    [InlineData("vertex", 150_000, 200_000, 0, 0, false, true)]
    [InlineData("vertex", 200_000, 0, 0, 0, true, false)]
    [InlineData("openai", 900_000, 900_000, 0, 0, false, false)]
    public void Tier_IsChosenByWhatTheProviderCounts(string provider, long fresh, long cached, long written, long reasoning, bool isDearText, bool isDearCache)
    {
        ModelEndpoint endpoint = new() { Provider = provider, Pricing = s_claude with { Thinking = 7 }, PricingTiers = [s_claude, new ModelPricing { Prompt = 6, Completion = 30, Threshold = 200_000 }] };
        ChatUsage usage = new(fresh + cached, 1000, 0, cached, written, reasoning);

        // The expensive tier has no price for the cache: it inherits the tenth of its own prompt price.
        decimal expected = (fresh * (isDearText ? 6m : 3)) + (cached * (isDearCache ? 0.6m : 0.3m)) + (written * 3.75m) + (1000 * (isDearText ? 30m : 15));
        Assert.Equal(expected / 1_000_000, CostCalculator.Calculate(endpoint, usage));
    }

    [Fact]
    public void CountsBeyondBelief_HaveNoPrice() => Assert.Null(Cost("anthropic", s_claude, new ChatUsage(UsageReader.MaxCount, 1, 1) { IsImplausible = true }));

    [Property(MaxTest = 500)]
    public void Cost_IsNeverNegative_AndGrowsWithAnswersWritesAndPredictions(NonNegativeInt prompt, NonNegativeInt cached, NonNegativeInt[] counts, PositiveInt more, NonNegativeInt which)
    {
        long[] c = [.. counts.Select(n => (long)n.Get), .. new long[4]];
        decimal before = Cost("x", s_claude, Usage())!.Value;
        c[which.Get % 4] += more.Get;

        Assert.True(before >= 0);
        Assert.True(Cost("x", s_claude, Usage()) > before);

        ChatUsage Usage() => new(prompt.Get, c[0], 0, cached.Get, c[1] + c[2]) { CacheWrite1hTokens = c[2], AcceptedPredictionTokens = c[3] };
    }

    [Property(MaxTest = 500)]
    public void Cost_OfPartsThatAreTogether_IsTheSumOfTheParts(NonNegativeInt fresh, NonNegativeInt cached, NonNegativeInt written5m, NonNegativeInt written1h, NonNegativeInt output)
    {
        ChatUsage all = new(fresh.Get + (long)cached.Get, output.Get, 0, cached.Get, written5m.Get + (long)written1h.Get) { CacheWrite1hTokens = written1h.Get };

        Assert.Equal(
            ((fresh.Get * 3m) + (cached.Get * 0.3m) + (written5m.Get * 3.75m) + (written1h.Get * 6m) + (output.Get * 15m)) / 1_000_000,
            Cost("helicone", s_claude, all));
    }

    private static decimal? Cost(string route, string? served, string? provider) =>
        CostCalculator.Calculate(s_registry, ModelRoute.Parse(route), served, provider, new ChatUsage(1_000_000, 1_000_000, 2_000_000));

    private static decimal? Cost(string provider, ModelPricing pricing, ChatUsage usage) => CostCalculator.Calculate(new ModelEndpoint { Provider = provider, Pricing = pricing }, usage);

    private static ModelInfo Model(string id, params ModelEndpoint[] endpoints) => new() { Id = id, Endpoints = endpoints };

    private static ModelEndpoint Endpoint(string provider, decimal prompt, decimal completion, bool credits) =>
        new() { Provider = provider, SupportsCredits = credits, Pricing = new ModelPricing { Prompt = prompt, Completion = completion } };
}
