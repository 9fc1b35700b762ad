using System.Net;
using System.Net.Http.Headers;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;

namespace Helicone.Bench.Gateway;

/// <summary>The yardstick: passes a call on, appends one row before the answer's last byte leaves, and knows nothing of what it relays.</summary>
internal sealed class BareRelay(Uri upstream, string database)
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null });
    private readonly Channel<(byte[] Request, byte[] Answer, TaskCompletionSource Committed)> _rows = Channel.CreateBounded<(byte[], byte[], TaskCompletionSource)>(4096);

    public async Task RunAsync()
    {
        using SqliteConnection connection = new($"Data Source={database};Pooling=False");
        connection.Open();
        Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE row (id INTEGER PRIMARY KEY, at INTEGER, request BLOB, answer BLOB)");
        using SqliteConnection checkpoints = new($"Data Source={database};Pooling=False");
        checkpoints.Open();
        _ = Task.Factory.StartNew(() => Write(connection), TaskCreationOptions.LongRunning);
        _ = CheckpointAsync(checkpoints);
        await BareServer.RunAsync(RelayAsync);
    }

    private async Task RelayAsync(HttpContext context)
    {
        using MemoryStream asked = new();
        await context.Request.Body.CopyToAsync(asked);
        byte[] request = asked.ToArray();
        using HttpRequestMessage message = new(HttpMethod.Post, new Uri(upstream, "v1/chat/completions")) { Content = new ByteArrayContent(request) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await _http.SendAsync(message, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType!.ToString();
        await using Stream body = await response.Content.ReadAsStreamAsync();
        using MemoryStream answered = new();
        if (response.Content.Headers.ContentLength is { } length)
        {
            await body.CopyToAsync(answered);
            byte[] answer = answered.ToArray();
            await AppendAsync(request, answer);
            context.Response.ContentLength = length;
            await context.Response.BodyWriter.WriteAsync(answer);
            return;
        }

        int read;
        byte[] buffer = new byte[16 * 1024];
        while ((read = await body.ReadAsync(buffer)) > 0)
        {
            answered.Write(buffer, 0, read);
            await context.Response.BodyWriter.WriteAsync(buffer.AsMemory(0, read));
        }

        await AppendAsync(request, answered.ToArray());
    }

    private async Task AppendAsync(byte[] request, byte[] answer)
    {
        TaskCompletionSource committed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _rows.Writer.WriteAsync((request, answer, committed));
        await committed.Task;
    }

    private void Write(SqliteConnection connection)
    {
        using SqliteCommand insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO row (at, request, answer) VALUES ($at, $request, $answer)";
        SqliteParameter at = insert.Parameters.Add("$at", SqliteType.Integer);
        SqliteParameter request = insert.Parameters.Add("$request", SqliteType.Blob);
        SqliteParameter answer = insert.Parameters.Add("$answer", SqliteType.Blob);
        List<TaskCompletionSource> committed = [];
        while (true)
        {
            while (_rows.Reader.Count == 0)
            {
                if (!_rows.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
                {
                    return;
                }
            }

            using (SqliteTransaction transaction = connection.BeginTransaction())
            {
                insert.Transaction = transaction;
                while (committed.Count < 256 && _rows.Reader.TryRead(out (byte[] Request, byte[] Answer, TaskCompletionSource Committed) row))
                {
                    at.Value = Environment.TickCount64;
                    request.Value = row.Request;
                    answer.Value = row.Answer;
                    insert.ExecuteNonQuery();
                    committed.Add(row.Committed);
                }

                transaction.Commit();
            }

            committed.ForEach(c => c.SetResult());
            committed.Clear();
        }
    }

    private static async Task CheckpointAsync(SqliteConnection connection)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(500));
        while (await timer.WaitForNextTickAsync())
        {
            Execute(connection, "PRAGMA wal_checkpoint(PASSIVE)");
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
