using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.Attribution;
using Helicone.LocalGateway.Hosting;
using Helicone.LocalGateway.RateLimits;
using Helicone.LocalGateway.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.LocalGateway.Tests.RateLimits;

public sealed class RateLimitTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task CallsWithinTheLimit_AreToldWhatIsLeft()
    {
        await using TestGateway gateway = await StartAsync();

        using HttpResponseMessage first = await AskAsync(gateway, "2;w=60");
        using HttpResponseMessage second = await AskAsync(gateway, "2;w=60");

        Assert.Equal(("2", "1", "2;w=60", "30"), HeadersOf(first));
        Assert.Equal(("2", "0", "2;w=60", "60"), HeadersOf(second));
        Assert.Null(second.Header("X-Helicone-Error"));
    }

    [Fact]
    public async Task CallOverTheLimit_Gets429InTheGatewaysEnvelope()
    {
        await using FakeUpstream upstream = await FakeUpstream.CountingAsync();
        await using TestGateway gateway = await StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl), ("two", upstream.BaseUrl)));
        using HttpResponseMessage first = await AskAsync(gateway, "1;w=60", "m/one,m/two");

        using HttpResponseMessage refused = await AskAsync(gateway, "1;w=60", "m/one,m/two");

        JsonElement error = (await refused.JsonAsync()).GetProperty("error");
        JsonElement detail = Assert.Single(error.GetProperty("details").EnumerateArray());
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("rate_limited", error.GetProperty("code").GetString());
        Assert.Equal("rate_limited", refused.Header("X-Helicone-Error"));
        Assert.Equal(("1", "0", "1;w=60", "60"), HeadersOf(refused));
        Assert.Equal(("rate_limited", 429, "m/one/byok"), (detail.GetProperty("type").GetString(), detail.GetProperty("statusCode").GetInt32(), detail.GetProperty("source").GetString()));
        Assert.Contains("60 seconds", detail.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Single(upstream.Received);
    }

    [Fact]
    public async Task Limit_FillsAgainEvenly()
    {
        await using TestGateway gateway = await StartAsync();
        for (int i = 0; i < 6; i++)
        {
            using HttpResponseMessage allowed = await AskAsync(gateway, "6;w=60");
            Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        }

        using HttpResponseMessage tooEarly = await AskAsync(gateway, "6;w=60");
        _time.Advance(TimeSpan.FromSeconds(9.5));
        using HttpResponseMessage stillTooEarly = await AskAsync(gateway, "6;w=60");
        _time.Advance(TimeSpan.FromSeconds(0.6));
        using HttpResponseMessage inTime = await AskAsync(gateway, "6;w=60");
        _time.Advance(TimeSpan.FromHours(1));
        using HttpResponseMessage full = await AskAsync(gateway, "6;w=60");

        Assert.Equal((429, 429, 200), ((int)tooEarly.StatusCode, (int)stillTooEarly.StatusCode, (int)inTime.StatusCode));
        Assert.Equal("5", full.Header("Helicone-RateLimit-Remaining"));
    }

    [Fact]
    public async Task Reset_IsRoundedUp_SoThatNobodyComesBackTooEarly()
    {
        await using TestGateway gateway = await StartAsync();

        // One of 49 a minute is there again after 1.22 seconds.
        using HttpResponseMessage first = await AskAsync(gateway, "49;w=60");
        Assert.Equal("2", first.Header("Helicone-RateLimit-Reset"));

        _time.Advance(TimeSpan.FromSeconds(2));
        using HttpResponseMessage next = await AskAsync(gateway, "49;w=60");
        Assert.Equal("48", Remaining(next));
    }

    [Fact]
    public async Task RefusedCalls_UseNothingUp()
    {
        await using TestGateway gateway = await StartAsync();
        using HttpResponseMessage first = await AskAsync(gateway, "1;w=60");
        for (int i = 0; i < 10; i++)
        {
            using HttpResponseMessage refused = await AskAsync(gateway, "1;w=60");
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        }

        _time.Advance(TimeSpan.FromSeconds(60));

        using HttpResponseMessage again = await AskAsync(gateway, "1;w=60");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Theory]
    [InlineData("5;w=60", "5;w=60")]
    [InlineData(" 5;w=60 ", "5;w=60")]
    [InlineData("5;W=60;U=Request;S=User", "5;w=60;s=user")]
    [InlineData("5;w=60;u=request", "5;w=60")]
    [InlineData("5;w=60;u=cents", "5;w=60;u=cents")]
    [InlineData("5;w=60;s=Team-Name", "5;w=60;s=team-name")]
    [InlineData("5;w=31536000;u=cents;s=user", "5;w=31536000;u=cents;s=user")]
    public async Task Policy_IsReadAndRebuilt(string policy, string rebuilt)
    {
        await using TestGateway gateway = await StartAsync();

        using HttpResponseMessage response = await AskAsync(gateway, policy, more: "Helicone-User-Id: u | Helicone-Property-Team-Name: t");

        Assert.Equal(rebuilt, response.Header("Helicone-RateLimit-Policy"));
        Assert.Equal("5", response.Header("Helicone-RateLimit-Limit"));
    }

    [Theory]
    [InlineData("basic-100")]
    [InlineData("0;w=60")]
    [InlineData("1;w=59")]
    [InlineData("1;w=31536001")]
    [InlineData("1;s=user;w=60")]
    [InlineData("1;w=60;s=user;u=request")]
    [InlineData("1;w=60;u=dollars")]
    [InlineData("1; w=60")]
    [InlineData("1;w=60;s=user")]
    [InlineData("1;w=60;s=team")]
    public async Task PolicyThatCannotBeApplied_LimitsNobody_AndSaysNothing(string policy)
    {
        await using TestGateway gateway = await StartAsync();

        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await AskAsync(gateway, policy);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.DoesNotContain(response.Headers, h => h.Key.StartsWith("Helicone-RateLimit", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task WrongHeaderName_IsNotRead()
    {
        await using TestGateway gateway = await StartAsync();
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o", headers: HeaderSet.Of("Helicone-Rate-Limit-Policy: 1;w=60"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Null(response.Header("Helicone-RateLimit-Policy"));
        }
    }

    [Theory]
    [InlineData("1;w=60;s=user", "Helicone-User-Id: a", "Helicone-User-Id: b")]
    [InlineData("1;w=60;s=team", "Helicone-Property-Team: a", "HELICONE-PROPERTY-TEAM: b")]
    public async Task Segments_HaveTheirLimitEach(string policy, string first, string second)
    {
        await using TestGateway gateway = await StartAsync();

        using HttpResponseMessage a = await AskAsync(gateway, policy, more: first);
        using HttpResponseMessage b = await AskAsync(gateway, policy, more: second);
        using HttpResponseMessage aAgain = await AskAsync(gateway, policy, more: first);
        using HttpResponseMessage everybody = await AskAsync(gateway, "1;w=60", more: first);

        Assert.Equal((200, 200, 429, 200), ((int)a.StatusCode, (int)b.StatusCode, (int)aAgain.StatusCode, (int)everybody.StatusCode));
    }

    [Fact]
    public async Task OtherPolicyForTheSameSegment_KeepsWhatIsLeft()
    {
        await using TestGateway gateway = await StartAsync();

        using HttpResponseMessage ten = await AskAsync(gateway, "10;w=60");
        using HttpResponseMessage three = await AskAsync(gateway, "3;w=60");
        using HttpResponseMessage tenAgain = await AskAsync(gateway, "10;w=60");

        Assert.Equal(("9", "2", "1"), (Remaining(ten), Remaining(three), Remaining(tenAgain)));
    }

    [Fact]
    public async Task Hit_DoesNotConsumeTheLimit()
    {
        await using TestGateway gateway = await StartAsync();
        const string Cached = "Helicone-Cache-Enabled: true";

        using HttpResponseMessage miss = await AskAsync(gateway, "1;w=60", more: Cached);
        using HttpResponseMessage hit = await AskAsync(gateway, "1;w=60", more: Cached);
        using HttpResponseMessage other = await AskAsync(gateway, "1;w=60", more: Cached + " | Helicone-Cache-Seed: x");

        Assert.Equal(("MISS", "0"), (miss.Header("Helicone-Cache"), Remaining(miss)));
        Assert.Equal(("HIT", null), (hit.Header("Helicone-Cache"), Remaining(hit)));
        Assert.Equal(HttpStatusCode.TooManyRequests, other.StatusCode);
    }

    [Fact]
    public async Task EachAttempt_Counts_ButNotOneThatCannotBeMade()
    {
        await using FakeUpstream failing = await FakeUpstream.RefusingAsync(500, "No.");
        await using FakeUpstream working = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await StartAsync(GatewayJsonText.Providers(("one", failing.BaseUrl), ("two", working.BaseUrl)));

        using HttpResponseMessage fallback = await AskAsync(gateway, "10;w=60", "m/one,m/two");
        using HttpResponseMessage missing = await AskAsync(gateway, "10;w=60", "gpt-4o/openai,m/two");

        Assert.Equal(("8", "7"), (Remaining(fallback), Remaining(missing)));
    }

    [Fact]
    public async Task ParallelCalls_NeverGetMoreThanThereIs()
    {
        await using TestGateway gateway = await StartAsync();

        HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => AskAsync(gateway, "25;w=60")));

        Assert.Equal(25, responses.Count(r => r.StatusCode == HttpStatusCode.OK));
        Assert.Equal(75, responses.Count(r => r.StatusCode == HttpStatusCode.TooManyRequests));
        foreach (HttpResponseMessage response in responses)
        {
            response.Dispose();
        }
    }

    [Fact]
    public async Task Counters_SurviveARestart()
    {
        await using TestGateway gateway = await StartAsync();
        using HttpResponseMessage before = await AskAsync(gateway, "5;w=3600;s=user", more: "Helicone-User-Id: a");

        await gateway.RestartAsync();

        using HttpResponseMessage after = await AskAsync(gateway, "5;w=3600;s=user", more: "Helicone-User-Id: a");
        Assert.Equal(("4", "3"), (Remaining(before), Remaining(after)));
    }

    [Fact]
    public async Task CountersThatCannotBeKept_AreCountedAllTheSame()
    {
        await using TestGateway gateway = await StartAsync(change: o =>
        {
            Directory.CreateDirectory(StateFile.Beside(o.DatabasePath!, "limits"));
            return o;
        });

        using HttpResponseMessage first = await AskAsync(gateway, "1;w=60");
        using HttpResponseMessage second = await AskAsync(gateway, "1;w=60");

        Assert.Equal((200, 429), ((int)first.StatusCode, (int)second.StatusCode));
    }

    [Fact]
    public async Task CountersThatCouldNotBeSaved_AreSavedLater()
    {
        string folder = Directory.CreateTempSubdirectory("helicone-limits-").FullName;
        try
        {
            string path = Path.Combine(folder, "helicone.limits.db");
            HeaderDictionary headers = new() { ["Helicone-RateLimit-Policy"] = "5;w=3600" };
            FailureSignal failure = new();
            await using (RateLimiter limiter = new(path, TimeProvider.System, failure))
            {
                using SqliteConnection other = new($"Data Source={path};Pooling=False");
                other.Open();
                Execute(other, "BEGIN IMMEDIATE");
                Assert.Equal(4, limiter.Admit(headers)!.Remaining);

                await failure.Seen.WaitAsync(TimeSpan.FromMinutes(1));
                Execute(other, "ROLLBACK");
            }

            await using RateLimiter next = new(path, TimeProvider.System, failure);
            Assert.Equal(3, next.Admit(headers)!.Remaining);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void ClockThatIsSetBack_DoesNotStopTheRefill()
    {
        RateLimitPolicy policy = RateLimitPolicy.Parse("60;w=60");
        DateTimeOffset now = DateTimeOffset.UnixEpoch.AddYears(60);
        TokenBucket bucket = TokenBucket.Full(policy, now);
        bucket.Take(policy, 60);

        bucket.Refill(policy, now.AddHours(-2));
        double back = bucket.Tokens;
        bucket.Refill(policy, now.AddHours(-2).AddSeconds(10));

        Assert.Equal(0, back);
        Assert.Equal(10, bucket.Tokens, 3);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is this file's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private async Task<TestGateway> StartAsync(string? configuration = null, Func<GatewayOptions, GatewayOptions>? change = null) =>
        await TestGateway.StartAsync(configuration, change: o => (change?.Invoke(o) ?? o) with { TimeProvider = _time });

    private static Task<HttpResponseMessage> AskAsync(TestGateway gateway, string policy, string model = "gpt-4o", string more = "")
    {
        Dictionary<string, string> headers = HeaderSet.Of(more);
        headers["Helicone-RateLimit-Policy"] = policy;
        return gateway.ChatAsync(model, headers: headers);
    }

    private static string? Remaining(HttpResponseMessage response) => response.Header("Helicone-RateLimit-Remaining");

    private static (string? Limit, string? Remaining, string? Policy, string? Reset) HeadersOf(HttpResponseMessage response) => (
        response.Header("Helicone-RateLimit-Limit"),
        Remaining(response),
        response.Header("Helicone-RateLimit-Policy"),
        response.Header("Helicone-RateLimit-Reset"));

    /// <summary>Completes when the counters could not be kept.</summary>
    private sealed class FailureSignal : ILogger
    {
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Seen => _seen.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 31)
            {
                _seen.TrySetResult();
            }
        }
    }
}
