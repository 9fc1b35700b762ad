using System;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;

namespace Helicone.LocalGateway.Tests.Page;

/// <summary>What a browser is to the page: no key, a jar of cookies, redirects only where the test asks for them.</summary>
internal sealed class PageClient : IDisposable
{
    private readonly HttpClient _http;

    public PageClient(TestGateway gateway, bool followsRedirects = false)
    {
        _http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = followsRedirects, CookieContainer = new CookieContainer() }) { BaseAddress = gateway.Uri };
    }

    /// <summary>One that is signed in.</summary>
    public static async Task<PageClient> EnterAsync(TestGateway gateway)
    {
        PageClient client = new(gateway);
        using HttpResponseMessage entered = await client.GetAsync("/?token=" + await TokenAsync(gateway));
        Assert.Equal(HttpStatusCode.SeeOther, entered.StatusCode);
        return client;
    }

    public static async Task<string> TokenAsync(TestGateway gateway)
    {
        using HttpResponseMessage response = await gateway.PostAsync(string.Empty, path: "dashboard/token");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.JsonAsync()).GetProperty("token").GetString()!;
    }

    public Task<HttpResponseMessage> GetAsync(string address) => _http.GetAsync(new Uri(address, UriKind.Relative));

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request);

    /// <summary>The text of a page that is there.</summary>
    public async Task<string> ReadAsync(string address)
    {
        using HttpResponseMessage response = await GetAsync(address);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.TextAsync();
    }

    public void Dispose() => _http.Dispose();
}
