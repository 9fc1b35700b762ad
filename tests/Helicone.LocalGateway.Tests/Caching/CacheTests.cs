using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Helicone.LocalGateway.Caching;
using Helicone.LocalGateway.Hosting;
using Helicone.LocalGateway.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.LocalGateway.Tests.Caching;

public sealed class CacheTests
{
    private const string Cached = "Helicone-Cache-Enabled: true";

    [Fact]
    public async Task SecondIdenticalCall_IsAHit_AndItsProviderHearsNothing()
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(upstream);

        Reply first = await AskAsync(gateway, Cached);
        Reply second = await AskAsync(gateway, Cached);

        Assert.Equal(("1", "MISS", null), (first.Text, first.Cache, first.BucketIndex));
        Assert.Equal(("1", "HIT", "0"), (second.Text, second.Cache, second.BucketIndex));
        Assert.Matches("^[0-9]+$", second.Latency);
        Assert.Equal("one", second.Provider);
        Assert.NotEqual(first.Id, second.Id);
        Assert.Single(upstream.Received);
    }

    [Fact]
    public async Task UncachedCall_HasNoCacheHeader_AndFillsNothing()
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(upstream);

        Reply plain = await AskAsync(gateway, string.Empty);
        Reply notTrue = await AskAsync(gateway, "Helicone-Cache-Enabled: yes");
        Reply cached = await AskAsync(gateway, Cached);

        Assert.Null(plain.Cache);
        Assert.Null(notTrue.Cache);
        Assert.Equal(("3", "MISS"), (cached.Text, cached.Cache));
    }

    [Theory]
    [InlineData("Helicone-Session-Id: a | Helicone-Session-Path: /x", "Helicone-Session-Id: b | Helicone-Session-Path: /y")]
    [InlineData("Helicone-User-Id: a", "Helicone-User-Id: b")]
    [InlineData("Helicone-Property-Environment: a", "Helicone-Property-Environment: b")]
    [InlineData("Helicone-Request-Id: 11111111-1111-4111-8111-111111111111", "Helicone-Request-Id: 22222222-2222-4222-8222-222222222222")]
    [InlineData("Cache-Control: max-age=100", "Cache-Control: max-age=200")]
    [InlineData("Helicone-RateLimit-Policy: 9;w=60", "X-Other: 1")]
    public async Task WhatTagsACall_DoesNotSplitTheCache(string first, string second)
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(upstream);

        await AskAsync(gateway, Cached + " | " + first);

        Assert.Equal("HIT", (await AskAsync(gateway, Cached + " | " + second)).Cache);
    }

    [Theory]
    [InlineData("Helicone-Cache-Seed: a", "Helicone-Cache-Seed: b")]
    [InlineData("Helicone-Cache-Seed: a", "")]
    [InlineData("Helicone-Cache-Ignore-Keys: x", "")]
    public async Task CacheHeaders_SplitTheCache(string first, string second)
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(upstream);

        await AskAsync(gateway, Cached + " | " + first);

        Assert.Equal("MISS", (await AskAsync(gateway, Cached + " | " + second)).Cache);
        Assert.Equal("HIT", (await AskAsync(gateway, Cached + " | " + first)).Cache);
    }

    [Theory]
    [InlineData("""{"model":"m/one","messages":[],"temperature":1}""", """ { "model" : "m/one" , "messages" : [ ] , "temperature" : 1 } """, "HIT")]
    [InlineData("""{"model":"m/one","messages":[],"temperature":1}""", """{"model":"m/one","temperature":1,"messages":[]}""", "MISS")]
    [InlineData("""{"model":"m/one","messages":[]}""", """{"model":"n/one","messages":[]}""", "MISS")]
    [InlineData("""{"model":"m/one","messages":[]}""", """{"model":"m/two","messages":[]}""", "MISS")]
    [InlineData("""{"model":"m/one","messages":[]}""", """{"messages":[],"model":"x/nobody,m/one"}""", "HIT")]
    [InlineData("""{"model":"m/one","messages":["a","b"]}""", """{"model":"m/one","messages":["a\",\"b"]}""", "MISS")]
    public async Task Body_AsTheProviderGetsIt_DecidesWhatIsTheSame(string first, string second, string expected)
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl), ("two", upstream.BaseUrl + "/two")));

        await ReplyAsync(gateway.PostAsync(first, HeaderSet.Of(Cached)));

        Assert.Equal(expected, (await ReplyAsync(gateway.PostAsync(second, HeaderSet.Of(Cached)))).Cache);
    }

    [Theory]
    [InlineData("trace,at")]
    [InlineData("trace, at")]
    [InlineData("\"trace\",\"at\"")]
    public async Task IgnoredKeys_InEitherSpelling_DoNotSplitTheCache(string keys)
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(upstream);
        Dictionary<string, string> headers = HeaderSet.Of(Cached);
        headers["Helicone-Cache-Ignore-Keys"] = keys;

        await ReplyAsync(gateway.PostAsync("""{"model":"m/one","trace":"1","messages":[{"trace":1}],"at":{"x":[1]}}""", headers));
        Reply same = await ReplyAsync(gateway.PostAsync("""{"model":"m/one","trace":"2","messages":[{"trace":1}]}""", headers));
        Reply deeper = await ReplyAsync(gateway.PostAsync("""{"model":"m/one","trace":"2","messages":[{"trace":2}]}""", headers));

        Assert.Equal(("HIT", "MISS"), (same.Cache, deeper.Cache));
        Assert.Contains("\"trace\":\"1\"", upstream.Received[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bucket_IsFilledBeforeAnythingIsServedAgain_ThenAnySlotIs()
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(upstream);
        const string Headers = Cached + " | Helicone-Cache-Bucket-Max-Size: 3";

        List<Reply> filling = [await AskAsync(gateway, Headers), await AskAsync(gateway, Headers), await AskAsync(gateway, Headers)];
        List<Reply> served = [];
        for (int i = 0; i < 60; i++)
        {
            served.Add(await AskAsync(gateway, Headers));
        }

        Assert.All(filling, r => Assert.Equal("MISS", r.Cache));
        Assert.All(served, r => Assert.Equal("HIT", r.Cache));
        Assert.All(served, r => Assert.Equal(r.Text, (int.Parse(r.BucketIndex!, System.Globalization.CultureInfo.InvariantCulture) + 1).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(["1", "2", "3"], served.Select(r => r.Text).Distinct().Order());
        Assert.Equal(3, upstream.Received.Count);
    }

    [Theory]
    [InlineData(Cached + " | Helicone-Cache-Bucket-Max-Size: 21")]
    [InlineData("Helicone-Cache-Bucket-Max-Size: 100")]
    [InlineData("Helicone-Cache-Bucket-Max-Size: 99999999999999999999")]
    public async Task Bucket_OfMoreThanTwenty_IsRefusedInHeliconesWords(string headers)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", headers: HeaderSet.Of(headers));

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("Cache bucket size cannot be greater than 20", await response.TextAsync());
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("many")]
    public async Task Bucket_OfNoSize_IsNeverFull(string size)
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(upstream);
        string headers = Cached + " | Helicone-Cache-Bucket-Max-Size: " + size;

        await AskAsync(gateway, headers);
        Reply second = await AskAsync(gateway, headers);

        Assert.Equal(("2", "MISS"), (second.Text, second.Cache));
    }

    [Fact]
    public async Task SaveOnly_KeepsAndDoesNotRead_ReadOnly_ReadsAndDoesNotKeep()
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(upstream);

        Reply save = await AskAsync(gateway, "Helicone-Cache-Save: true");
        Reply saveAgain = await AskAsync(gateway, "Helicone-Cache-Save: true");
        Reply read = await AskAsync(gateway, "Helicone-Cache-Read: true");
        Reply readAgain = await AskAsync(gateway, "Helicone-Cache-Read: true");
        await AskAsync(gateway, "Helicone-Cache-Save: true | Helicone-Cache-Read: true");
        Reply both = await AskAsync(gateway, "Helicone-Cache-Save: true | Helicone-Cache-Read: true");

        Assert.Equal((null, null), (save.Cache, saveAgain.Cache));
        Assert.Equal("2", saveAgain.Text);
        Assert.Equal(("MISS", "MISS"), (read.Cache, readAgain.Cache));
        Assert.Equal("4", readAgain.Text);
        Assert.Equal(("5", "HIT"), (both.Text, both.Cache));
    }

    [Theory]
    [InlineData("", 7)]
    [InlineData("Cache-Control: no-cache", 7)]
    [InlineData("Cache-Control: max-age=86400", 1)]
    [InlineData("Cache-Control: max-age=86400, s-maxage=172800", 2)]
    [InlineData("Cache-Control: max-age=99999999999", 365)]
    public async Task Answer_LivesAsLongAsCacheControlSays_SevenDaysUnlessSaid_AYearAtMost(string cacheControl, int days)
    {
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(upstream, o => o with { TimeProvider = time });
        string headers = Cached + " | " + cacheControl;

        await AskAsync(gateway, headers);
        time.Advance(TimeSpan.FromDays(days) - TimeSpan.FromSeconds(1));
        Reply young = await AskAsync(gateway, headers);
        time.Advance(TimeSpan.FromSeconds(1));
        Reply old = await AskAsync(gateway, headers);
        Reply renewed = await AskAsync(gateway, headers);

        Assert.Equal(("1", "HIT"), (young.Text, young.Cache));
        Assert.Equal(("2", "MISS"), (old.Text, old.Cache));
        Assert.Equal(("2", "HIT"), (renewed.Text, renewed.Cache));
    }

    [Fact]
    public async Task MaxAgeOfZero_KeepsNothing()
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(upstream);
        const string Headers = Cached + " | Cache-Control: max-age=0";

        await AskAsync(gateway, Headers);

        Assert.Equal("MISS", (await AskAsync(gateway, Headers)).Cache);
    }

    [Fact]
    public async Task OnlyStatus200_IsKept()
    {
        int calls = 0;
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(context => ++calls switch
        {
            1 => FakeUpstream.WriteJsonAsync(context, 500, """{"error":{"message":"No."}}"""),
            2 => FakeUpstream.WriteJsonAsync(context, 202, """{"choices":[{"message":{"content":"Later."}}]}"""),
            _ => FakeUpstream.WriteJsonAsync(context, 200, """{"choices":[{"message":{"content":"Yes."}}]}"""),
        });
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage failed = await gateway.ChatAsync("m/one", headers: HeaderSet.Of(Cached));
        Reply accepted = await AskAsync(gateway, Cached);
        Reply ok = await AskAsync(gateway, Cached);
        Reply hit = await AskAsync(gateway, Cached);

        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Null(failed.Header("Helicone-Cache"));
        Assert.Equal(("Later.", "MISS"), (accepted.Text, accepted.Cache));
        Assert.Equal(("Yes.", "MISS"), (ok.Text, ok.Cache));
        Assert.Equal(("Yes.", "HIT"), (hit.Text, hit.Cache));
    }

    [Fact]
    public async Task Stream_IsKept_AndComesAgainAsAStream()
    {
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync(
            "data: {\"choices\":[{\"delta\":{\"content\":\"He\"},\"finish_reason\":null}]}\n\nda",
            "ta: {\"choices\":[{\"delta\":{\"content\":\"llo\"},\"finish_reason\": \"stop\"}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\ndata: [DONE]\n\n");
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage first = await gateway.ChatAsync("m/one", stream: true, headers: HeaderSet.Of(Cached));
        List<string> events = await first.EventsAsync();
        using HttpResponseMessage second = await gateway.ChatAsync("m/one", stream: true, headers: HeaderSet.Of(Cached));
        List<string> again = await second.EventsAsync();

        Assert.Equal(("MISS", "HIT"), (first.Header("Helicone-Cache"), second.Header("Helicone-Cache")));
        Assert.Equal(4, events.Count);
        Assert.Equal(events, again);
        Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);
        Assert.Single(upstream.Received);
    }

    [Fact]
    public async Task Stream_WithoutAReasonForItsEnd_IsNotKept()
    {
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync("data: {\"choices\":[{\"delta\":{\"content\":\"He\"},\"finish_reason\":null}]}\n\n");
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage cut = await gateway.ChatAsync("m/one", stream: true, headers: HeaderSet.Of(Cached));
        await cut.TextAsync();
        using HttpResponseMessage again = await gateway.ChatAsync("m/one", stream: true, headers: HeaderSet.Of(Cached));

        Assert.Equal("MISS", again.Header("Helicone-Cache"));
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: {\"error\":{\"message\":\"Broken.\"}}\n\ndata: [DONE]\n\n", "OPENAI")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"choices\":[{\"delta\":{},\"finish_reason\":\"error\"}]}\n\ndata: [DONE]\n\n", "OPENAI")]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"H\"}}]}\n\ndata: [DONE]\n\n", "OPENAI")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"H\"}}]}\n\ndata: <html>\n\ndata: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n", "OPENAI")]
    [InlineData("event: message_start\ndata: {\"type\":\"message_start\"}\n\nevent: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"Overloaded\"}}\n\n", "NO_MAPPING")]
    [InlineData("event: message_start\ndata: {\"type\":\"message_start\"}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\"}\n\n", "NO_MAPPING")]
    public async Task Stream_ThatFailsOrIsCut_IsNotKept(string sent, string mapping)
    {
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync(sent);
        await using TestGateway gateway = await StartAsync(upstream);
        Dictionary<string, string> headers = HeaderSet.Of(Cached + " | Helicone-Gateway-Body-Mapping: " + mapping);

        using HttpResponseMessage first = await gateway.ChatAsync("m/one", stream: true, headers: headers);
        await first.TextAsync();
        using HttpResponseMessage again = await gateway.ChatAsync("m/one", stream: true, headers: headers);

        Assert.Equal((HttpStatusCode.OK, "MISS"), (again.StatusCode, again.Header("Helicone-Cache")));
    }

    [Theory]
    [InlineData("{\"error\":{\"message\":\"Broken.\"}}")]
    [InlineData("{\"choices\":[{\"message\":{\"content\":\"H\"},\"finish_reason\":\"error\"}]}")]
    [InlineData("<html>Maintenance</html>")]
    [InlineData("")]
    public async Task Answer_ThatIsNone_IsNotKept(string body)
    {
        int calls = 0;
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(context => FakeUpstream.WriteJsonAsync(
            context, 200, ++calls == 1 ? body : """{"choices":[{"message":{"content":"Yes."},"finish_reason":"stop"}]}"""));
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage none = await gateway.ChatAsync("m/one", headers: HeaderSet.Of(Cached));
        Reply reply = await AskAsync(gateway, Cached);

        Assert.Equal(HttpStatusCode.InternalServerError, none.StatusCode);
        Assert.Equal(("Yes.", "MISS"), (reply.Text, reply.Cache));
    }

    [Fact]
    public async Task Stream_ThatBreaksOff_IsNotKept()
    {
        int calls = 0;
        TaskCompletionSource seen = new();
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n");
            await context.Response.Body.FlushAsync();
            if (++calls == 1)
            {
                await seen.Task;
                context.Abort();
            }
        });
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage broken = await gateway.ChatAsync("m/one", stream: true, headers: HeaderSet.Of(Cached));
        seen.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => broken.TextAsync());
        using HttpResponseMessage again = await gateway.ChatAsync("m/one", stream: true, headers: HeaderSet.Of(Cached));

        Assert.Equal("MISS", again.Header("Helicone-Cache"));
    }

    [Fact]
    public async Task RawStream_ComesAgainByteForByte()
    {
        const string Raw = "event: message_start\ndata: {\"type\":\"message_start\"}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync(Raw);
        await using TestGateway gateway = await StartAsync(upstream);
        const string Headers = Cached + " | Helicone-Gateway-Body-Mapping: NO_MAPPING";

        using HttpResponseMessage first = await gateway.ChatAsync("m/one", stream: true, headers: HeaderSet.Of(Headers));
        string raw = await first.TextAsync();
        using HttpResponseMessage second = await gateway.ChatAsync("m/one", stream: true, headers: HeaderSet.Of(Headers));

        Assert.Equal("HIT", second.Header("Helicone-Cache"));
        Assert.Equal((Raw, Raw), (raw, await second.TextAsync()));
    }

    [Fact]
    public async Task OfflineAnswers_AreCachedLikeOthers()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage first = await gateway.ChatAsync("gpt-4o", headers: HeaderSet.Of(Cached));
        using HttpResponseMessage second = await gateway.ChatAsync("gpt-4o", headers: HeaderSet.Of(Cached));

        Assert.Equal(("HIT", "offline"), (second.Header("Helicone-Cache"), second.Header("helicone-provider")));
        Assert.Equal(await first.TextAsync(), await second.TextAsync());
    }

    [Fact]
    public async Task Answer_SurvivesARestart()
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(upstream);

        await AskAsync(gateway, Cached);
        await gateway.RestartAsync();

        Assert.Equal("HIT", (await AskAsync(gateway, Cached)).Cache);
        Assert.Single(upstream.Received);
    }

    [Fact]
    public async Task Answer_OfAKilledGateway_IsStillThere()
    {
        string folder = Directory.CreateTempSubdirectory("helicone-cache-").FullName;
        string path = Path.Combine(folder, "x.cache.db");
        try
        {
            // What a kill leaves: a file that nobody closed.
            using CacheStore store = new(path, new CacheLimits(), TimeProvider.System, static _ => { });
            store.AddToFree("k", 1, TimeSpan.FromHours(1), new CachedAnswer("id", 0, 5, CachedKind.Whole, "application/json", new byte[] { 1, 2, 3 }));
            CachedAnswer? found = null;
            for (int i = 0; i < 600 && found is null; i++)
            {
                // The file alone, without what the store still holds in memory.
                using CacheReader reader = new(path);
                found = reader.Find("k", 1, DateTimeOffset.UtcNow).Select(r => r.Answer with { Body = reader.ReadBody(r.Id) }).FirstOrDefault();
                await Task.Delay(found is null ? 50 : 0);
            }

            Assert.Equal(("id", 5L, CachedKind.Whole), (found?.CallId, found?.LatencyMilliseconds, found?.Kind));
            Assert.Equal([1, 2, 3], found!.Body.ToArray());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task DamagedCache_IsBegunAnew()
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(upstream, o =>
        {
            File.WriteAllText(StateFile.Beside(o.DatabasePath!, "cache"), new string('x', 10_000));
            return o;
        });

        await AskAsync(gateway, Cached);

        Assert.Equal("HIT", (await AskAsync(gateway, Cached)).Cache);
    }

    [Fact]
    public async Task CacheThatCannotBeOpened_IsAMissAndNoError()
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(upstream, o =>
        {
            Directory.CreateDirectory(StateFile.Beside(o.DatabasePath!, "cache"));
            return o;
        });

        Reply first = await AskAsync(gateway, Cached);
        Reply second = await AskAsync(gateway, Cached);

        Assert.Equal([("1", "MISS"), ("2", "MISS")], [(first.Text, first.Cache), (second.Text, second.Cache)]);
    }

    [Fact]
    public async Task CacheThatBreaksAmidTheWork_IsAMissAndNoError()
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(upstream);
        await AskAsync(gateway, Cached);
        using (Microsoft.Data.Sqlite.SqliteConnection other = StateFile.Connect(StateFile.Beside(gateway.DatabasePath, "cache")))
        {
            StateFile.Execute(other, "DROP TABLE answer");
        }

        Reply broken = await AskAsync(gateway, Cached + " | Helicone-Cache-Seed: s");

        Assert.Equal(("2", "MISS"), (broken.Text, broken.Cache));
    }

    [Fact]
    public async Task FullCache_ForgetsWhatWasNotUsedForTheLongest()
    {
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(upstream, o => o with { TimeProvider = time, Cache = new CacheLimits { MaxAnswers = 2 } });

        await AskAsync(gateway, Cached, "a");
        time.Advance(TimeSpan.FromHours(2));
        await AskAsync(gateway, Cached, "b");
        time.Advance(TimeSpan.FromHours(2));
        await AskAsync(gateway, Cached, "a");
        time.Advance(TimeSpan.FromHours(2));
        await AskAsync(gateway, Cached, "c");
        await gateway.RestartAsync();

        // The first answer after a start tidies up.
        await AskAsync(gateway, Cached + " | Helicone-Cache-Seed: other", "d");
        await gateway.RestartAsync();
        Assert.Equal("MISS", (await AskAsync(gateway, Cached, "b")).Cache);
    }

    [Fact]
    public async Task AnswerThatIsTooLong_IsGivenAndNotKept()
    {
        await using FakeUpstream upstream = await FakeUpstream.AnsweringAsync(new string('a', 5000));
        await using TestGateway gateway = await StartAsync(upstream, o => o with { Cache = new CacheLimits { MaxAnswerBytes = 4096 } });

        Reply first = await AskAsync(gateway, Cached);

        Assert.Equal(5000, first.Text.Length);
        Assert.Equal("MISS", (await AskAsync(gateway, Cached)).Cache);
    }

    [Fact]
    public async Task CacheFile_IsItsOwnersAlone()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (string file in Directory.GetFiles(gateway.Folder, "*.db"))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    private static Task<TestGateway> StartAsync(FakeUpstream upstream, Func<GatewayOptions, GatewayOptions>? change = null) =>
        TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)), change: change);

    private static Task<Reply> AskAsync(TestGateway gateway, string headers, string prompt = "Why?") =>
        ReplyAsync(gateway.ChatAsync("m/one", prompt, headers: HeaderSet.Of(headers)));

    private static async Task<Reply> ReplyAsync(Task<HttpResponseMessage> call)
    {
        using HttpResponseMessage response = await call;
        return new Reply(
            (await response.JsonAsync()).Content(),
            response.Header("Helicone-Cache"),
            response.Header("Helicone-Cache-Bucket-Idx"),
            response.Header("Helicone-Cache-Latency"),
            response.Header("Helicone-Id"),
            response.Header("helicone-provider"));
    }

    private sealed record Reply(string Text, string? Cache, string? BucketIndex, string? Latency, string? Id, string? Provider);
}
