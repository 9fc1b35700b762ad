using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Answers;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helicone.LocalGateway.Tests.Log;

/// <summary>What the log does next to the calls is not on their way.</summary>
public sealed class LogWriterTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-writer-").FullName;

    private string Database => Path.Combine(_folder, "helicone.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task CallWhoseAnswerIsBeingCached_DoesNotHoldUpTheOthersOfItsTransaction()
    {
        await using RequestLog log = RequestLog.Open(Database, NullLogger.Instance);
        using UpstreamProvider provider = new(new UpstreamSettings("one", new Uri("http://127.0.0.1:1/v1"), Key: null));
        using ManualResetEventSlim othersAreAnswered = new();

        // The writer is busy while all of them come, so that one transaction takes them.
        using ManualResetEventSlim isFree = new();
        Task<bool> busy = log.ChangeAsync(_ => isFree.Wait(s_patience));

        // In the thread pool, as in the gateway: a test's own context would run each on a separate thread.
        (Task first, Task[] others) = await Task.Run(() => (
            AnswerAsync(log, provider, _ => Assert.True(othersAreAnswered.Wait(s_patience), "The other calls waited for this one.")),
            Enumerable.Range(0, 7).Select(_ => AnswerAsync(log, provider, completed: null)).ToArray()));
        isFree.Set();
        await busy;
        await Task.WhenAll(others).WaitAsync(s_patience);
        othersAreAnswered.Set();
        await first;
    }

    [Theory]
    [InlineData(16_384, 16_000, false)]
    [InlineData(16_385, 16_385, false)]
    [InlineData(16_385, 0, false)]
    [InlineData(20_000, 19_487, false)]
    [InlineData(20_000, 19_488, true)]
    public void Writer_WaitsForACheckpoint_OnlyWhereThatEndsTheWal(long pages, long moved, bool waits) =>
        Assert.Equal(waits, LogCheckpointer.IsWorthWaitingFor(pages, moved));

    [Fact]
    public async Task Writer_DoesNotWaitForACheckpoint_ThatAQueryKeepsFromItsEnd()
    {
        await using (RequestLog log = RequestLog.Open(Database, NullLogger.Instance))
        {
            await log.ChangeAsync(static _ => true);
        }

        using SqliteConnection writer = Connect("PRAGMA wal_autocheckpoint=0");
        using SqliteConnection query = Connect("BEGIN; SELECT count(*) FROM body");
        for (int i = 0; i < 9; i++)
        {
            Execute(writer, FormattableString.Invariant($"INSERT INTO body (call_id, request) VALUES ({i + 1}, zeroblob(8388608))"));
        }

        Assert.True(new FileInfo(Database + "-wal").Length > 64 * 1024 * 1024);

        // A transaction is under way all the time.
        object turn = new();
        using ManualResetEventSlim isOver = new();
        using ManualResetEventSlim hasBegun = new();
        Thread transaction = new(() =>
        {
            lock (turn)
            {
                hasBegun.Set();
                isOver.Wait(s_patience * 2);
            }
        });
        transaction.Start();
        hasBegun.Wait(s_patience);
        LogCheckpointer checkpoints = new(LogConnectionFactory.OpenCheckpointer(Database), turn, NullLogger.Instance);
        checkpoints.Ask();
        try
        {
            // It ends when the checkpoint that was asked for is done.
            while (checkpoints.IsAsked)
            {
                await Task.Delay(5);
            }

            await checkpoints.DisposeAsync().AsTask().WaitAsync(s_patience);
        }
        finally
        {
            isOver.Set();
            transaction.Join();
        }
    }

    private static async Task AnswerAsync(RequestLog log, Provider provider, Action<ReadOnlyMemory<byte>>? completed)
    {
        DefaultHttpContext context = new();
        context.Response.Body = new MemoryStream();
        using CallRecorder call = new(log, context.Request, TimeProvider.System);
        PooledBuffer body = new(16);
        System.Buffers.BuffersExtensions.Write(body, "{}"u8);
        await using WholeAnswer answer = new(body) { ContentType = "application/json" };
        await AnswerWriter.WriteAsync(context, call, provider, answer, completed);
    }

    private SqliteConnection Connect(string first)
    {
        SqliteConnection connection = new($"Data Source={Database};Pooling=False");
        connection.Open();
        Execute(connection, first);
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
