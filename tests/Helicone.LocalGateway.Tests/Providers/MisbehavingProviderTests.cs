using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Tests.Providers;

/// <summary>Providers that answer 200 and mean something else, or nothing at all.</summary>
public sealed class MisbehavingProviderTests
{
    private static readonly Dictionary<string, string> s_noMapping = new() { ["Helicone-Gateway-Body-Mapping"] = "NO_MAPPING" };

    [Theory]
    [InlineData("<html><body>Maintenance</body></html>", "one sent a web page instead of an answer.")]
    [InlineData("{\"choices\":[{\"message\":{\"content\":\"Hal", "one sent an answer that isn't complete JSON.")]
    [InlineData("{\"choices\":[{\"message\":{}}]} and more", "one sent an answer that isn't complete JSON.")]
    [InlineData("", "one sent an empty answer.")]
    [InlineData(" \n", "one sent an empty answer.")]
    [InlineData("null", "one sent JSON that isn't an answer.")]
    [InlineData("{\"choices\":[]}", "one sent JSON without a completion in it.")]
    [InlineData("{\"choices\":[{\"text\":\"Old.\"}]}", "one sent JSON without a completion in it.")]
    [InlineData("{\"error\":{\"message\":\"Out of service\"}}", "Out of service")]
    [InlineData("{\"error\":\"Out of service\",\"choices\":[{\"message\":{}}]}", "Out of service")]
    [InlineData("{\"choices\":[{\"message\":{\"content\":\"H\"},\"finish_reason\":\"error\",\"error\":{\"message\":\"Out of service\"}}]}", "Out of service")]
    public async Task AnswerThatIsNone_IsAFailedAttempt(string body, string message)
    {
        await using FakeUpstream misbehaving = await FakeUpstream.StartAsync(context => FakeUpstream.WriteJsonAsync(context, 200, body));
        await using FakeUpstream working = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", misbehaving.BaseUrl), ("two", working.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one,m/two");
        using HttpResponseMessage alone = await gateway.ChatAsync("m/one", stream: true);

        Assert.Equal("Yes.", (await response.JsonAsync()).Content());
        Assert.Equal(HttpStatusCode.InternalServerError, alone.StatusCode);
        Assert.Equal((message, 502), await DetailOf(alone));
    }

    [Theory]
    [InlineData("<html></html>")]
    [InlineData("{\"content\":[{\"te")]
    [InlineData("")]
    [InlineData("{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}")]
    public async Task NativeAnswerThatIsNone_IsAFailedAttemptToo(string body)
    {
        await using FakeUpstream misbehaving = await FakeUpstream.StartAsync(context => FakeUpstream.WriteJsonAsync(context, 200, body));
        await using FakeUpstream working = await FakeUpstream.StartAsync(context => FakeUpstream.WriteJsonAsync(context, 200, """{"native":true}"""));
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", misbehaving.BaseUrl), ("two", working.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one,m/two", headers: s_noMapping);

        Assert.Equal("""{"native":true}""", await response.TextAsync());
    }

    [Theory]
    [InlineData("data: {\"error\":{\"message\":\"Overloaded\",\"code\":529}}\n\n", "Overloaded", 529)]
    [InlineData(": ping\n\nevent: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"Slow down\"}}\n\n", "Slow down", 429)]
    [InlineData("data: <html>\n\n", "one began its stream with an event that isn't JSON.", 502)]
    [InlineData("data: [DONE]\n\n", "one ended its stream before the first event.", 502)]
    [InlineData("<html></html>", "one ended its stream before the first event.", 502)]
    [InlineData("", "one ended its stream before the first event.", 502)]
    public async Task StreamThatBeginsWithItsEnd_IsAFailedAttempt(string sent, string message, int status)
    {
        await using FakeUpstream misbehaving = await FakeUpstream.StreamingAsync(sent);
        await using FakeUpstream working = await FakeUpstream.StreamingAsync("data: {\"choices\":[]}\n\n", "data: [DONE]\n\n");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", misbehaving.BaseUrl), ("two", working.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one,m/two", stream: true);
        using HttpResponseMessage raw = await gateway.ChatAsync("m/one,m/two", stream: true, headers: s_noMapping);
        using HttpResponseMessage alone = await gateway.ChatAsync("m/one", stream: true);

        Assert.Equal("two", response.Header("helicone-provider"));
        Assert.Equal(["{\"choices\":[]}", "[DONE]"], await response.EventsAsync());
        Assert.Equal("two", raw.Header("helicone-provider"));
        Assert.Equal((message, status), await DetailOf(alone));
    }

    [Fact]
    public async Task StreamThatBreaksBeforeItsFirstEvent_IsAFailedAttempt()
    {
        await using FakeUpstream breaking = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(": wait\n\n");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        await using FakeUpstream working = await FakeUpstream.StreamingAsync("data: {\"choices\":[]}\n\n");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", breaking.BaseUrl), ("two", working.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one,m/two", stream: true);

        Assert.Equal("two", response.Header("helicone-provider"));
    }

    [Theory]
    [InlineData(false, "headers", "headerTimeout")]
    [InlineData(true, "headers", "headerTimeout")]
    [InlineData(true, "first event", "idleTimeout")]
    [InlineData(false, "rest", "idleTimeout")]
    [InlineData(false, "rest of an error", "idleTimeout")]
    public async Task SilentProvider_IsAFailedAttempt_AndTheNextIsAsked(bool stream, string missing, string setting)
    {
        await using FakeUpstream silent = await FakeUpstream.StartAsync(context => StaySilentAsync(context, missing));
        await using FakeUpstream working = await FakeUpstream.AnsweringAsync("Yes.");
        await using TestGateway gateway = await TestGateway.StartAsync($$"""
            { "providers": [
                { "name": "one", "baseUrl": "{{silent.BaseUrl}}", "{{setting}}": "300ms" },
                { "name": "two", "baseUrl": "{{working.BaseUrl}}" } ] }
            """);

        using HttpResponseMessage response = await gateway.ChatAsync("m/one,m/two", stream: stream);
        using HttpResponseMessage alone = await gateway.ChatAsync("m/one", stream: stream);

        Assert.Equal("Yes.", (await response.JsonAsync()).Content());
        (string text, int status) = await DetailOf(alone);
        Assert.Equal(missing == "rest of an error" ? 503 : 504, status);
        Assert.True(missing == "rest of an error" || text.Contains("within 0.3 s", StringComparison.Ordinal), text);
    }

    [Fact]
    public async Task ProviderThatFallsSilentAmidItsStream_EndsTheClientsStreamAsBroken()
    {
        await using FakeUpstream silent = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"a\":1}\n\n");
            await StaySilentAsync(context, "rest");
        });
        await using TestGateway gateway = await TestGateway.StartAsync($$"""{ "providers": [ { "name": "one", "baseUrl": "{{silent.BaseUrl}}", "idleTimeout": "300ms" } ] }""");

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true);

        await Assert.ThrowsAnyAsync<Exception>(() => response.TextAsync().WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(500, Assert.Single(LoggedCalls.Of(gateway)).Status);
    }

    [Theory]
    [InlineData("Retry-After", "7", "7")]
    [InlineData("Retry-After", "2.5", "3")]
    [InlineData("retry-after-ms", "1200", "2")]
    [InlineData("Retry-After", "nonsense", null)]
    [InlineData("Retry-After", "-1", null)]
    public async Task RetryAfter_IsPassedOn(string header, string value, string? expected)
    {
        await using FakeUpstream limited = await FakeUpstream.StartAsync(context =>
        {
            context.Response.Headers[header] = value;
            return FakeUpstream.WriteJsonAsync(context, 429, """{"error":{"message":"Slow down."}}""");
        });
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", limited.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one");

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(expected, response.Header("Retry-After"));
    }

    [Fact]
    public async Task RetryAfter_OfSeveral_IsTheSoonest()
    {
        FakeUpstream[] limited = [await LimitedAsync(TimeSpan.FromSeconds(90)), await LimitedAsync(TimeSpan.FromSeconds(20))];
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", limited[0].BaseUrl), ("two", limited[1].BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one,m/two");

        Assert.InRange(int.Parse(response.Header("Retry-After")!, CultureInfo.InvariantCulture), 18, 21);
        foreach (FakeUpstream upstream in limited)
        {
            await upstream.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("\uFEFFdata: {\"a\":1}\n\ndata: [DONE]\n\n")]
    [InlineData("\uFEFF\ndata: {\"a\":1}\n\n")]
    [InlineData("\uFEFFdata: {\"a\":1}")]
    public async Task StreamWithAByteOrderMark_KeepsItsFirstEvent(string sent)
    {
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync(sent);
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true);

        Assert.Equal(["{\"a\":1}", "[DONE]"], await response.EventsAsync());
    }

    [Fact]
    public async Task AnswerWithAByteOrderMark_IsPassedOnWithoutIt()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(context => FakeUpstream.WriteJsonAsync(context, 200, "\uFEFF{\"choices\":[{\"message\":{}}]}"));
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one");

        Assert.Equal((byte)'{', (await response.Content.ReadAsByteArrayAsync())[0]);
    }

    [Fact]
    public async Task LongLineInSmallPieces_IsSearchedOnce()
    {
        const int Length = 24 * 1024 * 1024;
        byte[] text = Encoding.ASCII.GetBytes("data: {\"a\":\"" + new string('x', Length) + "\"}\n\n");
        await using UpstreamStream stream = new(new HttpResponseMessage(), new PiecewiseStream(text, 512)) { ContentType = "text/event-stream" };
        System.Buffers.ArrayBufferWriter<byte> output = new(Length + 1024);
        long started = Stopwatch.GetTimestamp();

        Assert.Null(await stream.BeginAsync(CancellationToken.None));
        while (await stream.ReadEventsAsync(output, CancellationToken.None))
        {
        }

        // Searched from its start with each piece, it takes minutes.
        Assert.Equal(text.Length, output.WrittenCount);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }

    private static Task<FakeUpstream> LimitedAsync(TimeSpan wait) => FakeUpstream.StartAsync(context =>
    {
        context.Response.Headers.RetryAfter = (DateTimeOffset.UtcNow + wait).ToString("R", CultureInfo.InvariantCulture);
        return FakeUpstream.WriteJsonAsync(context, 429, """{"error":{"message":"Slow down."}}""");
    });

    private static async Task StaySilentAsync(HttpContext context, string missing)
    {
        if (missing == "first event")
        {
            context.Response.ContentType = "text/event-stream";
        }
        else if (missing == "rest" && !context.Response.HasStarted)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("{\"choices\":[");
        }
        else if (missing == "rest of an error")
        {
            context.Response.StatusCode = 503;
            await context.Response.WriteAsync("{\"error\":");
        }

        if (missing != "headers")
        {
            await context.Response.Body.FlushAsync();
        }

        try
        {
            await Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The gateway hung up.
        }
    }

    private static async Task<(string Message, int Status)> DetailOf(HttpResponseMessage response)
    {
        JsonElement detail = (await response.JsonAsync()).GetProperty("error").GetProperty("details").EnumerateArray().Single();
        return (detail.GetProperty("message").GetString()!, detail.GetProperty("statusCode").GetInt32());
    }

    private sealed class PiecewiseStream(byte[] text, int piece) : MemoryStream(text)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, piece)], cancellationToken);
    }
}
