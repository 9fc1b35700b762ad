using System.Collections.Generic;
using System.Linq;
using Helicone.LocalGateway.Errors;
using Helicone.LocalGateway.Offline;
using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Registry;
using Helicone.LocalGateway.Routing;

namespace Helicone.LocalGateway.Tests.Routing;

public sealed class ModelListTests
{
    private static readonly ProviderCatalog s_providers = new([], new OfflineProvider(null, System.TimeProvider.System), [], new Dictionary<string, string>());

    [Theory]
    [InlineData("gpt-4o", "gpt-4o||")]
    [InlineData("gpt-4o/openai", "gpt-4o|openai|")]
    [InlineData("gpt-4o/azure/eu-1", "gpt-4o|azure|eu-1")]
    [InlineData("gpt-4o/azure/eu-1/more", "gpt-4o|azure|")]
    [InlineData(" gpt-4o/openai , claude-4.5-sonnet ", "gpt-4o|openai|;claude-4.5-sonnet||")]
    [InlineData("ft:gpt-3.5-turbo:my-org::abc123/openai", "ft:gpt-3.5-turbo:my-org::abc123|openai|")]
    [InlineData("gpt-4o:online/openai", "gpt-4o|openai||online")]
    [InlineData("gpt-4o:online", "gpt-4o|||online")]
    [InlineData("a/openai,,b/openai", "a|openai|;||;b|openai|")]
    [InlineData("helicone/gpt-4o", "")]
    [InlineData("gpt-4o/no-such-provider,gpt-4o", "gpt-4o||")]
    [InlineData("gpt-4o/OpenAI", "")]
    [InlineData("x/offline", "x|offline|")]
    public void Parse_ReadsEveryElementAsHeliconeDoes(string text, string elements)
    {
        ModelList list = ModelList.Parse(text, s_providers);

        Assert.Equal(elements, string.Join(';', list.Elements.Select(e => $"{e.Model}|{e.Provider}|{e.Deployment}" + (e.Online ? "|online" : ""))));
    }

    [Theory]
    [InlineData("gemini-1.5-flash", null, "gemini-2.5-flash-lite")]
    [InlineData("claude-3.5-sonnet", null, "claude-3.5-sonnet-v2")]
    [InlineData("deepseek-r1", null, "deepseek-reasoner")]
    [InlineData("kimi-k2", null, "kimi-k2-0711")]
    [InlineData("kimi-k2-instruct", null, "kimi-k2-0905")]
    [InlineData("gpt-4o", null, "gpt-4o")]
    [InlineData("kimi-k2", "work", "kimi-k2")]
    public void Rename_AppliesToWhatIsNotListedUnderItsOwnName(string model, string? provider, string expected)
    {
        ModelRegistry registry = ModelRegistry.BuiltIn();
        ModelRegistry listing = registry.With([new RegistryModel { Id = model, Name = model, Author = "x", Endpoints = [new RegistryEndpoint { Provider = "Mine", ProviderSlug = "mine", ProviderModelId = model }] }]);

        Assert.Equal(expected, ModelRenames.Resolve(model, provider, registry));
        Assert.Equal(model, ModelRenames.Resolve(model, "mine", listing));
        Assert.Equal(model, ModelRenames.Resolve(model, provider: null, listing));
    }

    [Theory]
    [InlineData("gpt-4o,!", "Invalid global ignore syntax. Use !provider (e.g., !openai)")]
    [InlineData("gpt-4o,!nobody", "Invalid provider in global ignore list: nobody. See supported providers at https://helicone.ai/models")]
    [InlineData("gpt-4o,!OpenAI", "Invalid provider in global ignore list: OpenAI. See supported providers at https://helicone.ai/models")]
    public void Parse_RefusesExclusionsOfNobody(string text, string message)
    {
        RequestRefusedException refusal = Assert.Throws<RequestRefusedException>(() => ModelList.Parse(text, s_providers));

        Assert.Equal((400, message), (refusal.StatusCode, refusal.Body));
    }
}
