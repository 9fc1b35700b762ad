using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;

namespace Helicone.Core.Tests.Chat;

public class ModelRouteTests
{
    [Theory]
    [InlineData("gpt-4o-mini", "gpt-4o-mini")]
    [InlineData("gpt-4o/openai", "gpt-4o/openai")]
    [InlineData("gpt-4o/azure/my-deployment", "gpt-4o/azure/my-deployment")]
    [InlineData("helicone/gpt-4o", "gpt-4o")]
    [InlineData("Helicone/gpt-4o/openai", "gpt-4o/openai")]
    [InlineData(" gpt-4o/openai , claude-4.5-sonnet/anthropic ,gpt-4o-mini", "gpt-4o/openai,claude-4.5-sonnet/anthropic,gpt-4o-mini")]
    [InlineData("!azure,gpt-4o, ! bedrock,!AZURE", "gpt-4o,!azure,!bedrock")]
    [InlineData("gpt-4o:online", "gpt-4o:online")]
    [InlineData("gpt-4o:online/openai", "gpt-4o:online/openai")]
    [InlineData("ft:gpt-3.5-turbo:my-org::abc123/openai", "ft:gpt-3.5-turbo:my-org::abc123/openai")]
    [InlineData("a-model-of-tomorrow/a-provider-of-tomorrow", "a-model-of-tomorrow/a-provider-of-tomorrow")]
    public async Task Route_IsPrintedAsItGoesOnTheWire(string text, string wire)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);

        ModelRoute route = ModelRoute.Parse(text);
        ChatCompletion completion = await client.Chat.CompleteAsync(Clients.Ask() with { Model = route }, null, default);

        Assert.Equal(wire, route.ToString());
        Assert.Equal(wire, completion.RequestedModel);
        Assert.StartsWith($"{{\"model\":\"{wire}\",", server.Chats.Single().Body, StringComparison.Ordinal);
    }

    [Fact]
    public void Route_IsTakenApartIntoItsParts()
    {
        ModelRoute route = ModelRoute.Parse("ft:gpt-4o:org::x:online/azure/dep-1,claude-4.5-sonnet,!groq");

        Assert.Equal([new ModelCandidate("ft:gpt-4o:org::x", "azure", "dep-1", online: true), new ModelCandidate("claude-4.5-sonnet")], route.Candidates);
        Assert.Equal(["groq"], route.Exclusions);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("  ", "empty")]
    [InlineData("gpt-4o,,gpt-4o-mini", "empty element")]
    [InlineData("gpt-4o,", "empty element")]
    [InlineData("!azure", "contains no model")]
    [InlineData("gpt-4o,!", "does not exclude")]
    [InlineData("gpt-4o,!a/b", "does not exclude")]
    [InlineData("gpt-4o,!!a", "does not exclude")]
    [InlineData("gpt-4o/", "empty provider")]
    [InlineData("/openai", "empty model")]
    [InlineData("gpt-4o//dep", "empty provider")]
    [InlineData("gpt-4o/openai/", "empty deployment id")]
    [InlineData("a/b/c/d", "more than three parts")]
    [InlineData(":online", "empty model")]
    [InlineData("a:online:online", "twice")]
    [InlineData("gpt-4o /openai", "white space")]
    [InlineData("gpt\u0007-4o", "control character")]
    [InlineData("gpt-4o/!openai", "'!'")]
    [InlineData("gpt-4o/azure,!azure", "can never be used")]
    [InlineData("helicone/", "empty model")]
    [InlineData("helicone/helicone/openai", "LiteLLM")]
    public void BadRoute_SaysWhatIsWrongWithIt(string text, string says)
    {
        FormatException e = Assert.Throws<FormatException>(() => ModelRoute.Parse(text));

        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    [Property(Arbitrary = [typeof(Routes)], MaxTest = 500)]
    public void ParseOfPrint_IsTheSame(ModelRoute route)
    {
        ModelRoute again = ModelRoute.Parse(route.ToString());

        Assert.Equal(route, again);
        Assert.Equal(route.Candidates, again.Candidates);
        Assert.Equal(route.Exclusions, again.Exclusions);
        Assert.Equal(route.GetHashCode(), again.GetHashCode());
    }

    [Property(MaxTest = 1000)]
    public void NoText_DoesMoreThanBeRefused(string? text) => AssertParsesOrRefuses(text!);

    [Property(Arbitrary = [typeof(Routes)], MaxTest = 1000)]
    public void NoTextOfTheGrammarsOwnCharacters_DoesMoreThanBeRefused(GrammarText text) => AssertParsesOrRefuses(text.Text);

    private static void AssertParsesOrRefuses(string text)
    {
        ModelRoute route;
        try
        {
            route = ModelRoute.Parse(text);
        }
        catch (FormatException)
        {
            return;
        }

        Assert.Equal(route, ModelRoute.Parse(route.ToString()));
    }

    public sealed record GrammarText(string Text);

    public static class Routes
    {
        private static Gen<string> Part(params string[] parts) => Gen.Elements(parts);

        public static Arbitrary<GrammarText> Texts() =>
            Gen.Elements("a", "gpt", "/", ",", "!", ":", ":online", " ", "helicone", "helicone/", "\t", "\n", "é", "\ud83c", "azure")
                .ListOf().Select(parts => new GrammarText(string.Concat(parts))).ToArbitrary();

        public static Arbitrary<ModelRoute> All()
        {
            Gen<string> model = Part("gpt-4o", "ft:gpt-4o:org::id", "claude 4", "modèle", "a:b", "HELICONE-1", "x!y");
            Gen<string?> provider = Gen.Elements<string?>(null, "openai", "azure", "helicone", "a:b");
            Gen<string?> deployment = Gen.Elements<string?>(null, "dep-1", "ü", "helicone");
            Gen<ModelCandidate> candidate =
                from m in model
                from p in provider
                from d in deployment
                from online in Gen.Elements(true, false)
                select new ModelCandidate(m, p, p is null ? null : d, online);
            Gen<string[]> exclusions = Gen.SubListOf<string>("groq", "mistral", "GROQ", "x-ai").Select(l => l.ToArray());
            return (from candidates in candidate.NonEmptyListOf() from e in exclusions select new ModelRoute(candidates, e)).ToArbitrary();
        }
    }
}
