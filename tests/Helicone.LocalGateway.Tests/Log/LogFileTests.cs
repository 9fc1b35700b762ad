using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Hosting;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Tests.Hosting;
using Helicone.LocalGateway.Tests.Query;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Tests.Log;

public sealed class LogFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-logfile-").FullName;

    private string Database => Path.Combine(_folder, "helicone.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task EmptyFile_BecomesALog()
    {
        await File.WriteAllBytesAsync(Database, []);

        await using (TestGateway gateway = await StartAsync())
        {
            await gateway.LogAsync();
            Assert.Single(await gateway.QueryAsync());
        }

        Assert.Equal(LogSchema.Version, Ask("PRAGMA user_version"));
    }

    [Fact]
    public async Task LogOfTheFirstVersion_IsBroughtUpToDate_WithWhatIsInIt()
    {
        Execute(Migration("migration/0001-calls"));
        Execute("PRAGMA user_version=1; PRAGMA application_id=0x684C6F67");
        Execute("""
            INSERT INTO call (id, request_id, created_at, latency_ms, model, attempts, status, cache_enabled) VALUES (7, x'11111111222243338444555555555555', 1000, 5, 'old', 1, 200, 0);
            INSERT INTO property VALUES (7, 'n', 'n', 'first', 1000);
            """);

        await using TestGateway gateway = await StartAsync();
        await gateway.LogAsync("new", headers: LogApi.Numbered("second"));
        await gateway.PostJsonAsync("v1/request/11111111-2222-4333-8444-555555555555/feedback", """{"rating":true}""");

        JsonElement old = (await gateway.QueryAsync(LogApi.Leaf("helicone-score-feedback", "equals", "true"))).Single();
        Assert.Equal(("old", "first"), (old.GetProperty("model").GetString(), old.GetProperty("properties").GetProperty("n").GetString()));
        Assert.Equal(2, (await gateway.QueryAsync()).Count);
    }

    [Fact]
    public async Task LogOfANewerGateway_IsLeftAlone()
    {
        await (await StartAsync()).DisposeAsync();
        Execute("PRAGMA user_version=9999");

        GatewayStartException e = await Assert.ThrowsAsync<GatewayStartException>(StartAsync);

        Assert.Contains("was written by a newer gateway (its version is 9999", e.Message, StringComparison.Ordinal);
        Assert.Equal(9999, Ask("PRAGMA user_version"));
    }

    [Fact]
    public async Task DatabaseOfSomethingElse_IsLeftAlone()
    {
        Execute("CREATE TABLE recipes (name TEXT)");

        GatewayStartException e = await Assert.ThrowsAsync<GatewayStartException>(StartAsync);

        Assert.Contains("is the database of another program", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, Ask("SELECT count(*) FROM sqlite_schema"));
    }

    [Fact]
    public async Task FileThatIsNoDatabase_IsNamedAndLeftAlone()
    {
        string text = string.Concat(Enumerable.Repeat("Not a database. ", 1000));
        await File.WriteAllTextAsync(Database, text);

        GatewayStartException e = await Assert.ThrowsAsync<GatewayStartException>(StartAsync);

        Assert.Contains($"The log in '{Database}' is damaged or isn't a log", e.Message, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(Database));
    }

    [Fact]
    public async Task FolderInPlaceOfTheFile_IsNamed()
    {
        Directory.CreateDirectory(Database);

        Assert.Contains("cannot be opened", (await Assert.ThrowsAsync<GatewayStartException>(StartAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecondGatewayOnALog_IsRefused_UntilTheFirstHasEnded()
    {
        await using (TestGateway one = await StartAsync())
        {
            await Assert.ThrowsAsync<GatewayRunningException>(StartAsync);
            await one.LogAsync();
        }

        await using TestGateway next = await StartAsync();
        Assert.Single(await next.QueryAsync());
    }

    private static string Migration(string name)
    {
        using StreamReader reader = new(typeof(GatewayHost).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private Task<TestGateway> StartAsync() => TestGateway.StartAsync(change: o => o with { DatabasePath = Database });

    private void Execute(string sql)
    {
        using SqliteConnection connection = new($"Data Source={Database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private long Ask(string sql)
    {
        using SqliteConnection connection = new($"Data Source={Database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
