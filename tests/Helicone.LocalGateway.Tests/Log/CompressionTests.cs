using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Tests.Hosting;
using Helicone.LocalGateway.Tests.Page;
using Helicone.LocalGateway.Tests.Query;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helicone.LocalGateway.Tests.Log;

/// <summary>Old bodies take less space, and readers see no difference.</summary>
public sealed class CompressionTests : IDisposable
{
    private const int Days = 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-compression-").FullName;

    private string Database => GatewayProcess.DatabaseIn(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task OldBodies_AreCompressed_TheFileShrinks_AndEveryReaderGetsTheSameBytes()
    {
        await FillAsync(300, Old);
        await using TestGateway gateway = await TestGateway.StartAsync("""{"retention":{"compressAfter":"none"}}""", change: o => o with { DatabasePath = Database });
        Dictionary<string, string> before = await ReadAllWaysAsync(gateway);
        long sizeBefore = new FileInfo(Database).Length;

        await gateway.RestartAsync(() => File.WriteAllText(gateway.ConfigurationPath, "{}"));
        await UntilAsync(() => UpTo(Database) >= 300 && new FileInfo(Database).Length < sizeBefore / 2);

        Dictionary<string, string> after = await ReadAllWaysAsync(gateway);
        Assert.Equal(before.Keys, after.Keys);
        foreach ((string way, string text) in before)
        {
            Assert.True(text == after[way], $"{way} differs.");
        }

        Assert.Equal(300, Marked(Database, "request"));
        Assert.Equal(300, Marked(Database, "response"));
    }

    [Fact]
    public async Task OnlyOldBodies_AreCompressed_AndOnce()
    {
        await FillAsync(20, i => i < 10 ? Old(i) : Old(i) with { CreatedAt = DateTimeOffset.UtcNow });
        await CompressAsync();
        byte[] first = Bodies(Database)[0];
        await CompressAsync();

        Assert.Equal((10, 10L), (Marked(Database, "request"), UpTo(Database)));
        Assert.Equal(first, Bodies(Database)[0]);
    }

    [Fact]
    public async Task Calls_ThatGetTheNumbersOfDeletedOnes_AreCompressedToo()
    {
        await FillAsync(5, Old);
        await CompressAsync();
        await using (RequestLog log = Open())
        {
            await log.ChangeAsync(static session => session.DeleteOldest(100, long.MaxValue));
        }

        await FillAsync(2, Old);
        await CompressAsync();

        Assert.Equal(2, Marked(Database, "request"));
    }

    [Fact]
    public async Task BodyThatLooksLikeACompressedOne_ComesBackAsItWas()
    {
        byte[] body = [.. "\0helz\r\n\u001a"u8, .. Encoding.UTF8.GetBytes("not compressed at all")];
        await FillAsync(1, i => Old(i) with { ResponseBody = body });
        await CompressAsync();

        await using TestGateway gateway = await TestGateway.StartAsync(change: o => o with { DatabasePath = Database });
        JsonElement row = await gateway.GetRequestAsync(Id(0).ToString());
        Assert.Equal(Encoding.UTF8.GetString(body), row.GetProperty("response_body").GetString());
    }

    [Fact]
    public async Task LogOfAnOlderGateway_IsCompressedAfterItsUpdate()
    {
        await FillAsync(3, Old);
        Execute(Database, "DROP TABLE compressed; PRAGMA user_version=7");
        await CompressAsync();

        Assert.Equal(3, Marked(Database, "request"));
    }

    [Fact]
    public async Task GatewayThatIsKilledWhileItCompresses_LosesNoByte()
    {
        const int Calls = 1500;
        await FillAsync(Calls, Old);
        byte[][] originals = Bodies(Database);

        for (long enough = 1; UpTo(Database) < Calls; enough = UpTo(Database) + 200)
        {
            using GatewayProcess gateway = GatewayProcess.Start(null, "--port", "0", "--database", Database);
            await gateway.ReadyAsync();
            await UntilAsync(() => UpTo(Database) >= Math.Min(enough, Calls));
            gateway.Kill();
            await gateway.EndAsync();
            byte[][] stored = Bodies(Database);
            Assert.Equal(originals.Length, stored.Length);
            for (int i = 0; i < stored.Length; i++)
            {
                Assert.True(StoredBody.Restore(stored[i]).SequenceEqual(originals[i]), $"Body {i} differs.");
            }
        }

        Assert.Equal("ok", Ask(Database, "PRAGMA integrity_check"));
        Assert.Equal(Calls, Marked(Database, "request"));
    }

    [Fact]
    public async Task CallsThatAreLoggedWhileOldOnesAreCompressed_DoNotWaitForIt()
    {
        // Incompressible enough to keep it busy, and large: 24 bodies of 2 MB.
        Random random = new(7);
        await FillAsync(24, i => Old(i) with { RequestBody = Encoding.UTF8.GetBytes($$"""{"image":"{{Convert.ToBase64String(Bytes(random, 1_500_000))}}"}""") });
        await using RequestLog log = Open();
        int turns = 0;
        Task<long> compressing = Task.Run(() => new LogCompression(log, TimeProvider.System).ApplyAsync(TimeSpan.FromDays(1), CancellationToken.None));
        while (!compressing.IsCompleted)
        {
            await log.AppendAsync(Old(1_000_000 + turns) with { CreatedAt = DateTimeOffset.UtcNow, RequestBody = "{}"u8.ToArray() });
            turns++;
        }

        // One writer's turn a body at most: there was room for calls between any two of them.
        Assert.True(await compressing > 0);
        Assert.True(turns > 24, $"{turns} calls were logged meanwhile.");
    }

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static Guid Id(int number) => new(number, 1, 2, 0x80, 1, 2, 3, 4, 5, 6, 7);

    private static LogEntry Old(int number)
    {
        string prompt = string.Concat(Enumerable.Repeat($"Question {number} is about Grüße 😀 and \"quotes\". ", 40 + (number % 7 * 300)));
        string answer = number % 5 == 4 ? $"<html>No JSON {number}. {prompt}</html>" : $$$"""{"choices":[{"index":0,"message":{"role":"assistant","content":{{{JsonSerializer.Serialize("Answer " + prompt)}}}} }]}""";
        return new LogEntry
        {
            Id = Id(number),
            CreatedAt = DateTimeOffset.UtcNow.AddDays(-Days).AddSeconds(number),
            Latency = TimeSpan.FromMilliseconds(7),
            RequestedModel = "m",
            Provider = "one",
            Status = 200,
            Attempts = 1,
            RequestBody = Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[{"role":"user","content":{{JsonSerializer.Serialize(prompt)}} }]}"""),
            ResponseBody = Encoding.UTF8.GetBytes(answer),
        };
    }

    private RequestLog Open() => RequestLog.Open(Database, NullLogger.Instance);

    private async Task FillAsync(int calls, Func<int, LogEntry> entry)
    {
        await using RequestLog log = Open();
        await Task.WhenAll(Enumerable.Range(0, calls).Select(i => log.AppendAsync(entry(i)).AsTask()));
    }

    private async Task CompressAsync()
    {
        await using RequestLog log = Open();
        LogOptions options = new() { CompressAfter = TimeSpan.FromDays(1) };
        await new LogRetention(log, () => options, TimeProvider.System, NullLogger.Instance).ApplyAsync(options, CancellationToken.None);
    }

    /// <summary>What each way of reading a body returns.</summary>
    private static async Task<Dictionary<string, string>> ReadAllWaysAsync(TestGateway gateway)
    {
        Dictionary<string, string> read = [];
        using HttpClient tool = new();
        using PageClient page = await PageClient.EnterAsync(gateway);
        for (int i = 0; i < 10; i++)
        {
            string id = Id(i).ToString();
            JsonElement row = await gateway.GetRequestAsync(id);
            read[$"request {i}"] = row.GetProperty("request_body").GetRawText() + row.GetProperty("response_body").GetRawText();
            read[$"signed url {i}"] = await tool.GetStringAsync(new Uri(row.GetProperty("signed_body_url").GetString()!));
            read[$"raw request {i}"] = await page.ReadAsync($"/requests/{id}/request");
            read[$"raw response {i}"] = await page.ReadAsync($"/requests/{id}/response");
            string html = await page.ReadAsync("/requests/" + id);
            Assert.Contains($"Question {i} is about", html, StringComparison.Ordinal);
            read[$"page {i}"] = html[html.IndexOf($"Question {i}", StringComparison.Ordinal)..];
        }

        foreach ((string field, string operation, string value) in ((string, string, string)[])[("request_body", "contains", "QUESTION 17 IS"), ("response_body", "contains", "answer question 21"), ("response_body", "like", "<html>%grüße%"), ("response_body", "ilike", "<HTML>%GRÜSSE%"), ("request_body", "not-contains", "Question 3"), ("response_body", "contains", "😀")])
        {
            read[$"{field} {operation} {value}"] = string.Join(',', (await gateway.QueryAsync(LogApi.Text(field, operation, value))).Select(r => r.GetProperty("request_id").GetString()));
        }

        string list = await page.ReadAsync("/");
        Assert.Contains("Question 29", list, StringComparison.Ordinal);
        read["list"] = string.Join(',', Enumerable.Range(0, 300).Where(i => list.Contains($"Question {i} is", StringComparison.Ordinal)));
        return read;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            await Task.Delay(5, patience.Token);
        }
    }

    private static long UpTo(string database) => (long)Ask(database, "SELECT ifnull((SELECT upto FROM compressed), 0)")!;

    private static int Marked(string database, string column) =>
        Bodies(database, column).Count(static body => StoredBody.IsMarked(body));

    private static byte[][] Bodies(string database) => [.. Bodies(database, "request"), .. Bodies(database, "response")];

    private static List<byte[]> Bodies(string database, string column)
    {
        using SqliteConnection connection = Connect(database);
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The names are this file's own.
        command.CommandText = $"SELECT {column} FROM body WHERE call_id > 0 ORDER BY call_id";
#pragma warning restore CA2100
        using SqliteDataReader reader = command.ExecuteReader();
        List<byte[]> bodies = [];
        while (reader.Read())
        {
            bodies.Add((byte[])reader.GetValue(0));
        }

        return bodies;
    }

    private static object? Ask(string database, string sql)
    {
        using SqliteConnection connection = Connect(database);
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is this file's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    private static void Execute(string database, string sql) => Ask(database, sql);

    private static SqliteConnection Connect(string database)
    {
        SqliteConnection connection = new(string.Create(CultureInfo.InvariantCulture, $"Data Source={database};Pooling=False;Default Timeout=60"));
        connection.Open();
        return connection;
    }
}
