using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Tests.Log;

/// <summary>The promise of the log: a call whose answer its client saw whole is in it, once, whatever happened to the gateway.</summary>
/// <remarks>HELICONE_KILL_ROUNDS is the number of rounds; 50 are for a long run, a few for every build.</remarks>
public sealed class KillTests(Xunit.Abstractions.ITestOutputHelper output) : IDisposable
{
    private const int Clients = 8;

    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-kill-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task KilledGateway_LosesNoCallThatWasAnswered()
    {
        int rounds = int.Parse(Environment.GetEnvironmentVariable("HELICONE_KILL_ROUNDS") ?? "5", CultureInfo.InvariantCulture);
        string database = GatewayProcess.DatabaseIn(_folder);
        Random random = new(20250831);
        HashSet<string> answered = [];
        for (int round = 0; round < rounds; round++)
        {
            using GatewayProcess gateway = GatewayProcess.Start(null, "--port", "0", "--database", database);
            JsonElement ready = await gateway.ReadyAsync();
            ConcurrentBag<string> seen = [];
            Task[] clients = [.. Enumerable.Range(0, Clients).Select(i => CallUntilItDiesAsync(ready, streamed: i % 2 == 1, seen))];

            // At a moment that depends on how many were answered, so that a slow machine is killed amid its work too.
            int enough = random.Next(1, 400);
            await WaitAsync(() => seen.Count >= enough);
            gateway.Kill();
            await Task.WhenAll(clients);
            Assert.All(seen, id => Assert.True(answered.Add(id)));
        }

        HashSet<string> logged = Read(database);
        Assert.Empty(answered.Except(logged));
        output.WriteLine($"{rounds} kills, {answered.Count} answers seen whole, {logged.Count} calls in the log.");
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n", "data: [DONE]\n\n")]
    [InlineData("event: message_start\ndata: {\"type\":\"message_start\"}\n\n", "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")]
    public async Task KilledGateway_LosesNoRawStreamWhoseEndWasSeen(string beginning, string end)
    {
        // The provider ends its answer and keeps the connection open: only the end of the answer shows the client that it is complete.
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(beginning);
            await context.Response.Body.FlushAsync();
            await context.Response.WriteAsync(end);
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        });
        string configuration = Path.Combine(_folder, "gateway.json");
        await File.WriteAllTextAsync(configuration, GatewayJsonText.Providers(("one", upstream.BaseUrl)));
        using GatewayProcess gateway = GatewayProcess.Start(null, "--port", "0", "--database", GatewayProcess.DatabaseIn(_folder), "--config", configuration);
        JsonElement ready = await gateway.ReadyAsync();
        using HttpClient client = new() { BaseAddress = new Uri(ready.GetProperty("uri").GetString()!), Timeout = TimeSpan.FromMinutes(1) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ready.GetProperty("key").GetString());
        using HttpRequestMessage request = new(HttpMethod.Post, "v1/chat/completions")
        {
            Content = new StringContent("""{"model":"m/one","stream":true,"messages":[]}""", Encoding.UTF8, "application/json"),
            Headers = { { "Helicone-Gateway-Body-Mapping", "NO_MAPPING" } },
        };

        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        string lastLine = end.TrimEnd().Split('\n')[^1];
        while (await reader.ReadLineAsync() is { } line && line != lastLine)
        {
        }

        gateway.Kill();
        Assert.Equal([response.Headers.GetValues("Helicone-Id").Single()], Read(GatewayProcess.DatabaseIn(_folder)));
    }

    private static async Task CallUntilItDiesAsync(JsonElement ready, bool streamed, ConcurrentBag<string> seen)
    {
        using HttpClient client = new() { BaseAddress = new Uri(ready.GetProperty("uri").GetString()!), Timeout = TimeSpan.FromMinutes(1) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ready.GetProperty("key").GetString());
        string body = $$"""{"model":"gpt-4o","stream":{{(streamed ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""";
        while (true)
        {
            try
            {
                using StringContent content = new(body, Encoding.UTF8, "application/json");
                using HttpRequestMessage request = new(HttpMethod.Post, "v1/chat/completions") { Content = content };
                using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                string answer = await response.Content.ReadAsStringAsync();
                Assert.True(!streamed || answer.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal));
                seen.Add(response.Headers.GetValues("Helicone-Id").Single());
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                // It is dead: this call was not answered whole.
                return;
            }
        }
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        using CancellationTokenSource patience = new(GatewayProcess.Patience);
        while (!condition())
        {
            await Task.Delay(1, patience.Token);
        }
    }

    private static HashSet<string> Read(string database)
    {
        using SqliteConnection connection = new($"Data Source={database};Pooling=False");
        connection.Open();
        using SqliteCommand check = connection.CreateCommand();
        check.CommandText = "PRAGMA integrity_check";
        Assert.Equal("ok", check.ExecuteScalar());
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT request_id FROM call";
        using SqliteDataReader reader = command.ExecuteReader();
        HashSet<string> ids = [];
        while (reader.Read())
        {
            // Once: a second row of the same call would be found here.
            Assert.True(ids.Add(new Guid((byte[])reader[0], bigEndian: true).ToString()));
        }

        return ids;
    }
}
