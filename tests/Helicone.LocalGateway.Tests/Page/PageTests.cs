using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Helicone.LocalGateway.Hosting;
using Helicone.LocalGateway.Page;
using Helicone.LocalGateway.Tests.Hosting;
using Helicone.LocalGateway.Tests.Query;
using Microsoft.Data.Sqlite;
using static Helicone.LocalGateway.Tests.Query.LogApi;

namespace Helicone.LocalGateway.Tests.Page;

public sealed partial class PageTests : IAsyncLifetime
{
    private TestGateway _gateway = null!;
    private PageClient _browser = null!;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.StartAsync();
        _browser = await PageClient.EnterAsync(_gateway);
    }

    public async Task DisposeAsync()
    {
        _browser.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task HostilePrompt_IsTextEverywhere()
    {
        const string Hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> \u202Eevil\u202C";
        Dictionary<string, string> tags = new()
        {
            ["Helicone-Session-Id"] = "<b>s</b>/\"x",
            ["Helicone-Session-Name"] = "<i>name</i>",
            ["Helicone-Session-Path"] = "/<u>p</u>",
            ["Helicone-User-Id"] = "<a>user</a>",
            ["Helicone-Property-Env"] = "<s>v</s>\"'",
        };
        using HttpResponseMessage chat = await _gateway.ChatAsync("gpt-4o-mini", Hostile, headers: tags);
        string id = chat.Header("Helicone-Id")!;
        await chat.TextAsync();

        foreach (string address in (string[])["/", "/?user=%3Ca%3Euser%3C%2Fa%3E", "/?model=%22%3E%3Cscript%3E", $"/requests/{id}", "/sessions", "/sessions/" + Uri.EscapeDataString(tags["Helicone-Session-Id"]), "/usage"])
        {
            string page = await _browser.ReadAsync(address);
            Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
            Assert.DoesNotMatch("<(b|i|u|s)>|<a>", page);
            Assert.DoesNotContain('\u202E', page);
        }

        string request = await _browser.ReadAsync($"/requests/{id}");
        Assert.Contains("&lt;script&gt;alert(1)", request, StringComparison.Ordinal);
        Assert.Contains("⟦U+202E⟧evil", WebUtility.HtmlDecode(request), StringComparison.Ordinal);
        Assert.Contains("<div", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_NameNoOtherPlace_AndNoKey()
    {
        using HttpResponseMessage chat = await _gateway.ChatAsync("gpt-4o-mini", headers: new Dictionary<string, string> { ["Helicone-Session-Id"] = "s1" });
        string id = chat.Header("Helicone-Id")!;
        await chat.TextAsync();

        foreach (string address in (string[])["/", $"/requests/{id}", "/sessions", "/sessions/s1", "/usage"])
        {
            string page = await _browser.ReadAsync(address);
            Assert.NotEmpty(References().Matches(page));
            Assert.All(References().Matches(page), m => Assert.Matches("^(/(?!/)|#)", m.Groups[1].Value));
            Assert.DoesNotContain(_gateway.Key, page, StringComparison.Ordinal);
            Assert.DoesNotContain(" style=", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("", "43210")]
    [InlineData("model=gpt-4o", "0")]
    [InlineData("session=s1", "10")]
    [InlineData("user=ann", "20")]
    [InlineData("property=ENV%3Dprod", "30")]
    [InlineData("property=env%3Dprod&session=s1", "0")]
    [InlineData("status=500", "1")]
    [InlineData("status=failed", "431")]
    [InlineData("status=ok", "20")]
    [InlineData("status=failed&user=bob", "1")]
    [InlineData("status=failed&user=nobody", "")]
    [InlineData("status=failed&property=env%3Dprod", "3")]
    [InlineData("status=ok&model=model-1", "")]
    [InlineData("user=ann&property=env%3Dprod&model=gpt-4o&session=s1&status=200", "0")]
    [InlineData("since=2025-08-31T12:00:02Z", "432")]
    [InlineData("until=2025-08-31T12:00:01Z", "10")]
    [InlineData("property=env%3Dprod&since=2025-08-31T12:00:02Z", "3")]
    [InlineData("model=nobody", "")]
    [InlineData("since=1h", "")]
    public async Task Filter_ShowsWhatItSays(string query, string expected)
    {
        await _gateway.LogAsync("gpt-4o", 0, Numbered("0", ("Helicone-Session-Id", "s1"), ("Helicone-User-Id", "ann"), ("Helicone-Property-Env", "prod")));
        await _gateway.LogAsync("model-1", 1, Numbered("1", ("Helicone-Session-Id", "s1"), ("Helicone-User-Id", "bob")), status: 500);
        await _gateway.LogAsync("model-2", 2, Numbered("2", ("Helicone-User-Id", "ann")));
        await _gateway.LogAsync("model-3", 3, Numbered("3", ("Helicone-Property-Env", "prod")), status: 429);
        await _gateway.LogAsync("model-4", 4, Numbered("4"), status: -3);

        string page = await _browser.ReadAsync("/?" + query);

        Assert.Equal(expected, string.Concat(Models(page).Select(m => m == "gpt-4o" ? "0" : m[^1..])));
    }

    [Theory]
    [InlineData("status=often")]
    [InlineData("since=whenever")]
    [InlineData("property=novalue")]
    public async Task Filter_ThatSaysNothing_IsToldAndShowsNothing(string query)
    {
        await _gateway.LogAsync("gpt-4o");

        string page = await _browser.ReadAsync("/?" + query);

        Assert.Contains("role=\"alert\"", page, StringComparison.Ordinal);
        Assert.Empty(Models(page));
    }

    [Fact]
    public async Task Paging_GoesOnWhereThePageEnded_WhateverComesIn()
    {
        for (int i = 0; i < 60; i++)
        {
            // Pairs of the same time: the order within them must hold across pages too.
            await _gateway.LogAsync(string.Create(CultureInfo.InvariantCulture, $"m{i:00}"), i / 2);
        }

        string first = await _browser.ReadAsync("/");
        await _gateway.LogAsync("late", 1000);
        string second = await _browser.ReadAsync(Link(first, "next"));
        string back = await _browser.ReadAsync(Link(second, "prev"));

        Assert.Equal(Enumerable.Range(0, 60).Reverse().Select(i => $"m{i:00}"), Models(first).Concat(Models(second)));
        Assert.Equal(Models(first), Models(back));
    }

    [Fact]
    public async Task StatusOk_IsEverySuccess()
    {
        await _gateway.LogAsync("created", 0, status: 201);
        await _gateway.LogAsync("failed", 1, status: 404);

        Assert.Equal(["created"], Models(await _browser.ReadAsync("/?status=ok")));
        Assert.Equal(["failed"], Models(await _browser.ReadAsync("/?status=failed")));
    }

    [Fact]
    public async Task Search_ThatFindsNothingForLong_SaysHowFarItLooked_AndTheNextPageGoesOn()
    {
        // Two conditions that many calls meet, and only the oldest both of them.
        await _gateway.LogAsync("common", 0, Numbered("0", ("Helicone-User-Id", "ann")));
        using (SqliteConnection log = StateFile.Connect(_gateway.DatabasePath))
        {
            using SqliteCommand fill = log.CreateCommand();
            fill.CommandText = $"""
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= {2 * CallSearch.MaxScannedCalls})
                INSERT INTO call (request_id, created_at, latency_ms, model, attempts, status, user_id, cache_enabled)
                  SELECT randomblob(16), {Epoch.ToUnixTimeMilliseconds()} + 1000 + i, 1, iif(i % 2, 'common', 'other'), 1, 200, iif(i % 2, 'bob', 'ann'), 0 FROM n
                """;
            fill.ExecuteNonQuery();
        }

        string first = await _browser.ReadAsync("/?model=common&user=ann");
        string second = await _browser.ReadAsync(Link(first, "next"));
        string back = await _browser.ReadAsync(Link(second, "prev"));

        Assert.Contains("50,000 calls were searched", first, StringComparison.Ordinal);
        Assert.DoesNotContain("No requests match", first, StringComparison.Ordinal);
        Assert.Empty(Models(first));
        Assert.Equal(["common"], Models(second));
        Assert.DoesNotContain("were searched", second, StringComparison.Ordinal);
        Assert.Empty(Models(back));
    }

    [Fact]
    public async Task Request_ShowsTheConversationAsItWas()
    {
        const string Body = """
            {"model":"gpt-4o-mini/offline","messages":[
              {"role":"system","content":"Be brief."},
              {"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"https://example.com/cat.png"}}]},
              {"role":"assistant","reasoning":"A look at it.","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"look_up","arguments":"{\"word\":\"cat\"}"}}]},
              {"role":"tool","tool_call_id":"c1","content":"A cat."}]}
            """;
        using HttpResponseMessage chat = await _gateway.PostAsync(Body, new Dictionary<string, string> { ["Helicone-Property-Env"] = "dev" });
        string id = chat.Header("Helicone-Id")!;
        string answer = (await chat.JsonAsync()).Content();
        await _gateway.PostJsonAsync($"v1/request/{id}/feedback", """{"rating":true}""");
        await _gateway.PostJsonAsync($"v1/request/{id}/score", """{"scores":{"clarity":7}}""");

        string page = WebUtility.HtmlDecode(await _browser.ReadAsync($"/requests/{id}"));

        int position = 0;
        foreach (string text in (string[])["Be brief.", "What is this?", "[image: https://example.com/cat.png]", "A look at it.", "look_up", "\"word\": \"cat\"", "A cat.", answer, "finish reason", "<dt>Provider</dt>", "offline", "<dt>Feedback</dt>", "good", "Env", "dev", "clarity", "7"])
        {
            int found = page.IndexOf(text, position, StringComparison.Ordinal);
            Assert.True(found >= 0, $"'{text}' is not where it belongs.");
            position = found;
        }

        Assert.DoesNotContain("<img src=\"https", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_ShowsWhoWasAskedAndWhatTheySaid_BeforeSomebodyAnswered()
    {
        await using FakeUpstream limited = await FakeUpstream.RefusingAsync(429, "Slow <i>down</i>.");
        await using FakeUpstream working = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", limited.BaseUrl), ("two", working.BaseUrl)));
        using PageClient browser = await PageClient.EnterAsync(gateway);
        Dictionary<string, string> retries = new() { ["Helicone-Retry-Enabled"] = "true", ["helicone-retry-num"] = "1", ["helicone-retry-min-timeout"] = "1", ["helicone-retry-max-timeout"] = "2" };

        using HttpResponseMessage chat = await gateway.ChatAsync("m/one,m/two", headers: retries);
        using HttpResponseMessage secret = await gateway.ChatAsync("m/one,m/two", headers: new Dictionary<string, string> { ["Helicone-Omit-Response"] = "true" });
        using HttpResponseMessage plain = await gateway.ChatAsync("m/two");
        string page = await browser.ReadAsync($"/requests/{chat.Header("Helicone-Id")}");
        string omitted = await browser.ReadAsync($"/requests/{secret.Header("Helicone-Id")}");
        string first = await browser.ReadAsync($"/requests/{plain.Header("Helicone-Id")}");

        Assert.Equal(
            ["1 m/one/byok 429 request_failed Slow <i>down</i>.", "2 m/one/byok 429 request_failed Slow <i>down</i>.", "3 two 200 answered"],
            Attempts().Matches(page).Select(m => WebUtility.HtmlDecode($"{m.Groups[1].Value} {m.Groups[2].Value} {m.Groups[3].Value} {Tags().Replace(m.Groups[4].Value, "").Trim()}")));
        Assert.Contains("Attempts</h2>", omitted, StringComparison.Ordinal);
        Assert.DoesNotContain("Slow", omitted, StringComparison.Ordinal);
        Assert.DoesNotContain("Attempts</h2>", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_WithOmittedBodies_SaysSo()
    {
        using HttpResponseMessage chat = await _gateway.ChatAsync("gpt-4o-mini", "A secret", headers: new Dictionary<string, string> { ["Helicone-Omit-Request"] = "true", ["Helicone-Omit-Response"] = "true" });
        string id = chat.Header("Helicone-Id")!;
        await chat.TextAsync();

        string page = await _browser.ReadAsync($"/requests/{id}");
        using HttpResponseMessage body = await _browser.GetAsync($"/requests/{id}/request");

        Assert.Equal(2, Regex.Count(page, "is not in the log"));
        Assert.Equal(HttpStatusCode.NotFound, body.StatusCode);
    }

    [Fact]
    public async Task Request_WithAHugePrompt_IsCutAndLinksToAllOfIt()
    {
        string prompt = new string('x', 100_000) + "THE END";
        using HttpResponseMessage chat = await _gateway.ChatAsync("gpt-4o-mini", prompt);
        string id = chat.Header("Helicone-Id")!;
        await chat.TextAsync();

        string page = await _browser.ReadAsync($"/requests/{id}");
        using HttpResponseMessage body = await _browser.GetAsync($"/requests/{id}/request");

        Assert.Contains($"<a href=\"/requests/{id}/request\">Open the whole text</a>", page, StringComparison.Ordinal);
        Assert.Equal("text/plain", body.Content.Headers.ContentType!.MediaType);
        Assert.Contains("THE END", await body.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_IsAWaterfallAlongItsPaths()
    {
        await LogStepAsync("root", 0, "/trip");
        await LogStepAsync("flights", 1, "/trip/flights");
        await LogStepAsync("hotels", 2, "/trip/hotels");
        await LogStepAsync("seats", 3, "/trip/flights/seats");
        await LogStepAsync("pay", 4, "/pay");

        string sessions = await _browser.ReadAsync("/sessions");
        string page = await _browser.ReadAsync("/sessions/a%2Fb");

        Assert.Contains("href=\"/sessions/a%2Fb\"", sessions, StringComparison.Ordinal);
        Assert.Equal(
            ["1 /trip", "root", "2 /flights", "flights", "3 /seats", "seats", "2 /hotels", "hotels", "1 /pay", "pay"],
            Steps().Matches(page).Select(m => m.Groups[1].Success ? $"{m.Groups[1].Value} {m.Groups[2].Value}" : m.Groups[3].Value));

        Task LogStepAsync(string model, int second, string path) =>
            _gateway.LogAsync(model, second, Numbered("0", ("Helicone-Session-Id", "a/b"), ("Helicone-Session-Name", "Trip"), ("Helicone-Session-Path", path)));
    }

    [Fact]
    public async Task Usage_AddsUpTheTime()
    {
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage chat = await _gateway.ChatAsync("gpt-4o-mini");
            await chat.TextAsync();
        }

        string page = await _browser.ReadAsync("/usage");

        Assert.Contains("<dt>Calls</dt><dd>3</dd>", page, StringComparison.Ordinal);
        Assert.Contains("<svg class=\"chart\"", page, StringComparison.Ordinal);
        Assert.Contains("<td class=\"n\">3</td>", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/requests/0b0b4c5e-59a8-4a0f-9b53-111111111111")]
    [InlineData("/requests/nonsense")]
    [InlineData("/sessions/nobody")]
    public async Task UnknownAddress_IsNotFound(string address)
    {
        using HttpResponseMessage response = await _browser.GetAsync(address);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static IEnumerable<string> Models(string page) => Rows().Matches(page).Select(m => m.Groups[1].Value);

    private static string Link(string page, string relation) => WebUtility.HtmlDecode(Regex.Match(page, $"rel=\"{relation}\" href=\"([^\"]+)\"").Groups[1].Value);

    [GeneratedRegex("<tr id=\"r-[^>]*>.*?</td><td><bdi>([^<]*)</bdi>")]
    private static partial Regex Rows();

    [GeneratedRegex("<th scope=\"row\" class=\"n\">(\\d+)</th><td><bdi>([^<]*)</bdi></td><td><span class=\"status [a-z]+\">([^<]*)</span></td><td[^>]*>[^<]*</td><td class=\"said\">(.*?)</td></tr>")]
    private static partial Regex Attempts();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex("(?:href|src|action)=\"([^\"]*)\"")]
    private static partial Regex References();

    [GeneratedRegex("Level (\\d+): </span><bdi>([^<]*)</bdi>|<th scope=\"row\" class=\"in\\d+\"><a [^>]*><bdi>([^<]*)</bdi>")]
    private static partial Regex Steps();
}
