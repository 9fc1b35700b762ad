using System;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;
using Helicone.LocalGateway.Tests.Query;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Tests.Log;

/// <summary>A disk that is really full, not a limit that simulates it.</summary>
public class FullDiskTests
{
    [TmpfsFact]
    public async Task DiskThatFillsWhileAProviderAnswers_IsNamed_IsFinal_AndNoFurtherProviderIsAsked()
    {
        using SmallDisk disk = new(40);
        bool fills = false;
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(async context =>
        {
            if (Volatile.Read(ref fills))
            {
                disk.Fill();
            }

            await FakeUpstream.WriteJsonAsync(context, 200, $$"""{"choices":[{"index":0,"message":{"role":"assistant","content":"{{new string('b', 200_000)}}"},"finish_reason":"stop"}]}""");
        });
        await using TestGateway gateway = await StartAsync(upstream, disk);
        string before = await IdAsync(await gateway.ChatAsync("m/one"), 200);

        Volatile.Write(ref fills, true);
        await AssertFullAsync(await gateway.ChatAsync("m/one"), disk);
        HttpResponseMessage[] later = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => gateway.ChatAsync("m/one", stream: i % 2 == 0)));
        foreach (HttpResponseMessage response in later)
        {
            await AssertFullAsync(response, disk);
        }

        // One answer was paid for and lost; no other was asked for.
        Assert.Equal(2, upstream.Received.Count);

        Volatile.Write(ref fills, false);
        disk.Free();
        string after = await UntilItWorksAsync(gateway);
        Assert.Equal([before, after], (await gateway.QueryAsync()).Select(r => r.GetProperty("request_id").GetString()));
    }

    [TmpfsFact]
    public async Task DiskThatFillsDuringAStream_EndsItWithTheCause_AndWithoutItsEnd()
    {
        using SmallDisk disk = new(40);
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync($$$"""data: {"choices":[{"index":0,"delta":{"content":"{{{new string('b', 200_000)}}}"}}]}""" + "\n\n");
            await context.Response.Body.FlushAsync();
            disk.Fill();
            await context.Response.WriteAsync("""data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\ndata: [DONE]\n\n");
        });
        await using TestGateway gateway = await StartAsync(upstream, disk);

        const string Body = """{"model":"m/one","stream":true,"messages":[]}""";
        string answer = await gateway.SendRawAsync(FormattableString.Invariant(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: {gateway.Uri.Authority}\r\nAuthorization: {gateway.Http.DefaultRequestHeaders.Authorization}\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"));

        Assert.Contains("log_unavailable", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", answer, StringComparison.Ordinal);
    }

    private static Task<TestGateway> StartAsync(FakeUpstream upstream, SmallDisk disk) =>
        TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)), change: o => o with { DatabasePath = Path.Combine(disk.Folder, "helicone.db") });

    private static async Task AssertFullAsync(HttpResponseMessage response, SmallDisk disk)
    {
        using (response)
        {
            string body = await response.TextAsync();
            Assert.Equal((507, "false"), ((int)response.StatusCode, response.Header("x-should-retry")));
            using JsonDocument json = JsonDocument.Parse(body);
            JsonElement error = json.RootElement.GetProperty("error");
            Assert.Equal("log_unavailable", error.GetProperty("code").GetString());
            Assert.StartsWith($"The log '{Path.Combine(disk.Folder, "helicone.db")}' cannot be written: the disk is full.", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    private static async Task<string> IdAsync(HttpResponseMessage response, int status)
    {
        using (response)
        {
            await response.TextAsync();
            Assert.Equal(status, (int)response.StatusCode);
            return response.Header("Helicone-Id")!;
        }
    }

    /// <summary>The id of the first call that is answered again.</summary>
    private static async Task<string> UntilItWorksAsync(TestGateway gateway)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        while (true)
        {
            using HttpResponseMessage response = await gateway.ChatAsync("m/one");
            await response.TextAsync();
            if ((int)response.StatusCode == 200)
            {
                return response.Header("Helicone-Id")!;
            }

            await Task.Delay(50, patience.Token);
        }
    }
}
