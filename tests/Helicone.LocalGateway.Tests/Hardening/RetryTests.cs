using System;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Helicone.LocalGateway.Requests;
using Helicone.LocalGateway.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.LocalGateway.Tests.Hardening;

public sealed class RetryTests
{
    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(529)]
    public async Task WantedRetries_AreMadeUntilTheProviderAnswers(int status)
    {
        await using FakeUpstream upstream = await FailingAsync(2, status);
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", headers: HeaderSet.Of("Helicone-Retry-Enabled: true | helicone-retry-min-timeout: 1 | helicone-retry-max-timeout: 5"));

        Assert.Equal("Yes.", (await response.JsonAsync()).Content());
        Assert.Equal(3, upstream.Received.Count);
        Assert.Equal(3, Assert.Single(LoggedCalls.Of(gateway)).Attempts);
    }

    [Fact]
    public async Task ExhaustedRetries_LeaveTheLastRefusal_AndTheNextProviderIsAsked()
    {
        await using FakeUpstream failing = await FakeUpstream.RefusingAsync(503, "Still no.");
        await using FakeUpstream working = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", failing.BaseUrl), ("two", working.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one,m/two", headers: HeaderSet.Of("Helicone-Retry-Enabled: true | helicone-retry-num: 3 | helicone-retry-min-timeout: 0"));

        Assert.Equal("two", response.Header("helicone-provider"));
        Assert.Equal((4, 1), (failing.Received.Count, working.Received.Count));
    }

    [Theory]
    [InlineData("Helicone-Retry-Enabled: false", 503)]
    [InlineData("helicone-retry-num: 5", 503)]
    [InlineData("Helicone-Retry-Enabled: true", 400)]
    [InlineData("Helicone-Retry-Enabled: true", 401)]
    public async Task OtherFailures_AndUnwantedRetries_AreNotRepeated(string headers, int status)
    {
        await using FakeUpstream upstream = await FakeUpstream.RefusingAsync(status, "No.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", headers: HeaderSet.Of(headers));

        Assert.False(response.IsSuccessStatusCode);
        Assert.Single(upstream.Received);
    }

    [Fact]
    public async Task Retries_CountOnceAgainstTheRateLimit()
    {
        await using FakeUpstream upstream = await FailingAsync(2, 500);
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync(
            "m/one",
            headers: HeaderSet.Of("Helicone-Retry-Enabled: true | helicone-retry-min-timeout: 1 | Helicone-RateLimit-Policy: 10;w=60"));

        Assert.Equal("9", response.Header("Helicone-RateLimit-Remaining"));
    }

    [Fact]
    public async Task ClientThatLeaves_EndsTheRetries()
    {
        FakeTimeProvider time = new();
        await using FakeUpstream upstream = await FakeUpstream.RefusingAsync(500, "No.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)), change: o => o with { TimeProvider = time });
        using System.Threading.CancellationTokenSource leaving = new();
        using HttpRequestMessage request = new(HttpMethod.Post, "v1/chat/completions") { Content = new StringContent("""{"model":"m/one"}""") };
        request.Headers.Add("Helicone-Retry-Enabled", "true");
        Task<HttpResponseMessage> call = gateway.Http.SendAsync(request, leaving.Token);
        while (upstream.Received.Count == 0)
        {
            await Task.Delay(10);
        }

        // The pause uses a clock that doesn't advance: only leaving ends it.
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        while (LoggedCalls.Of(gateway).Count == 0)
        {
            await Task.Delay(10);
        }

        Assert.Equal(-3, Assert.Single(LoggedCalls.Of(gateway)).Status);
        Assert.Single(upstream.Received);
    }

    [Theory]
    [InlineData("Helicone-Retry-Enabled: true", 5, 1000, 2000, 10_000)]
    [InlineData("Helicone-Retry-Enabled: true | helicone-retry-num: 2 | helicone-retry-factor: 3 | helicone-retry-min-timeout: 10 | helicone-retry-max-timeout: 50", 2, 10, 20, 50)]
    [InlineData("Helicone-Retry-Enabled: true | helicone-retry-num: many | helicone-retry-min-timeout: -5 | helicone-retry-max-timeout: NaN", 5, 0, 0, 10_000)]
    public void Pauses_GrowUpToTheirBound(string headers, int count, int least, int most, int bound)
    {
        RetrySettings settings = RetrySettings.Of(new HeaderDictionary(HeaderSet.Of(headers).ToDictionary(h => h.Key, h => new Microsoft.Extensions.Primitives.StringValues(h.Value), StringComparer.OrdinalIgnoreCase)))!;

        Assert.Equal(count, settings.Count);
        Assert.InRange(settings.DelayBefore(0).TotalMilliseconds, least, most);
        Assert.Equal(least == 0 ? 0 : bound, settings.DelayBefore(50).TotalMilliseconds);
    }

    private static Task<FakeUpstream> FailingAsync(int times, int status)
    {
        int calls = 0;
        return FakeUpstream.StartAsync(context => System.Threading.Interlocked.Increment(ref calls) <= times
            ? FakeUpstream.WriteJsonAsync(context, status, """{"error":{"message":"Not yet."}}""")
            : FakeUpstream.WriteJsonAsync(context, 200, """{"choices":[{"message":{"content":"Yes."}}]}"""));
    }
}
