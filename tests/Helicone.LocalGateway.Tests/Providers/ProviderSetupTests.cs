using System;
using System.Collections.Generic;
using System.Linq;
using Helicone.LocalGateway.Configuration;
using Helicone.LocalGateway.Providers;

namespace Helicone.LocalGateway.Tests.Providers;

public sealed class ProviderSetupTests
{
    [Fact]
    public void KeyInTheEnvironment_IsEnough()
    {
        UpstreamSettings[] providers = Setup(new() { ["OPENAI_API_KEY"] = "sk-1", ["GROQ_API_KEY"] = "gsk-1", ["XAI_API_KEY"] = "  " });

        Assert.Equal(["groq", "openai"], providers.Select(p => p.Name));
        Assert.Equal("https://api.openai.com/v1/chat/completions", providers[1].ChatCompletionsUrl.AbsoluteUri);
    }

    [Theory]
    [InlineData("sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd")]
    [InlineData(" sk-helicone-eu-aaaaaaa-bbbbbbb-ccccccc-ddddddd")]
    public void HeliconeKey_IsNoProvidersKey(string key) => Assert.Empty(Setup(new() { ["OPENAI_API_KEY"] = key }));

    [Theory]
    [InlineData("sk-1\r\nX-Injected: 1")]
    [InlineData("schlüssel")]
    public void KeyThatFitsNoHeader_IsNone(string key) => Assert.Empty(Setup(new() { ["OPENAI_API_KEY"] = key }));

    [Theory]
    [InlineData("http://127.0.0.1:8787/v1", false)]
    [InlineData("https://llm.corp.example/v1", false)]
    [InlineData("not a url", false)]
    [InlineData("https://api.openai.com/v1", true)]
    [InlineData("https://API.OPENAI.COM", true)]
    [InlineData("", true)]
    public void KeyThatBelongsToAnotherHost_IsNotGivenAway(string baseUrl, bool used) =>
        Assert.Equal(used, Setup(new() { ["OPENAI_API_KEY"] = "sk-1", ["OPENAI_BASE_URL"] = baseUrl }).Length == 1);

    [Fact]
    public void Configuration_MovesAProviderAndKeepsTheRest()
    {
        GatewayConfiguration configuration = new() { Providers = [new() { Name = "openai", BaseUrl = "https://llm.corp.example/v1" }] };

        UpstreamSettings provider = Assert.Single(Setup(new() { ["OPENAI_API_KEY"] = "sk-1" }, configuration));

        Assert.Equal("https://llm.corp.example/v1/chat/completions", provider.ChatCompletionsUrl.AbsoluteUri);
        Assert.Equal(3, provider.Priority);
        Assert.NotNull(provider.Key);
    }

    [Fact]
    public void ConfiguredProviderWithoutItsKey_IsNotUsed()
    {
        GatewayConfiguration configuration = new() { Providers = [new() { Name = "work", BaseUrl = "https://llm.corp.example/v1", ApiKeyVariable = "WORK_KEY" }] };

        Assert.Empty(Setup([], configuration));
    }

    [Fact]
    public void WellKnownProviders_AreHttpsAndDistinct()
    {
        Assert.All(WellKnownProviders.All, p => Assert.Equal("https", new Uri(p.BaseUrl).Scheme));
        Assert.All(WellKnownProviders.All, p => Assert.True(WellKnownProviders.Names.Contains(p.Name), p.Name));
        Assert.Equal(WellKnownProviders.All.Count, WellKnownProviders.All.Select(p => p.ApiKeyVariable).Distinct().Count());
    }

    [Fact]
    public void Settings_PrintNoKey()
    {
        UpstreamSettings settings = Assert.Single(Setup(new() { ["OPENAI_API_KEY"] = "sk-very-secret" }));

        Assert.DoesNotContain("sk-very-secret", settings.ToString(), StringComparison.Ordinal);
    }

    private static UpstreamSettings[] Setup(Dictionary<string, string> environment, GatewayConfiguration? configuration = null) =>
        [.. ProviderSetup.Providers(configuration ?? new GatewayConfiguration(), environment.GetValueOrDefault, ollama: null)];
}
