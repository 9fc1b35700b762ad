using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Tests.Hosting;
using Helicone.LocalGateway.Tests.Query;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helicone.LocalGateway.Tests.Log;

/// <summary>The log keeps what it is configured to keep, deletes what is beyond that, and nothing else.</summary>
public sealed class RetentionTests
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.UtcNow;

    [Fact]
    public async Task Calls_OlderThanTheAge_AreGone_WithAllThatHangsOnThem_AndNoYoungerOneIs()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("""{"retention":{"maxAge":"2h"}}""");
        await LogAsync(gateway, "old", s_now.AddHours(-3));
        await LogAsync(gateway, "old", s_now.AddHours(-3), session: "both");
        await LogAsync(gateway, "young", s_now.AddHours(-1), session: "both");
        await LogAsync(gateway, "old", s_now.AddHours(-3), session: "past");
        string old = (await gateway.QueryAsync())[0].GetProperty("request_id").GetString()!;
        await gateway.PostJsonAsync($"v1/request/{old}/score", """{"scores":{"quality":1}}""");
        await gateway.PostJsonAsync("v1/session/both/tag", """{"tag":"stays"}""");
        await gateway.PostJsonAsync("v1/session/past/tag", """{"tag":"goes"}""");

        await gateway.RestartAsync();
        await UntilAsync(async () => (await gateway.QueryAsync()).Count == 1);

        Assert.Equal("young", (await gateway.QueryAsync()).Single().GetProperty("model").GetString());
        using SqliteConnection log = Open(gateway);
        await UntilAsync(() => Task.FromResult(Count(log, "usage") == 1));
        Assert.Equal((1, 1, 1, 0, 1), (Count(log, "call"), Count(log, "body"), Count(log, "property"), Count(log, "score"), Count(log, "session_tag")));
    }

    [Fact]
    public async Task User_IsWhatTheRemainingCallsAddUpTo()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        DateTimeOffset hour = new(s_now.Year, s_now.Month, s_now.Day, 0, 0, 0, TimeSpan.Zero);
        await LogAsync(gateway, "m", hour.AddMinutes(-61), user: "gone");
        await LogAsync(gateway, "m", hour.AddMinutes(-60), user: "ann");
        await LogAsync(gateway, "m", hour.AddMinutes(-50), user: "ann");
        await LogAsync(gateway, "m", hour.AddMinutes(-40), user: "ann");

        // As another gateway on the same database would.
        await using (RequestLog log = RequestLog.Open(gateway.DatabasePath, NullLogger.Instance))
        {
            await log.ChangeAsync(static session => session.DeleteOldest(2, long.MaxValue));
        }

        JsonElement user = (await gateway.PostJsonAsync("v1/user/metrics/query", """{"filter":"all","offset":0,"limit":10}""")).GetProperty("data").GetProperty("users").EnumerateArray().Single();
        Assert.Equal(
            ("ann", 2, hour.AddMinutes(-50).ToUnixTimeSeconds(), hour.AddMinutes(-40).ToUnixTimeSeconds()),
            (user.GetProperty("user_id").GetString(), user.GetProperty("total_requests").GetInt32(), user.GetProperty("first_active").GetDateTimeOffset().ToUnixTimeSeconds(), user.GetProperty("last_active").GetDateTimeOffset().ToUnixTimeSeconds()));
    }

    [Fact]
    public async Task Call_ThatIsDeleted_TakesItsAttemptsAlong()
    {
        await using FakeUpstream failing = await FakeUpstream.RefusingAsync(500, "No.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", failing.BaseUrl)));
        using System.Net.Http.HttpResponseMessage chat = await gateway.ChatAsync("m/one");
        await gateway.StopAsync();
        using SqliteConnection connection = Open(gateway);
        long before = Count(connection, "attempt");

        await using (RequestLog log = RequestLog.Open(gateway.DatabasePath, NullLogger.Instance))
        {
            await log.ChangeAsync(static session => session.DeleteOldest(100, long.MaxValue));
        }

        Assert.Equal((1, 0), (before, Count(connection, "attempt")));
    }

    [Fact]
    public async Task LogThatIsTooLarge_LosesItsOldestCalls_AndTheFileShrinks()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("""{"retention":{"maxSize":"600KB"}}""");
        for (int i = 0; i < 40; i++)
        {
            await LogAsync(gateway, "m" + i.ToString(CultureInfo.InvariantCulture), s_now.AddMinutes(i - 60), body: new string('x', 50_000));
        }

        await gateway.RestartAsync();
        await UntilAsync(async () => (await gateway.QueryAsync()).Count < 40);
        string[] kept = [];
        await UntilAsync(async () =>
        {
            string[] before = kept;
            kept = [.. (await gateway.QueryAsync()).Select(row => row.GetProperty("model").GetString()!)];
            return kept.Length == before.Length && new FileInfo(gateway.DatabasePath).Length <= 700_000;
        });

        // The newest are there, without a gap.
        Assert.InRange(kept.Length, 5, 15);
        Assert.Equal(Enumerable.Range(40 - kept.Length, kept.Length).Select(i => "m" + i.ToString(CultureInfo.InvariantCulture)), kept);
    }

    [Fact]
    public async Task WithoutALimit_NothingIsDeleted()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("""{"retention":{"maxAge":"none","maxSize":"none"}}""");
        await LogAsync(gateway, "ancient", DateTimeOffset.UnixEpoch.AddDays(1));
        await gateway.StopAsync();

        await using (RequestLog log = RequestLog.Open(gateway.DatabasePath, NullLogger.Instance))
        {
            await new LogRetention(log, static () => new LogOptions(), TimeProvider.System, NullLogger.Instance).ApplyAsync(new LogOptions(), default);
        }

        using SqliteConnection connection = Open(gateway);
        Assert.Equal(1, Count(connection, "call"));
    }

    [Fact]
    public async Task LimitThatIsWrittenLater_CountsFromThenOn()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("{}");
        await LogAsync(gateway, "old", s_now.AddDays(-30));
        await LogAsync(gateway, "young", s_now);

        await File.WriteAllTextAsync(gateway.ConfigurationPath, """{"retention":{"maxAge":"7d"}}""");

        await UntilAsync(async () => (await gateway.QueryAsync()).Count == 1);
        Assert.Equal("young", (await gateway.QueryAsync()).Single().GetProperty("model").GetString());
    }

    [Fact]
    public async Task CallsOlderThanTheDefaultAge_AreGone()
    {
        await using TestGateway gateway = await TestGateway.StartAsync("{}");
        await LogAsync(gateway, "old", s_now.AddDays(-91));
        await LogAsync(gateway, "young", s_now.AddDays(-89));

        await gateway.RestartAsync();

        await UntilAsync(async () => (await gateway.QueryAsync()).Count == 1);
        Assert.Equal("young", (await gateway.QueryAsync()).Single().GetProperty("model").GetString());
    }

    private static async Task LogAsync(TestGateway gateway, string model, DateTimeOffset at, string body = "hello", string session = "s1", string user = "ann")
    {
        long start = at.ToUnixTimeSeconds();
        string entry = $$$"""
            {"providerRequest":{"url":"custom-model-nopath","json":{"model":"{{{model}}}","text":{{{JsonSerializer.Serialize(body)}}}},"meta":{"Helicone-Property-Environment":"test","Helicone-Session-Id":"{{{session}}}","Helicone-User-Id":"{{{user}}}"}},
             "providerResponse":{"status":200,"headers":{},"json":{"a":1}},
             "timing":{"startTime":{"seconds":{{{start}}},"milliseconds":0},"endTime":{"seconds":{{{start + 1}}},"milliseconds":0} } }
            """;
        using System.Net.Http.HttpResponseMessage response = await gateway.PostAsync(entry, path: "custom/v1/log");
        Assert.Equal(204, (int)response.StatusCode);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using System.Threading.CancellationTokenSource patience = new(TimeSpan.FromMinutes(2));
        while (!await condition())
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private static SqliteConnection Open(TestGateway gateway)
    {
        SqliteConnection connection = new($"Data Source={gateway.DatabasePath};Pooling=False");
        connection.Open();
        return connection;
    }

    private static long Count(SqliteConnection connection, string table)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The names are this file's own.
        command.CommandText = "SELECT count(*) FROM " + table;
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}
