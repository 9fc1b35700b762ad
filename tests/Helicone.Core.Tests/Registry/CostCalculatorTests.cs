using FsCheck;
using FsCheck.Xunit;
using Helicone.Chat;
using Helicone.Registry;

namespace Helicone.Core.Tests.Registry;

public class CostCalculatorTests
{
    private static readonly ModelRegistry s_registry = new(
        [
            Model("gpt-4o", Endpoint("azure", 2, 8, credits: false), Endpoint("openai", 2.5m, 10, credits: true), Endpoint("openrouter", 3, 12, credits: true)),
            Model("own-keys-only", Endpoint("azure", 2, 8, credits: false)),
            Model("no-price", new ModelEndpoint { Provider = "openai" }),
            Model("gemini-2.5-pro", new ModelEndpoint
            {
                Provider = "google-ai-studio",
                Pricing = new ModelPricing { Prompt = 1.25m, Completion = 10, CacheRead = 0.31m },
                PricingTiers = [new ModelPricing { Prompt = 1.25m, Completion = 10, CacheRead = 0.31m }, new ModelPricing { Prompt = 2.5m, Completion = 15, CacheRead = 0.625m, Threshold = 200_000 }],
            }),
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
    [InlineData("x,gpt-4o/azure", "gpt-4o-2024-08-06", null, 10.0)]
    [InlineData("gpt-4o/azure,gpt-4o/openai", "gpt-4o", null, 12.5)]
    [InlineData("gpt-4o/nobody", "gpt-4o", null, null)]
    [InlineData("own-keys-only", "own-keys-only", null, 10.0)]
    [InlineData("no-price", "no-price", null, null)]
    [InlineData("unknown", "unknown", null, null)]
    [InlineData("unknown", "gpt-4o-mini", null, null)]
    [InlineData("x,y", null, null, null)]
    [InlineData("unknown", "unknown", "offline", 0.0)]
    public void AMillionTokensEachWay_CostWhatTheirProviderAsks(string route, string? served, string? provider, double? cost) =>
        Assert.Equal((decimal?)cost, CostCalculator.Calculate(s_registry, ModelRoute.Parse(route), served, provider, new ChatUsage(1_000_000, 1_000_000, 2_000_000)));

    [Fact]
    public void Tokens_AreBilledByTheirKind()
    {
        ModelPricing pricing = new() { Prompt = 10, Completion = 100, CacheRead = 1, CacheWrite = 12.5m, Thinking = 200 };
        ChatUsage usage = new(1000, 500, 1500, CachedTokens: 300, CacheWriteTokens: 200, ReasoningTokens: 400);

        Assert.Equal(((500 * 10m) + (300 * 1m) + (200 * 12.5m) + (100 * 100m) + (400 * 200m)) / 1_000_000, CostCalculator.Calculate(pricing, usage));
    }

    [Fact]
    public void Kinds_WithoutAPriceOfTheirOwn_CostWhatTheOthersDo()
    {
        ChatUsage usage = new(1000, 500, 1500, CachedTokens: 300, CacheWriteTokens: 200, ReasoningTokens: 400);

        Assert.Equal(((1000 * 10m) + (500 * 100m)) / 1_000_000, CostCalculator.Calculate(new ModelPricing { Prompt = 10, Completion = 100 }, usage));
    }

    [Theory]
    [InlineData(199_999, 1.25)]
    [InlineData(200_000, 2.5)]
    [InlineData(500_000, 2.5)]
    public void LongPrompts_CostWhatTheirTierAsks(int tokens, double price) =>
        Assert.Equal(tokens * (decimal)price / 1_000_000, CostCalculator.Calculate(s_registry, ModelRoute.Parse("gemini-2.5-pro"), null, null, new ChatUsage(tokens, 0, tokens)));

    [Property(MaxTest = 300)]
    public void Cost_IsNeverNegative_AndNeverMoreThanEverythingAtTheDearestPrice(NonNegativeInt prompt, NonNegativeInt completion, NonNegativeInt cached, NonNegativeInt written, NonNegativeInt reasoning)
    {
        ChatUsage usage = new(prompt.Get, completion.Get, prompt.Get + completion.Get, cached.Get, written.Get, reasoning.Get);
        decimal cost = CostCalculator.Calculate(new ModelPricing { Prompt = 3, Completion = 7, CacheRead = 1, CacheWrite = 4, Thinking = 9 }, usage);

        Assert.InRange(cost, 0, ((prompt.Get * 4m) + (completion.Get * 9m)) / 1_000_000);
    }

    private static ModelInfo Model(string id, params ModelEndpoint[] endpoints) => new() { Id = id, Endpoints = endpoints };

    private static ModelEndpoint Endpoint(string provider, decimal prompt, decimal completion, bool credits) =>
        new() { Provider = provider, SupportsCredits = credits, Pricing = new ModelPricing { Prompt = prompt, Completion = completion } };
}
