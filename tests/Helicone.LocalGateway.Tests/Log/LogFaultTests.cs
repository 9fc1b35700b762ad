using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Tests.Hosting;
using Helicone.LocalGateway.Tests.Query;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helicone.LocalGateway.Tests.Log;

/// <summary>A log that cannot be written: nobody is asked in vain, everybody learns the cause, and it is final.</summary>
public sealed class LogFaultTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-fault-").FullName;

    private string Database => GatewayProcess.DatabaseIn(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task DiskThatIsFull_IsNoticedBeforeAProviderIsAsked()
    {
        await using FakeUpstream upstream = await FakeUpstream.AnsweringAsync("Blue.");
        long free = 1_000_000;
        await using TestGateway gateway = await StartAsync(upstream, o => o with { FreeSpace = _ => Volatile.Read(ref free) });

        HttpResponseMessage[] refused = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => gateway.ChatAsync("m/one", stream: i % 2 == 0)));

        Assert.Empty(upstream.Received);
        foreach (HttpResponseMessage response in refused)
        {
            await AssertFinalAsync(response, 507, "the disk is full");
        }

        Volatile.Write(ref free, 1_000_000_000);
        await Task.Delay(TimeSpan.FromMilliseconds(200));
        using HttpResponseMessage well = await gateway.ChatAsync("m/one");
        Assert.Equal(200, (int)well.StatusCode);
    }

    [Fact]
    public async Task LargeCall_ForWhichTheDiskHasNoRoom_IsNotAsked()
    {
        await using FakeUpstream upstream = await FakeUpstream.AnsweringAsync("Blue.");
        await using TestGateway gateway = await StartAsync(upstream, o => o with { FreeSpace = _ => LogSpace.Reserve + 2_000_000 });

        using HttpResponseMessage large = await gateway.ChatAsync("m/one", new string('x', 3_000_000));
        using HttpResponseMessage small = await gateway.ChatAsync("m/one");

        await AssertFinalAsync(large, 507, "the disk is full");
        Assert.Equal(200, (int)small.StatusCode);
        Assert.Single(upstream.Received);
    }

    [Fact]
    public async Task LockOfAnotherProgram_KeepsCallsWaitingOnce_TogetherAndUnasked()
    {
        await using FakeUpstream upstream = await FakeUpstream.AnsweringAsync("Blue.");
        await using TestGateway gateway = await StartAsync(upstream);
        using SqliteConnection other = Lock();
        await Task.Delay(TimeSpan.FromMilliseconds(200));

        Stopwatch clock = Stopwatch.StartNew();
        HttpResponseMessage[] first = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => gateway.ChatAsync("m/one")));
        TimeSpan waited = clock.Elapsed;
        clock.Restart();
        using HttpResponseMessage second = await gateway.ChatAsync("m/one");
        TimeSpan known = clock.Elapsed;

        // One patience of 10 s for all of them; one by one it was ten of them.
        Assert.InRange(waited, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(40));
        Assert.InRange(known, TimeSpan.Zero, TimeSpan.FromSeconds(8));
        Assert.Empty(upstream.Received);
        foreach (HttpResponseMessage response in (HttpResponseMessage[])[.. first, second])
        {
            await AssertFinalAsync(response, 503, "another process has locked it");
        }

        Execute(other, "ROLLBACK");
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        using HttpResponseMessage well = await gateway.ChatAsync("m/one");
        Assert.Equal(200, (int)well.StatusCode);
    }

    [Fact]
    public async Task LockThatComesWhileProvidersAnswer_AndGoes_LosesNoAnswer()
    {
        TaskCompletionSource locked = new();
        await using FakeUpstream upstream = await FakeUpstream.StartAsync(async context =>
        {
            await locked.Task;
            await FakeUpstream.WriteJsonAsync(context, 200, """{"choices":[{"index":0,"message":{"role":"assistant","content":"Blue."},"finish_reason":"stop"}]}""");
        });
        await using TestGateway gateway = await StartAsync(upstream);
        Task<HttpResponseMessage>[] calls = [.. Enumerable.Range(0, 8).Select(_ => gateway.ChatAsync("m/one"))];
        SpinWait.SpinUntil(() => upstream.Received.Count == calls.Length, TimeSpan.FromMinutes(1));
        using SqliteConnection other = Lock();

        locked.SetResult();
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.DoesNotContain(calls, c => c.IsCompleted);
        Execute(other, "ROLLBACK");

        Assert.All(await Task.WhenAll(calls), r => Assert.Equal(200, (int)r.StatusCode));
        Assert.Equal(calls.Length, (await gateway.QueryAsync()).Count);
    }

    [Fact]
    public async Task FileThatMayNotGrow_CostsTheCallsUnderWay_AndNoMore()
    {
        if (OperatingSystem.IsWindows())
        {
            // No limit on the size of a file there.
            return;
        }

        string answer = new('b', 100_000);
        await using FakeUpstream upstream = await FakeUpstream.AnsweringAsync(answer);
        string configuration = Path.Combine(_folder, "gateway.json");
        await File.WriteAllTextAsync(configuration, GatewayJsonText.Providers(("one", upstream.BaseUrl)));
        using GatewayProcess program = GatewayProcess.StartLimited(2048, "--port", "0", "--database", Database, "--config", configuration);
        JsonElement ready = await program.ReadyAsync();
        using HttpClient client = new() { BaseAddress = new Uri(ready.GetProperty("uri").GetString()!) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ready.GetProperty("key").GetString());
        const int AtOnce = 3;
        List<(int Status, string Body, bool IsFinal)> answers = [];
        bool couldWrite = true;
        int failures = 0;

        for (int i = 0; i < 20; i++)
        {
            HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ =>
                client.PostAsync(new Uri("v1/chat/completions", UriKind.Relative), new StringContent("""{"model":"m/one","messages":[]}""", Encoding.UTF8))));
            foreach (HttpResponseMessage response in responses)
            {
                answers.Add(((int)response.StatusCode, await response.TextAsync(), response.Header("x-should-retry") == "false"));
            }

            // A checkpoint can make room in the files, and the log goes on until they are full again: each time costs the calls under way.
            bool failed = responses.Any(response => response.StatusCode != HttpStatusCode.OK);
            failures += failed && couldWrite ? 1 : 0;
            couldWrite = responses.Any(response => response.StatusCode == HttpStatusCode.OK);
        }

        int answered = answers.Count(a => a.Status == 200);
        Assert.InRange(answered, 1, 50);
        Assert.InRange(upstream.Received.Count - answered, 1, AtOnce * failures);
        Assert.All(answers.Where(a => a.Status != 200), a =>
        {
            Assert.Contains("\"code\":\"log_unavailable\"", a.Body, StringComparison.Ordinal);
            Assert.Contains($"The log '{Database}' cannot be written", a.Body, StringComparison.Ordinal);
            Assert.True(a.IsFinal);
        });
    }

    [Fact]
    public async Task WritesOfATransactionThatFails_AreTriedEachAlone()
    {
        await using RequestLog log = RequestLog.Open(Database, NullLogger.Instance);
        using ManualResetEventSlim gathered = new();
        Task<long?> first = log.ChangeAsync(session =>
        {
            gathered.Wait(TimeSpan.FromMinutes(1));
            return Insert(session, 1);
        });

        // They gather behind the first, and are one transaction. The third cannot be written, whatever is in the file.
        Task<long?>[] rest =
        [
            log.ChangeAsync(session => Insert(session, 2)),
            log.ChangeAsync(session => Insert(session, 3)),
            log.ChangeAsync(static session => session.Prepare("INSERT INTO body (call_id, request) VALUES (4, 'text in a column of bytes')").Run()),
            log.ChangeAsync(session => Insert(session, 5)),
        ];
        gathered.Set();
        await first;

        await rest[0];
        await rest[1];
        await rest[3];
        LogUnavailableException e = await Assert.ThrowsAsync<LogUnavailableException>(() => rest[2]);
        Assert.IsType<SqliteException>(e.InnerException);
        Assert.Equal("1 2 3 5", await log.ReadAsync(Bodies, CancellationToken.None));

        // It was that write's failure and not the log's.
        await log.EnsureWritableAsync();
        Assert.Equal(6, await log.ChangeAsync(session => Insert(session, 6)));
    }

    [Fact]
    public async Task MistakeInOneWrite_IsThatWritesAlone()
    {
        await using RequestLog log = RequestLog.Open(Database, NullLogger.Instance);
        using ManualResetEventSlim gathered = new();
        Task<long?> first = log.ChangeAsync(session =>
        {
            gathered.Wait(TimeSpan.FromMinutes(1));
            return Insert(session, 1);
        });
        Task<long?> good = log.ChangeAsync(session => Insert(session, 2));
        Task<long?> bad = log.ChangeAsync<long?>(static _ => throw new InvalidCastException("A mistake."));
        gathered.Set();
        await first;

        Assert.Equal(2, await good);
        await Assert.ThrowsAsync<InvalidCastException>(() => bad);
        Assert.Equal("1 2", await log.ReadAsync(Bodies, CancellationToken.None));
    }

    [Fact]
    public async Task EndingWithWritesThatWait_WritesThemAll_AndLeavesNoWal()
    {
        RequestLog log = RequestLog.Open(Database, NullLogger.Instance);

        // Each makes a checkpoint due, the last one when nobody does checkpoints anymore.
        Task[] writes = [.. Enumerable.Range(1, 8).Select(i => log.ChangeAsync(session =>
            session.Prepare("INSERT INTO body (call_id, request) VALUES (?, zeroblob(3000000))").Bind(i).Run()))];
        await log.DisposeAsync();

        await Task.WhenAll(writes);
        Assert.False(File.Exists(Database + "-wal"));
        using SqliteConnection connection = Open();
        Assert.Equal("1 2 3 4 5 6 7 8", Bodies(connection));
    }

    private static long? Insert(LogTransaction session, long id)
    {
        session.Prepare("INSERT INTO body (call_id, request) VALUES (?, x'00')").Bind(id).Run();
        return id;
    }

    private static string Bodies(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT group_concat(call_id, ' ') FROM (SELECT call_id FROM body ORDER BY call_id)";
        return (string)command.ExecuteScalar()!;
    }

    private static async Task AssertFinalAsync(HttpResponseMessage response, int status, string cause)
    {
        string body = await response.TextAsync();
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("false", response.Header("x-should-retry"));
        using JsonDocument json = JsonDocument.Parse(body);
        Assert.Equal("log_unavailable", json.RootElement.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains(cause, json.RootElement.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        response.Dispose();
    }

    private Task<TestGateway> StartAsync(FakeUpstream upstream, Func<Helicone.LocalGateway.Hosting.GatewayOptions, Helicone.LocalGateway.Hosting.GatewayOptions>? change = null) =>
        TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)), change: o => (change?.Invoke(o) ?? o) with { DatabasePath = Database });

    private SqliteConnection Lock()
    {
        SqliteConnection connection = Open();
        Execute(connection, "BEGIN IMMEDIATE");
        return connection;
    }

    private SqliteConnection Open()
    {
        SqliteConnection connection = new($"Data Source={Database};Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is this file's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
