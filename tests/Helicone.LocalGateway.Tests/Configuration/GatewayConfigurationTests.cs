using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Configuration;
using Helicone.LocalGateway.Hosting;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Tests.Hosting;
using Helicone.Offline.Configuration;

namespace Helicone.LocalGateway.Tests.Configuration;

public sealed class GatewayConfigurationTests
{
    [Theory]
    [InlineData("{\n  \"providers\": [\n    { \"name\": \"a\", }\n", "line 4, column 1: ")]
    [InlineData("{\n  \"providers\": [ { \"name\": \"äöü\" \"x\" } ]", "line 2, column 34: ")]
    [InlineData("", "line 1, column 1: ")]
    [InlineData("{} {}", "line 1, column 4: ")]
    [InlineData("null", "line 1, column 1: The file must be an object, with the fields $schema, providers, models, scenarios, offline, retention.")]
    [InlineData("{\n  \"provider\": []\n}", "line 2, column 15: There is no 'provider' here: the fields are $schema, providers, models, scenarios, offline, retention.")]
    [InlineData("{ \"providers\": [], \"providers\": [] }", "line 1, column 20: 'providers' is specified more than once.")]
    [InlineData("{ \"providers\": {} }", "line 1, column 16: providers must be a list.")]
    [InlineData("{ \"providers\": [ { \"name\": \"a\", \"apiKey\": \"sk-1\" } ] }", "column 43: There is no 'apiKey' in providers[0]: the fields are name, baseUrl, apiKeyVariable")]
    [InlineData("{ \"providers\": [\n { \"baseUrl\": \"https://x.example\" } ] }", "line 2, column 2: providers[0].name is missing.")]
    [InlineData("{ \"providers\": [ { \"name\": 7 } ] }", "providers[0].name must be text.")]
    [InlineData("{ \"providers\": [ { \"name\": \"a/b\", \"baseUrl\": \"https://x.example\" } ] }", "column 28: providers[0].name is 'a/b'")]
    [InlineData("{ \"providers\": [ { \"name\": \"offline\", \"baseUrl\": \"https://x.example\" } ] }", "reserved for the gateway's provider")]
    [InlineData("{ \"providers\": [ { \"name\": \"a\" } ] }", "has no baseUrl")]
    [InlineData("{ \"providers\": [ { \"name\": \"a\", \"baseUrl\": \"x.example/v1\" } ] }", "providers[0].baseUrl is 'x.example/v1'")]
    [InlineData("{ \"providers\": [ { \"name\": \"a\", \"baseUrl\": \"ftp://x.example\" } ] }", "absolute http or https address")]
    [InlineData("{ \"providers\": [ { \"name\": \"a\", \"baseUrl\": \"https://me:sk-1@x.example\" } ] }", "contains a user or a password")]
    [InlineData("{ \"providers\": [ { \"name\": \"a\", \"baseUrl\": \"http://x.example\", \"apiKeyVariable\": \"K\" } ] }", "unencrypted")]
    [InlineData("{ \"providers\": [ { \"name\": \"groq\" },\n { \"name\": \"groq\" } ] }", "line 2, column 2: providers[1] configures 'groq' more than once")]
    [InlineData("{ \"providers\": [ { \"name\": \"groq\", \"priority\": -1 } ] }", "providers[0].priority must be a whole number of at least 0.")]
    [InlineData("{ \"providers\": [ { \"name\": \"groq\", \"priority\": \"high\" } ] }", "providers[0].priority must be a whole number")]
    [InlineData("{ \"providers\": [ { \"name\": \"groq\", \"models\": [ { \"providerModelId\": \"x\" } ] } ] }", "providers[0].models[0].id is missing.")]
    [InlineData("{ \"providers\": [ { \"name\": \"groq\", \"models\": [ { \"id\": \"x\", \"price\": 1 } ] } ] }", "no 'price'")]
    [InlineData("{ \"providers\": [ { \"name\": \"groq\", \"models\": [ 7 ] } ] }", "A model is its id")]
    [InlineData("{ \"models\": [ { \"name\": \"x\" } ] }", "models[0].id is missing.")]
    [InlineData("{ \"models\": [ { \"id\": \"x\", \"endpoints\": [ {} ] } ] }", "models[0].endpoints[0].provider is missing.")]
    [InlineData("{ \"models\": [ { \"id\": \"x\", \"endpoints\": [ { \"provider\": \"p\", \"pricing\": { \"prompt\": -1, \"completion\": 0 } } ] } ] }", "pricing.prompt must be a price")]
    [InlineData("{ \"retention\": { \"maxAge\": \"3 days\" } }", "retention.maxAge must be text like '250ms', '2s', '5m', '1h' or '30d'.")]
    [InlineData("{ \"retention\": { \"maxSize\": 5 } }", "retention.maxSize must be text like '500MB' or '2GB'.")]
    [InlineData("{ \"scenarios\": [ { \"match\": {} } ] }", "scenarios[0] must have one of reply, replies, failure and envelope.")]
    [InlineData("{ \"scenarios\": [ { \"reply\": { \"text\": \"a\" }, \"failure\": { \"status\": 500 } } ] }", "scenarios[0] must have one of")]
    [InlineData("{ \"scenarios\": [ { \"reply\": {} } ] }", "scenarios[0].reply must have text, toolCall or toolCalls, and not both toolCall and toolCalls.")]
    [InlineData("{ \"scenarios\": [ { \"reply\": { \"text\": \"{{mood}}\" } } ] }", "nothing to put in place of '{{mood}}'")]
    [InlineData("{ \"scenarios\": [ { \"reply\": { \"text\": \"{{header:authorization}}\" } } ] }", "must not repeat the gateway's key")]
    [InlineData("{ \"scenarios\": [ { \"match\": { \"prompt\": { \"regex\": \"(\" } }, \"reply\": { \"text\": \"a\" } } ] }", "scenarios[0].match.prompt.regex isn't a valid regular expression")]
    [InlineData("{ \"scenarios\": [ { \"match\": { \"prompt\": {} }, \"reply\": { \"text\": \"a\" } } ] }", "either contains or regex")]
    [InlineData("{ \"scenarios\": [ { \"match\": { \"headers\": { \"authorization\": \"x\" } }, \"reply\": { \"text\": \"a\" } } ] }", "can't be in a file")]
    [InlineData("{ \"scenarios\": [ { \"times\": 0, \"reply\": { \"text\": \"a\" } } ] }", "scenarios[0].times must be a whole number of at least 1.")]
    [InlineData("{ \"scenarios\": [ { \"latency\": \"2h\", \"reply\": { \"text\": \"a\" } } ] }", "scenarios[0].latency is too long: at most 1 hours.")]
    [InlineData("{ \"scenarios\": [ { \"failure\": { \"status\": 200 } } ] }", "scenarios[0].failure.status must be a whole number from 400 to 599.")]
    [InlineData("{ \"scenarios\": [ { \"failure\": { \"status\": 500, \"type\": \"bad\" } } ] }", "scenarios[0].failure.type is 'bad': it must be one of request_failed")]
    [InlineData("{ \"scenarios\": [ { \"envelope\": { \"status\": 500 } } ] }", "scenarios[0].envelope.body is missing.")]
    [InlineData("{ \"scenarios\": [ { \"envelope\": { \"status\": 500, \"body\": \"\", \"headers\": { \"Retry-After\": \"2\\r\\nX: 1\" } } } ] }", "can't be a header of a response")]
    public async Task WrongFile_StopsTheStartAndSaysWhereAndWhy(string text, string where)
    {
        GatewayStartException refusal = await Assert.ThrowsAsync<GatewayStartException>(() => TestGateway.StartAsync(text));

        Assert.Matches(@"gateway\.json line [0-9]+, column [0-9]+: ", refusal.Message);
        Assert.Contains(where, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MissingFile_StopsTheStart()
    {
        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString(), "gateway.json");

        GatewayStartException refusal = await Assert.ThrowsAsync<GatewayStartException>(() => TestGateway.StartAsync(change: o => o with { ConfigurationPath = path }));

        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmptyFile_CommentsAndCommas_AreFine()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("""
            {
              // What an editor wants to know.
              "$schema": "./gateway.schema.json",
              "providers": [ { "name": "groq", }, ],
            }
            """);

        Assert.NotNull(gateway);
    }

    [Fact]
    public void Retention_IsRead()
    {
        GatewayConfiguration configuration = Parse("""{ "retention": { "maxAge": "1.5h", "maxSize": "2GB" } }""");

        Assert.Equal((TimeSpan.FromMinutes(90), 2L << 30), (configuration.Retention.MaxAge, configuration.Retention.MaxBytes));
    }

    [Theory]
    [InlineData("{}", "90d", "2GB")]
    [InlineData("""{ "retention": {} }""", "90d", "2GB")]
    [InlineData("""{ "retention": { "maxAge": "36h" } }""", "1.5d", "2GB")]
    [InlineData("""{ "retention": { "maxSize": "512KB" } }""", "90d", "512KB")]
    [InlineData("""{ "retention": { "maxAge": "none", "maxSize": "none" } }""", "none", "none")]
    public void Retention_IsLimited_UnlessTheFileRemovesALimit(string text, string age, string size)
    {
        LogOptions retention = Parse(text).Retention;

        Assert.Equal((age, size), (retention.AgeText, retention.SizeText));
    }

    [Fact]
    public void Schema_LiesBesideTheGateway_AndKnowsTheSameFields()
    {
        string path = Path.Combine(Path.GetDirectoryName(typeof(GatewayHost).Assembly.Location)!, "gateway.schema.json");
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement definitions = schema.RootElement.GetProperty("$defs");

        foreach ((string name, string[] fields) in GatewayConfigurationReader.Fields.Concat(ScenarioReader.Fields))
        {
            JsonElement definition = name.Length == 0 ? schema.RootElement : definitions.GetProperty(name);
            Assert.Equal(fields.Order(), definition.GetProperty("properties").EnumerateObject().Select(p => p.Name).Order());
            Assert.False(definition.GetProperty("additionalProperties").GetBoolean());
        }

        Assert.Equal(
            ScenarioReader.FailureTypes.Order(),
            definitions.GetProperty("failure").GetProperty("properties").GetProperty("type").GetProperty("enum").EnumerateArray().Select(t => t.GetString()!).Order());
    }

    [Theory]
    [InlineData("scripted.json")]
    [InlineData("chat.json")]
    [InlineData("faults.json")]
    [InlineData("providers.json")]
    public void Samples_AreRead(string name) => Assert.NotNull(Parse(File.ReadAllText(Samples.PathOf(name))));

    private static GatewayConfiguration Parse(string text) => GatewayConfigurationReader.Parse("gateway.json", Encoding.UTF8.GetBytes(text));
}
