using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Tests.Providers;

public sealed class StreamTests
{
    [Fact]
    public async Task Chunk_ReachesTheClientBeforeTheNextIsSent()
    {
        // The upstream sends each chunk only after the client has read the one before: any buffering would hang here.
        TaskCompletionSource[] seen = [new(), new(), new()];
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync();
            for (int i = 0; i < seen.Length; i++)
            {
                await context.Response.WriteAsync($"data: {{\"chunk\":{i}}}\n\n");
                await context.Response.Body.FlushAsync();
                await seen[i].Task.WaitAsync(context.RequestAborted);
            }

            await context.Response.WriteAsync("data: [DONE]\n\n");
        });
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        for (int i = 0; i < seen.Length; i++)
        {
            Assert.Equal($"data: {{\"chunk\":{i}}}", await reader.ReadLineAsync());
            Assert.Equal(string.Empty, await reader.ReadLineAsync());
            seen[i].SetResult();
        }

        Assert.Equal("data: [DONE]\n\n", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task Headers_ReachTheClientWithTheFirstEvent()
    {
        TaskCompletionSource seen = new();
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(": an event that is an error still lets the next provider answer\n\n");
            await context.Response.WriteAsync("data: {}\n\n");
            await context.Response.Body.FlushAsync();
            await seen.Task.WaitAsync(context.RequestAborted);
        });
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true);
        seen.SetResult();

        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("one", response.Header("helicone-provider"));
        Assert.Equal(["{}", "[DONE]"], await response.EventsAsync());
    }

    [Fact]
    public async Task OnlyDataLines_AreRelayed()
    {
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync(
            ": a comment\n\n",
            "event: message\nid: 7\nretry: 10\ndata: {\"a\":1}\n\n",
            "data:{\"no\":\"space\"}\n\n",
            "\n\n\ndata:\ndata: \n\n",
            "data: {\"error\":{\"message\":\"in band\"}}\n\n",
            "data: [DONE]\n\ndata: {\"after\":\"the end\"}\n\n");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true);

        Assert.Equal(["{\"a\":1}", "{\"no\":\"space\"}", "{\"error\":{\"message\":\"in band\"}}", "[DONE]"], await response.EventsAsync());
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task AnyEndOfLine_AnySplit_GivesTheSameEvents(string newLine)
    {
        string text = string.Join(newLine, "event: x", "data: {\"text\":\"é — 日本語 🌊\"}", "", "data: {\"b\":2}", "", "data: [DONE]", "", "");
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            int cut = int.Parse(context.Request.Headers["x-cut"].ToString(), System.Globalization.CultureInfo.InvariantCulture);
            await context.Response.Body.WriteAsync(bytes.AsMemory(0, cut));
            await context.Response.Body.FlushAsync();
            await context.Response.Body.WriteAsync(bytes.AsMemory(cut));
        });
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            Dictionary<string, string> headers = new() { ["x-cut"] = cut.ToString(System.Globalization.CultureInfo.InvariantCulture) };
            using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true, headers: headers);
            Assert.Equal(["{\"text\":\"é — 日本語 🌊\"}", "{\"b\":2}", "[DONE]"], await response.EventsAsync());
        }
    }

    [Theory]
    [InlineData("data: {\"a\":1}\n\n", new[] { "{\"a\":1}", "[DONE]" })]
    [InlineData("data: {\"a\":1}\n\ndata: {\"b\":2}", new[] { "{\"a\":1}", "{\"b\":2}", "[DONE]" })]
    [InlineData("data: {\"a\":1}\n\ndata: {\"b\":", new[] { "{\"a\":1}", "[DONE]" })]
    [InlineData("data: {\"a\":1}\n\ndata: [DONE]", new[] { "{\"a\":1}", "[DONE]" })]
    public async Task UpstreamThatJustEnds_GetsItsDone(string sent, string[] events)
    {
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync(sent);
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true);

        Assert.Equal(events, await response.EventsAsync());
    }

    [Fact]
    public async Task UpstreamThatBreaks_BreaksTheClientsBodyTooAfterAllThatCame()
    {
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"a\":1}\n\n");
            await context.Response.Body.FlushAsync();
            throw new IOException("The upstream breaks.");
        });
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl), ("two", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one,m/two", stream: true);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("data: {\"a\":1}", await reader.ReadLineAsync());
        await Assert.ThrowsAnyAsync<IOException>(() => reader.ReadToEndAsync());
        Assert.Single(upstream.Received);
    }

    [Fact]
    public async Task LineLongerThanAnyBuffer_ArrivesWhole()
    {
        string image = new('A', 3_000_000);
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync($"data: {{\"image\":\"{image}\"}}\n\n", "data: [DONE]\n\n");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true);

        Assert.Equal([$"{{\"image\":\"{image}\"}}", "[DONE]"], await response.EventsAsync());
    }

    [Fact]
    public async Task ClientThatLeaves_EndsTheUpstreamsCallToo()
    {
        TaskCompletionSource left = new();
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(async context =>
        {
            using IDisposable registration = context.RequestAborted.Register(left.SetResult);
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {}\n\n");
            await context.Response.Body.FlushAsync();
            await left.Task;
        });
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using (HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true))
        {
            using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
            Assert.Equal("data: {}", await reader.ReadLineAsync());
        }

        await left.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task WholeAnswerToAStreamedCall_IsPassedOnAsItIs()
    {
        await using FakeUpstream upstream = await FakeUpstream.AnsweringAsync("Whole.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true);

        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("Whole.", (await response.JsonAsync()).Content());
    }

    [Fact]
    public async Task NoMapping_RelaysTheStreamByteForByte()
    {
        const string Sent = "event: message_start\ndata: {\"type\":\"message_start\"}\n\n: ping\r\n\r\nevent: message_stop\ndata: {}\n\n";
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync(Sent);
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true, headers: new Dictionary<string, string> { ["Helicone-Gateway-Body-Mapping"] = "NO_MAPPING" });

        Assert.Equal(Sent, await response.TextAsync());
        Assert.False(Assert.Single(upstream.Received).Json.TryGetProperty("stream_options", out _));
    }
}
