using System;
using System;
using System.Buffers;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Caching;
using Helicone.LocalGateway.Errors;
using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Requests;
using Helicone.LocalGateway.Routing;
using Helicone.Offline;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Tests.Hardening;

public sealed class MemoryTests
{
    [Fact]
    public void LargeBodies_AreRefusedWhenTogetherTheyAreTooLarge_AndTakenWhenOthersAreGone()
    {
        MemoryBudget budget = new(1_000_000);
        byte[] chunk = new byte[100_000];
        using PooledBuffer other = new(4096, budget);
        PooledBuffer first = new(4096, budget);
        for (int i = 0; i < 5; i++)
        {
            first.Write(chunk);
        }

        RequestRefusedException refusal = Assert.Throws<RequestRefusedException>(() => Fill(other, chunk));
        first.Dispose();
        first.Dispose();
        other.Dispose();
        using PooledBuffer next = new(4096, budget);
        for (int i = 0; i < 5; i++)
        {
            next.Write(chunk);
        }

        Assert.Equal(429, refusal.StatusCode);
        Assert.Contains("\"code\":\"rate_limited\"", refusal.Body, StringComparison.Ordinal);
        Assert.Contains(refusal.Headers, h => h.Key == "Retry-After");
    }

    [Fact]
    public void SmallBodies_AreCountedAgainstNothing()
    {
        MemoryBudget budget = new(1);
        using PooledBuffer buffer = new(4096, budget);

        buffer.Write(Encoding.UTF8.GetBytes(new string('a', 4096)));

        Assert.Equal(4096, buffer.Length);
    }

    [Fact]
    public void LargeBody_OfAnnouncedLength_TakesThatLength_AndIsCountedOnce()
    {
        const int Length = 49 * 1024 * 1024;
        const int First = 1024 * 1024;
        MemoryBudget budget = new(Length - First);
        byte[] chunk = new byte[First];
        PooledBuffer body = new(First, budget, Length);
        for (int i = 0; i < Length / First; i++)
        {
            body.Write(chunk);
        }

        Assert.True(MemoryMarshal.TryGetArray(body.WrittenMemory, out ArraySegment<byte> array));
        Assert.Equal(Length, array.Array!.Length);
        Assert.Throws<RequestRefusedException>(() => budget.Take(1));
        body.Dispose();
        budget.Take(Length - First);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LargeRequest_IsHeldOnce_HoweverManyProvidersAreAskedWithIt(bool announcesItsLength)
    {
        const int Length = 20 * 1024 * 1024;
        byte[] json = Encoding.UTF8.GetBytes($$"""{"model":"a/one,b/two", "messages":[{"role":"user","content":"{{new string('x', Length)}}"}],"max_tokens":7}""");
        MemoryBudget budget = new(long.MaxValue);
        DefaultHttpContext context = new();
        context.Request.Method = "POST";
        context.Request.Path = "/v1/chat/completions";
        context.Request.Body = new MemoryStream(json);
        context.Request.ContentLength = announcesItsLength ? json.Length : null;
        using InferenceRequest request = await RequestReader.ReadAsync(context.Request, "id", default, budget);

        // Everything that the pipeline makes of it for two providers: the bodies, and the keys of the cache.
        CacheSettings caching = new(true, true, TimeSpan.FromDays(1), 1, "seed", []);
        using UpstreamProvider one = Provider("one");
        using UpstreamProvider two = Provider("two");
        long before = GC.GetAllocatedBytesForCurrentThread();
        Attempt[] attempts = [new("a", one, "a-1", "a/one"), new("b", two, "b-1", "b/two")];
        string[] keys = [.. attempts.Select(a => CacheKey.Of(caching, a, request))];
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(allocated < 256 * 1024, $"{allocated} bytes were allocated.");
        Assert.NotEqual(keys[0], keys[1]);
        Assert.Equal(announcesItsLength ? json.Length - (1024 * 1024) : RequestReader.MaxBodyBytes - 4096, budget.Used, 4096.0);
        Assert.Equal(
            $$"""{"model":"a-1","messages":[{"role":"user","content":"{{new string('x', Length)}}"}],"max_tokens":7}""",
            Encoding.UTF8.GetString(attempts[0].BodyOf(request).ToSequence().ToArray()));
        Assert.Equal(attempts[0].BodyOf(request).Length, attempts[0].BodyOf(request).ToSequence().Length);
        request.Dispose();
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public async Task LargeBody_HasTheSameCacheKey_HoweverItIsWritten()
    {
        string text = new('x', 200_000);
        using UpstreamProvider one = Provider("one");
        string[] keys = await Task.WhenAll(((string[])
        [
            $$"""{"model":"m","messages":[{"role":"user","content":"{{text}}"}],"n":12345}""",
            $$""" { "model" : "m" , "messages" : [ { "role" : "user" , "content" : "{{text}}" } ] , "n" : 12345 } """,
            $$"""{"model":"m","messages":[{"role":"user","content":"{{text}}"}],"n":12346}""",
        ]).Select(async json =>
        {
            DefaultHttpContext context = new();
            context.Request.Path = "/v1/chat/completions";
            context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(json));
            using InferenceRequest request = await RequestReader.ReadAsync(context.Request, "id", default);
            return CacheKey.Of(new CacheSettings(true, true, TimeSpan.FromDays(1), 1, "seed", []), new Attempt("m", one, "m", "m/one"), request);
        }));

        Assert.Equal(keys[0], keys[1]);
        Assert.NotEqual(keys[0], keys[2]);
    }

    [Fact]
    public void AnswerBeyondTheBudget_IsKept_AndCounted()
    {
        MemoryBudget budget = new(1000);
        using PooledBuffer answer = new(4096, budget, isRefusable: false);
        answer.Write(new byte[1_000_000]);

        Assert.Equal(1_000_000, answer.Length);
        Assert.Throws<RequestRefusedException>(() => budget.Take(1));
    }

    [Fact]
    public void OfflineAnswer_ToALargePrompt_MakesNoStringOfIt()
    {
        const int Length = 20 * 1024 * 1024;
        string prompt = string.Concat("Why? ", new string('x', Length));
        byte[] message = Escaped(prompt + "\u00e9\n\ud83d\ude00");
        long before = GC.GetAllocatedBytesForCurrentThread();
        int tokens = OfflineText.CountTokens(message);
        string start = OfflineText.StartOf(message);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(allocated < 1024 * 1024, $"{allocated} bytes were allocated.");
        Assert.StartsWith("Why? xxx", start, StringComparison.Ordinal);
        Assert.InRange(tokens, Length / 8, (Length / 8) + 1000);
    }

    [Theory]
    [InlineData("Why is the sky blue?\n\tGrüße 😀 \\ \"quoted\"")]
    [InlineData("")]
    public void OfflineTokens_OfAShortText_AreThoseOfItsString(string text) =>
        Assert.Equal(OfflineTokens.Count(text), OfflineText.CountTokens(Escaped(text)));

    [Fact]
    public void OfflineTokens_OfALongText_DependOnItsCharacters_NotOnHowTheyAreEscaped()
    {
        string text = string.Concat(Enumerable.Repeat("Grüße 😀 \"quoted\" words\n", 20_000));
        int expected = OfflineTokens.Count(text);

        Assert.InRange(OfflineText.CountTokens(Escaped(text)), expected, expected + 200);
    }

    /// <summary>What stands between the quotation marks of a string of JSON.</summary>
    private static byte[] Escaped(string text) => JsonSerializer.SerializeToUtf8Bytes(text)[1..^1];

    private static UpstreamProvider Provider(string name) => new(new UpstreamSettings(name, new Uri("http://127.0.0.1:1/v1"), Key: null));

    private static void Fill(PooledBuffer buffer, byte[] chunk)
    {
        for (int i = 0; i < 20; i++)
        {
            buffer.Write(chunk);
        }
    }
}
