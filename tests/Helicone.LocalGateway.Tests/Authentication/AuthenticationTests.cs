using System;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;

namespace Helicone.LocalGateway.Tests.Authentication;

public sealed class AuthenticationTests
{
    private const string Body = """{"model":"gpt-4o-mini","messages":[]}""";

    [Theory]
    [InlineData(null, null, "Invalid Helicone API key (hshed)")]
    [InlineData("Authorization", "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd", "Invalid Helicone API key (hshed)")]
    [InlineData("Authorization", "Basic c2stOg==", "Invalid Helicone API key (hshed)")]
    [InlineData("Authorization", "Bearer sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd", "Invalid Helicone API key")]
    [InlineData("Authorization", "Bearer nonsense", "Invalid Helicone API key")]
    [InlineData("Authorization", "Bearer ", "Invalid Helicone API key (hshed)")]
    public async Task Post_WithoutTheKey_IsRefusedInHeliconesWords(string? header, string? value, string text)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpClient stranger = new() { BaseAddress = gateway.Uri };
        using HttpRequestMessage request = new(HttpMethod.Post, "v1/chat/completions") { Content = new StringContent(Body) };
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }

        using HttpResponseMessage response = await stranger.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(text, await response.TextAsync());
    }

    [Theory]
    [InlineData("x-api-key")]
    [InlineData("api-key")]
    public async Task Post_WithTheKeyInAnotherHeader_IsRefused(string header)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpClient stranger = new() { BaseAddress = gateway.Uri };
        stranger.DefaultRequestHeaders.TryAddWithoutValidation(header, gateway.Key);

        using HttpResponseMessage response = await stranger.PostAsync(new Uri("v1/chat/completions", UriKind.Relative), new StringContent(Body));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData("v1/models")]
    [InlineData("v1/public/model-registry/models")]
    [InlineData("healthcheck")]
    public async Task Get_OfPublicPaths_NeedsNoKey(string path)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpClient stranger = new() { BaseAddress = gateway.Uri };

        using HttpResponseMessage response = await stranger.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
    }
}
