using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using System.Web;
using Helicone.LocalGateway.Query;
using Helicone.LocalGateway.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.LocalGateway.Tests.Query;

/// <summary><c>signed_body_url</c>, which Helicone's tools fetch without a key.</summary>
public sealed class SignedBodyUrlTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    // A tool's client: it has no key.
    private readonly HttpClient _tool = new();
    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.StartAsync(change: o => o with { TimeProvider = _time });

    public async Task DisposeAsync()
    {
        _tool.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Url_OpensBothBodiesWithoutAKey_FromListsAndFromOneRequest()
    {
        await ChatAsync("Why is the sky blue?");
        JsonElement listed = (await _gateway.QueryAsync())[0];
        JsonElement one = await _gateway.GetRequestAsync(listed.GetProperty("request_id").GetString()!);

        foreach (JsonElement row in (JsonElement[])[listed, one])
        {
            using HttpResponseMessage response = await _tool.GetAsync(UrlOf(row));
            JsonElement bodies = await response.JsonAsync();

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.True(response.Headers.CacheControl!.NoStore);
            Assert.Equal(["request", "response"], bodies.EnumerateObject().Select(p => p.Name));
            Assert.Equal(one.GetProperty("request_body").GetRawText(), bodies.GetProperty("request").GetRawText());
            Assert.Equal(one.GetProperty("response_body").GetRawText(), bodies.GetProperty("response").GetRawText());
            Assert.Contains("Why is the sky blue?", bodies.GetProperty("request").GetRawText(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Bodies_ThatWereOmitted_AreNull()
    {
        Dictionary<string, string> omit = new() { ["Helicone-Omit-Request"] = "true", ["Helicone-Omit-Response"] = "true" };
        using HttpResponseMessage chat = await _gateway.ChatAsync("gpt-4o", headers: omit);
        await chat.TextAsync();

        using HttpResponseMessage response = await _tool.GetAsync(UrlOf((await _gateway.QueryAsync())[0]));

        Assert.Equal("""{"request":null,"response":null}""", await response.TextAsync());
    }

    [Fact]
    public async Task Url_OpensNothingElse()
    {
        await ChatAsync("one");
        await ChatAsync("two");
        List<JsonElement> rows = await _gateway.QueryAsync();
        string first = UrlOf(rows[0]).AbsoluteUri;
        string firstId = rows[0].GetProperty("request_id").GetString()!;
        string secondId = rows[1].GetProperty("request_id").GetString()!;
        long expires = long.Parse(HttpUtility.ParseQueryString(new Uri(first).Query)["expires"]!, CultureInfo.InvariantCulture);

        foreach (string forged in (string[])
        [
            first.Replace(firstId, secondId, StringComparison.Ordinal),
            first.Replace($"expires={expires}", $"expires={expires + 1}", StringComparison.Ordinal),
            first[..^1] + (first[^1] == '0' ? '1' : '0'),
            first[..first.IndexOf('?', StringComparison.Ordinal)],
            first[..first.IndexOf("&signature", StringComparison.Ordinal)],
            first + "0",
        ])
        {
            using HttpResponseMessage response = await _tool.GetAsync(new Uri(forged));

            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.Contains("isn't signed by this gateway", await response.TextAsync(), StringComparison.Ordinal);
        }

        // Not the row either.
        using HttpResponseMessage row = await _tool.GetAsync(new Uri(first.Replace("/body?", "?", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Unauthorized, row.StatusCode);
    }

    [Fact]
    public async Task Url_Expires_AndEndsWithTheGateway()
    {
        await ChatAsync("one");
        Uri url = UrlOf((await _gateway.QueryAsync())[0]);

        _time.Advance(SignedBodyUrls.Lifetime);
        using (HttpResponseMessage expired = await _tool.GetAsync(url))
        {
            Assert.Equal(HttpStatusCode.Forbidden, expired.StatusCode);
            Assert.Contains("has expired", await expired.TextAsync(), StringComparison.Ordinal);
        }

        Uri newer = UrlOf((await _gateway.QueryAsync())[0]);
        await _gateway.RestartAsync();
        using HttpResponseMessage foreign = await _tool.GetAsync(new Uri(_gateway.Uri, newer.PathAndQuery));
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
    }

    [Fact]
    public async Task Url_IsOnLoopback_AndOtherHostsAndOriginsAreRefused()
    {
        await ChatAsync("one");
        Uri url = UrlOf((await _gateway.QueryAsync())[0]);
        Assert.Equal(_gateway.Uri.Authority, url.Authority);

        using HttpRequestMessage rebound = new(HttpMethod.Get, url);
        rebound.Headers.Host = "attacker.example";
        using HttpRequestMessage page = new(HttpMethod.Get, url);
        page.Headers.Add("Origin", "https://attacker.example");
        using HttpResponseMessage misdirected = await _tool.SendAsync(rebound);
        using HttpResponseMessage foreign = await _tool.SendAsync(page);

        Assert.Equal((HttpStatusCode.MisdirectedRequest, HttpStatusCode.Forbidden), (misdirected.StatusCode, foreign.StatusCode));
        Assert.DoesNotContain("\"request\"", await misdirected.TextAsync() + await foreign.TextAsync(), StringComparison.Ordinal);
    }

    private static Uri UrlOf(JsonElement row) => new(row.GetProperty("signed_body_url").GetString()!);

    private async Task ChatAsync(string prompt)
    {
        using HttpResponseMessage response = await _gateway.ChatAsync("gpt-4o", prompt);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await response.TextAsync();
    }
}
