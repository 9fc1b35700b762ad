using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Registry;
using Helicone.LocalGateway.Tests.Hosting;

namespace Helicone.LocalGateway.Tests.Registry;

public sealed class RegistryTests
{
    private static readonly string[] s_modalities = ["text", "image", "audio", "video"];

    [Fact]
    public void Models_AreManyAndDistinct()
    {
        IReadOnlyList<RegistryModel> models = ModelRegistry.BuiltIn().Models;

        Assert.True(models.Count >= 60, $"{models.Count} models");
        Assert.Equal(models.Count, models.Select(m => m.Id).Distinct().Count());
        Assert.Contains("gpt-4o-mini", models.Select(m => m.Id));
        Assert.Contains("claude-4.5-sonnet", models.Select(m => m.Id));
    }

    [Fact]
    public void Model_IsWhole()
    {
        Assert.All(ModelRegistry.BuiltIn().Models, model =>
        {
            Assert.False(string.IsNullOrWhiteSpace(model.Name));
            Assert.False(string.IsNullOrWhiteSpace(model.Author));
            Assert.DoesNotContain(model.Id, c => c is '/' or ',' or '!' || char.IsWhiteSpace(c));
            Assert.InRange(model.ContextLength ?? 0, 4_000, 20_000_000);
            Assert.InRange(model.MaxOutput ?? 0, 1_000, model.ContextLength ?? 0);
            Assert.True(DateOnly.TryParseExact(model.Created, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly created) && created.Year >= 2022);
            Assert.NotEmpty(model.Endpoints);
            Assert.Contains("text", model.InputModalities);
            Assert.All(model.InputModalities.Concat(model.OutputModalities), m => Assert.Contains(m, s_modalities));
            Assert.Equal(model.Endpoints.Count, model.Endpoints.Select(e => e.ProviderSlug).Distinct().Count());
        });
    }

    [Fact]
    public void Prices_AreSane()
    {
        foreach (RegistryModel model in ModelRegistry.BuiltIn().Models)
        {
            foreach (RegistryEndpoint endpoint in model.Endpoints)
            {
                string where = $"{model.Id}/{endpoint.ProviderSlug}";
                Assert.True(endpoint.Pricing is not null, where);
                Assert.True(endpoint.Pricing.Prompt is > 0 and < 1000, where);
                Assert.True(endpoint.Pricing.Completion >= endpoint.Pricing.Prompt && endpoint.Pricing.Completion < 1000, where);
                Assert.True(endpoint.Pricing.CacheRead is null || (endpoint.Pricing.CacheRead > 0 && endpoint.Pricing.CacheRead <= endpoint.Pricing.Prompt), where);
                Assert.True(WellKnownProviders.Names.Contains(endpoint.ProviderSlug), where);
                long[] thresholds = [.. endpoint.PricingTiers.Select(t => t.Threshold ?? -1)];
                Assert.True(thresholds.Length == 0 || (thresholds[0] == 0 && thresholds.SequenceEqual(thresholds.Order().Distinct())), where);
            }
        }
    }

    [Fact]
    public async Task RegistryAnswer_HasHeliconesShape()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.Http.GetAsync(new Uri("v1/public/model-registry/models", UriKind.Relative));

        JsonElement answer = await response.JsonAsync();
        JsonElement data = answer.GetProperty("data");
        JsonElement model = data.GetProperty("models").EnumerateArray().Single(m => m.GetProperty("id").GetString() == "claude-4.5-sonnet");
        JsonElement endpoint = model.GetProperty("endpoints").EnumerateArray().Single(e => e.GetProperty("providerSlug").GetString() == "anthropic");
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("error").ValueKind);
        Assert.Equal(data.GetProperty("models").GetArrayLength(), data.GetProperty("total").GetInt32());
        Assert.Equal(["authors", "capabilities", "providers"], data.GetProperty("filters").EnumerateObject().Select(p => p.Name).Order());
        Assert.Contains(data.GetProperty("filters").GetProperty("providers").EnumerateArray(), p => p.GetProperty("name").GetString() == "openai" && p.GetProperty("displayName").GetString() == "OpenAI");
        Assert.Contains(data.GetProperty("filters").GetProperty("capabilities").EnumerateArray(), c => c.GetString() == "caching");
        Assert.Equal("anthropic", model.GetProperty("author").GetString());
        Assert.Equal(JsonValueKind.Number, model.GetProperty("contextLength").ValueKind);
        Assert.Equal(JsonValueKind.Array, model.GetProperty("supportedParameters").ValueKind);
        Assert.Equal("Anthropic", endpoint.GetProperty("provider").GetString());
        Assert.Equal(JsonValueKind.True, endpoint.GetProperty("supportsPtb").ValueKind);
        Assert.Equal(3m, endpoint.GetProperty("pricing").GetProperty("prompt").GetDecimal());
        Assert.Equal(200_000, endpoint.GetProperty("pricingTiers")[1].GetProperty("threshold").GetInt64());
        JsonElement exact = endpoint.GetProperty("endpoint");
        Assert.Equal("anthropic", exact.GetProperty("provider").GetString());
        Assert.StartsWith("claude-sonnet-4-5", exact.GetProperty("providerModelId").GetString(), StringComparison.Ordinal);
        Assert.Equal("""{"threshold":0,"input":0.000003,"output":0.000015,"cacheMultipliers":{"cachedInput":0.1,"write5m":1.25,"write1h":2}}""", exact.GetProperty("pricing")[0].GetRawText());
        JsonElement sonar = data.GetProperty("models").EnumerateArray().Single(m => m.GetProperty("id").GetString() == "sonar").GetProperty("endpoints")[0];
        Assert.Equal(0.005m, sonar.GetProperty("endpoint").GetProperty("pricing")[0].GetProperty("request").GetDecimal());
    }

    [Fact]
    public async Task Offline_HasNoPriceInTheRegistry()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        string registry = await gateway.Http.GetStringAsync(new Uri("v1/public/model-registry/models", UriKind.Relative));

        Assert.DoesNotContain("offline", registry, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task ModelsAnswer_IsOpenAIsList()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.Http.GetAsync(new Uri("v1/models", UriKind.Relative));

        JsonElement list = await response.JsonAsync();
        Assert.Equal("list", list.GetProperty("object").GetString());
        JsonElement model = list.GetProperty("data").EnumerateArray().Single(m => m.GetProperty("id").GetString() == "gpt-4o");
        Assert.Equal(("model", "openai"), (model.GetProperty("object").GetString(), model.GetProperty("owned_by").GetString()));
        Assert.Equal(2024, DateTimeOffset.FromUnixTimeSeconds(model.GetProperty("created").GetInt64()).Year);
    }

    [Fact]
    public async Task ConfiguredModels_AreListedAndJoinedWithKnownOnes()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("""
            {
              "providers": [ { "name": "work", "baseUrl": "https://llm.corp.example/v1", "models": ["corp-chat", { "id": "gpt-4o", "pricing": { "prompt": 0.5, "completion": 0.5 } }] } ],
              "models": [ { "id": "corp-large", "name": "Corp Large", "contextLength": 32000, "endpoints": [ { "provider": "work", "pricing": { "prompt": 1, "completion": 2 } } ] } ]
            }
            """);

        using HttpResponseMessage response = await gateway.Http.GetAsync(new Uri("v1/public/model-registry/models", UriKind.Relative));

        Dictionary<string, JsonElement> models = (await response.JsonAsync()).GetProperty("data").GetProperty("models").EnumerateArray().ToDictionary(m => m.GetProperty("id").GetString()!);
        Assert.Equal("Corp Large", models["corp-large"].GetProperty("name").GetString());
        Assert.False(models["corp-chat"].GetProperty("endpoints")[0].TryGetProperty("pricing", out _));
        string?[] providers = [.. models["gpt-4o"].GetProperty("endpoints").EnumerateArray().Select(e => e.GetProperty("providerSlug").GetString())];
        Assert.Contains("work", providers);
        Assert.Contains("openai", providers);
        Assert.Equal("openai", models["gpt-4o"].GetProperty("author").GetString());
    }
}
