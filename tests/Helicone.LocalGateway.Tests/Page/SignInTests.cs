using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.LocalGateway.Tests.Page;

public sealed class SignInTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/sessions")]
    [InlineData("/usage")]
    [InlineData("/requests/0b0b4c5e-59a8-4a0f-9b53-111111111111")]
    [InlineData("/requests/0b0b4c5e-59a8-4a0f-9b53-111111111111/request")]
    [InlineData("/sessions/s1")]
    public async Task Page_WithoutACookie_ShowsNothingAndExplainsHow(string address)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await gateway.ChatAsync("gpt-4o-mini", "A secret prompt");
        using PageClient stranger = new(gateway);

        using HttpResponseMessage response = await stranger.GetAsync(address);

        string text = await response.TextAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("Open-HeliconeDashboard", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret prompt", text, StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Key, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_WithoutTheKey_IsNotGiven()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using PageClient browser = await PageClient.EnterAsync(gateway);
        using HttpRequestMessage request = new(HttpMethod.Post, "/dashboard/token");

        using HttpResponseMessage response = await browser.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Token_OpensThePageOnce_AndLeavesTheAddress()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        string token = await PageClient.TokenAsync(gateway);
        using PageClient browser = new(gateway);
        using PageClient thief = new(gateway);

        using HttpResponseMessage entered = await browser.GetAsync("/?token=" + token);
        using HttpResponseMessage page = await browser.GetAsync("/");
        using HttpResponseMessage again = await thief.GetAsync("/?token=" + token);

        Assert.Equal(HttpStatusCode.SeeOther, entered.StatusCode);
        Assert.Equal("/", entered.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        Assert.False(again.Headers.Contains("Set-Cookie"));
        string cookie = entered.Headers.GetValues("Set-Cookie").Single().ToLowerInvariant();
        Assert.Contains("; httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("; samesite=strict", cookie, StringComparison.Ordinal);
        Assert.Contains("; path=/", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Key, cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(token, cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_OnADeepLink_LeadsThere()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using PageClient browser = new(gateway);

        using HttpResponseMessage entered = await browser.GetAsync($"/sessions/a%2Fb?token={await PageClient.TokenAsync(gateway)}&after=1-2");

        Assert.Equal("/sessions/a%2Fb?after=1-2", entered.Headers.Location!.ToString());
    }

    [Fact]
    public async Task TokenAndCookie_End()
    {
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        await using TestGateway gateway = await TestGateway.StartAsync(change: o => o with { TimeProvider = time });
        string late = await PageClient.TokenAsync(gateway);
        using PageClient browser = await PageClient.EnterAsync(gateway);

        time.Advance(TimeSpan.FromMinutes(3));
        using HttpResponseMessage tooLate = await browser.GetAsync("/?token=" + late);
        using HttpResponseMessage stillOpen = await browser.GetAsync("/");
        time.Advance(TimeSpan.FromHours(13));
        using HttpResponseMessage closed = await browser.GetAsync("/");

        Assert.Equal(HttpStatusCode.Unauthorized, tooLate.StatusCode);
        Assert.Equal(HttpStatusCode.OK, stillOpen.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, closed.StatusCode);
    }

    [Theory]
    [InlineData("own", true, HttpStatusCode.SeeOther)]
    [InlineData("own", false, HttpStatusCode.Forbidden)]
    [InlineData("http://127.0.0.1:1", true, HttpStatusCode.Forbidden)]
    [InlineData("https://example.com", true, HttpStatusCode.Forbidden)]
    [InlineData("null", true, HttpStatusCode.Forbidden)]
    [InlineData(null, true, HttpStatusCode.Forbidden)]
    public async Task Form_OpensForTheKey_FromThisPageOnly(string? origin, bool isKey, HttpStatusCode expected)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using PageClient browser = new(gateway);
        using HttpRequestMessage request = new(HttpMethod.Post, "/dashboard/sign-in")
        {
            Content = new FormUrlEncodedContent([new KeyValuePair<string, string>("key", isKey ? gateway.Key : "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd")]),
        };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin == "own" ? gateway.Uri.GetLeftPart(UriPartial.Authority) : origin);
        }

        using HttpResponseMessage response = await browser.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.SeeOther, response.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Cookie_OpensNothingButThePage()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage chat = await gateway.ChatAsync("gpt-4o-mini");
        await chat.TextAsync();
        using PageClient browser = await PageClient.EnterAsync(gateway);
        string id = chat.Header("Helicone-Id")!;

        using HttpResponseMessage read = await browser.GetAsync($"/v1/request/{id}");
        using HttpRequestMessage call = new(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent("{}") };
        using HttpResponseMessage called = await browser.SendAsync(call);
        using HttpRequestMessage page = new(HttpMethod.Post, "/") { Content = new StringContent("{}") };
        using HttpResponseMessage posted = await browser.SendAsync(page);

        Assert.Equal(HttpStatusCode.Unauthorized, read.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, called.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, posted.StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/assets/page.css")]
    [InlineData("/assets/page.js")]
    public async Task Answers_CarryTheHeadersThatKeepThePageIn(string address)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using PageClient browser = await PageClient.EnterAsync(gateway);

        using HttpResponseMessage response = await browser.GetAsync(address);

        string policy = response.Header("Content-Security-Policy")!;
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("no-referrer", response.Header("Referrer-Policy"));
        Assert.Equal("nosniff", response.Header("X-Content-Type-Options"));
        Assert.Equal("no-store", response.Header("Cache-Control"));
    }
}
