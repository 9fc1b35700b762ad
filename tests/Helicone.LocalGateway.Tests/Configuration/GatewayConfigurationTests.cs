using System;
using System.IO;
using System.Threading.Tasks;
using Helicone.LocalGateway.Hosting;
using Helicone.LocalGateway.Tests.Hosting;

namespace Helicone.LocalGateway.Tests.Configuration;

public sealed class GatewayConfigurationTests
{
    [Theory]
    [InlineData("{\n  \"providers\": [\n    { \"name\": \"a\", }\n", "gateway.json line 4")]
    [InlineData("{\n  \"provider\": []\n}", "gateway.json line 2")]
    [InlineData("{ \"providers\": [ { \"name\": \"a\", \"apiKey\": \"sk-1\" } ] }", "apiKey")]
    [InlineData("{ \"providers\": [ { \"baseUrl\": \"https://x.example\" } ] }", "providers[0].name")]
    [InlineData("{ \"providers\": [ { \"name\": \"a/b\", \"baseUrl\": \"https://x.example\" } ] }", "providers[0].name is 'a/b'")]
    [InlineData("{ \"providers\": [ { \"name\": \"offline\", \"baseUrl\": \"https://x.example\" } ] }", "gateway's own provider")]
    [InlineData("{ \"providers\": [ { \"name\": \"a\" } ] }", "has no baseUrl")]
    [InlineData("{ \"providers\": [ { \"name\": \"a\", \"baseUrl\": \"x.example/v1\" } ] }", "providers[0].baseUrl is 'x.example/v1'")]
    [InlineData("{ \"providers\": [ { \"name\": \"a\", \"baseUrl\": \"ftp://x.example\" } ] }", "absolute http or https address")]
    [InlineData("{ \"providers\": [ { \"name\": \"a\", \"baseUrl\": \"http://x.example\", \"apiKeyVariable\": \"K\" } ] }", "plain http")]
    [InlineData("{ \"providers\": [ { \"name\": \"groq\" }, { \"name\": \"groq\" } ] }", "a second time")]
    [InlineData("{ \"providers\": [ { \"name\": \"groq\", \"models\": [ { \"providerModelId\": \"x\" } ] } ] }", "model without an id")]
    [InlineData("{ \"providers\": [ { \"name\": \"groq\", \"models\": [ { \"id\": \"x\", \"price\": 1 } ] } ] }", "no 'price'")]
    [InlineData("{ \"providers\": [ { \"name\": \"groq\", \"models\": [ 7 ] } ] }", "A model is its id")]
    [InlineData("{ \"models\": [ { \"name\": \"x\" } ] }", "models[0].id")]
    [InlineData("{ \"models\": [ { \"id\": \"x\", \"endpoints\": [ {} ] } ] }", "models[0].endpoints.provider")]
    [InlineData("null", "says null")]
    [InlineData("", "gateway.json line 1")]
    public async Task WrongFile_StopsTheStartAndSaysWhere(string text, string where)
    {
        GatewayStartException refusal = await Assert.ThrowsAsync<GatewayStartException>(() => TestGateway.StartAsync(text));

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
}
