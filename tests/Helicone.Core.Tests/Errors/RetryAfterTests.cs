using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.Core.Tests.Errors;

public class RetryAfterTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 3, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("Retry-After", "7", 7.0)]
    [InlineData("Retry-After", "0.25", 0.25)]
    [InlineData("Retry-After", "0", 0.0)]
    [InlineData("Retry-After", "-5", 0.0)]
    [InlineData("Retry-After", "Sun, 01 Mar 2026 03:00:30 GMT", 30.0)]
    [InlineData("Retry-After", "Sunday, 01-Mar-26 03:00:30 GMT", 30.0)]
    [InlineData("Retry-After", "Sat, 28 Feb 2026 03:00:30 GMT", 0.0)]
    [InlineData("Retry-After", "99999999999999999999", 31536000.0)]
    [InlineData("Retry-After", "1e400", 31536000.0)]
    [InlineData("Retry-After", "NaN", null)]
    [InlineData("Retry-After", "soon", null)]
    [InlineData("Retry-After", "", null)]
    [InlineData("retry-after-ms", "1500", 1.5)]
    [InlineData("retry-after-ms", "-1", 0.0)]
    [InlineData("retry-after-ms", "x", null)]
    [InlineData("Helicone-RateLimit-Reset", "42", 42.0)]
    [InlineData("Helicone-RateLimit-Reset", "never", null)]
    public async Task EveryForm_IsRead(string header, string value, double? seconds)
    {
        await using RawServer server = new(exchange => exchange.RespondAsync(429, "{}", "application/json", $"{header}: {value}", "x-should-retry: false"));

        HeliconeException e = await Clients.FailAsync(server.Uri, null, o => o with { TimeProvider = new FakeTimeProvider(s_now) });

        Assert.Equal(seconds, e.RetryAfter?.TotalSeconds);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task Milliseconds_WinOverSeconds_AndBothOverTheReset()
    {
        await using RawServer server = new(exchange => exchange.RespondAsync(429, "{}", "application/json", "Helicone-RateLimit-Reset: 9", "Retry-After: 5", "retry-after-ms: 2000", "x-should-retry: false"));

        Assert.Equal(TimeSpan.FromSeconds(2), (await Clients.FailAsync(server.Uri)).RetryAfter);
    }

    [Fact]
    public async Task Reset_OfARateLimit_SaysNothingAboutOtherFailures()
    {
        await using RawServer server = new(exchange => exchange.RespondAsync(503, "{}", "application/json", "Helicone-RateLimit-Reset: 9"));

        Assert.Null((await Clients.FailAsync(server.Uri, new RequestOptions { MaxRetries = 0 })).RetryAfter);
    }

    [Theory]
    [InlineData(429, "true", 3)]
    [InlineData(429, "false", 1)]
    [InlineData(500, "False", 1)]
    [InlineData(400, "true", 3)]
    [InlineData(401, "True", 3)]
    [InlineData(400, "maybe", 1)]
    [InlineData(500, "maybe", 3)]
    public async Task XShouldRetry_WinsOverTheStatus(int status, string value, int requests)
    {
        await using RawServer server = new(exchange => exchange.RespondAsync(status, "{}", "application/json", "x-should-retry: " + value));

        HeliconeException e = await Clients.FailAsync(server.Uri);

        Assert.Equal(requests, server.Requests);
        Assert.Equal(requests > 1, e.IsTransient);
    }

    [Theory]
    [InlineData("61", "61 s")]
    [InlineData("600", "10 min")]
    [InlineData("7201", "3 h")]
    [InlineData("99999999999", "365 days")]
    public async Task MoreThanAMinute_FailsAtOnce_AndSaysWhenToComeBack(string value, string words)
    {
        await using RawServer server = new(exchange => exchange.RespondAsync(429, """{"error":"Slow down"}""", "application/json", "Retry-After: " + value));

        HeliconeException e = await Clients.FailAsync(server.Uri).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(1, server.Requests);
        Assert.Equal($"Slow down (429). The server requests a wait of {words}.", e.Message);
        Assert.Null(Assert.Single(e.Attempts).Wait);
        Assert.True(e.IsTransient);
    }

    [Fact]
    public async Task MoreThanTheTimeThatIsLeft_FailsAtOnce()
    {
        await using RawServer server = new(exchange => exchange.RespondAsync(429, "{}", "application/json", "Retry-After: 30"));

        HeliconeException e = await Clients.FailAsync(server.Uri, new RequestOptions { TotalTimeout = TimeSpan.FromSeconds(20) }).WaitAsync(TimeSpan.FromSeconds(15));

        Assert.Equal(HeliconeErrorKind.RateLimited, e.Kind);
        Assert.Equal(1, server.Requests);
    }
}
