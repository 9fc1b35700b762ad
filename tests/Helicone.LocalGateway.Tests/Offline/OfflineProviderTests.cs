using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;

namespace Helicone.LocalGateway.Tests.Offline;

public sealed class OfflineProviderTests
{
    [Theory]
    [InlineData("gpt-4o-mini")]
    [InlineData("gpt-4o-mini/offline")]
    [InlineData("no-such-model/offline")]
    public async Task Chat_WithNothingConfigured_IsAnsweredAndSaysByWhom(string model)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.ChatAsync(model, "Why is the sky blue?");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("offline", response.Header("helicone-provider"));
        Assert.Equal("success", response.Header("Helicone-Status"));
        JsonElement completion = await response.JsonAsync();
        Assert.StartsWith($"[offline] {model.Split('/')[0]} heard: \"Why is the sky blue?\"", completion.Content(), System.StringComparison.Ordinal);
        Assert.True(completion.GetProperty("usage").GetProperty("prompt_tokens").GetInt32() > 0);
    }
}
