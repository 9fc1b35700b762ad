using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Helicone.Bench.Measuring;
using Microsoft.Data.Sqlite;

namespace Helicone.Bench.Gateway;

/// <summary>A day of traffic in the log, a million calls: how long its users wait for what they ask.</summary>
internal static class LogBench
{
    private const int Calls = 1_000_000;
    private const int Rounds = 7;
    private const double LimitMilliseconds = 200;

    // 500 to a page, as the module asks for them; a call has one of 5,000 sessions, 40 users, 12 models, 20 tenants, 3 environments, and one in 5,000 failed.
    private const string Fill = """
        BEGIN;
        CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
          SELECT i, CAST(strftime('%s', 'now') AS INTEGER) * 1000 - 86400000 + i * 86 AS at FROM n;
        INSERT INTO call (id, request_id, created_at, latency_ms, requested_model, served_model, model, provider, attempts, status, prompt_tokens,
            completion_tokens, total_tokens, cost, cache_enabled, session_id, session_name, session_path, user_id, path, target_url, body_mapping)
          SELECT i, randomblob(16), at, 200 + i * 7919 % 3000, CASE i % 2 WHEN 0 THEN 'gpt-4o-mini' ELSE 'model-' || (i % 22) END, CASE i % 2 WHEN 0 THEN 'gpt-4o-mini-2024-07-18' ELSE 'model-' || (i % 22) END,
            CASE i % 2 WHEN 0 THEN 'gpt-4o-mini-2024-07-18' ELSE 'model-' || (i % 22) END, 'openai', 1,
            CASE WHEN i % 5000 = 0 THEN 500 WHEN i % 20000 = 7 THEN 429 ELSE 200 END, 100 + i % 900, i % 300, 100 + i % 900 + i % 300, (i % 700) / 1e6, 0,
            printf('session-%05d', i % 5000), 'Nightly', '/step/' || (i % 7), 'user-' || (i % 40), '/v1/chat/completions', 'https://api.openai.com/v1/chat/completions', 'OPENAI'
          FROM n;
        INSERT INTO body (call_id, request, response) SELECT i, CAST(printf('%s%.300c', hex(randomblob(50)), 'x') AS BLOB), CAST(printf('%s%.400c', hex(randomblob(50)), 'y') AS BLOB) FROM n;
        INSERT INTO property (call_id, key, name, value, created_at) SELECT i, 'environment', 'Environment', CASE i % 3 WHEN 0 THEN 'production' WHEN 1 THEN 'test' ELSE 'dev' END, at FROM n;
        INSERT INTO property (call_id, key, name, value, created_at) SELECT i, 'tenant', 'Tenant', 'tenant-' || (i % 20), at FROM n;
        INSERT INTO property (call_id, key, name, value, created_at) SELECT i, 'parity', 'Parity', 'only-test', at FROM n WHERE i % 30 = 1;
        INSERT INTO property (call_id, key, name, value, created_at) SELECT i, 'rare', 'Rare', 'needle', at FROM n WHERE i % 100000 = 0;
        INSERT INTO usage (slot, model, latency, calls, failed, hits, tokens, cost)
          SELECT created_at / 360000, model, CAST(8 * log2(1 + latency_ms) AS INTEGER), count(*), count(*) FILTER (WHERE status NOT BETWEEN 200 AND 399), count(cache_reference), sum(total_tokens), total(cost)
          FROM call GROUP BY 1, 2, 3;
        INSERT INTO user_hour (hour, user_id, first_at, last_at, calls, prompt_tokens, completion_tokens, total_tokens, cost)
          SELECT created_at / 3600000, user_id, min(created_at), max(created_at), count(*), sum(prompt_tokens), sum(completion_tokens), sum(total_tokens), total(cost)
          FROM call GROUP BY 1, 2;
        DROP TABLE n;
        COMMIT;
        """;

    private static readonly (string What, bool Promised, string Path, Func<string, string> Body)[] s_questions =
    [
        ("one session", true, "v1/request/query-clickhouse", _ => Page(Property("Helicone-Session-Id", "session-00042"))),
        ("a property of a third of the calls, since a day", true, "v1/request/query-clickhouse", since => Page(And(Property("Environment", "production"), since))),
        ("a property of ten calls, since a day", true, "v1/request/query-clickhouse", since => Page(And(Property("Rare", "needle"), since))),
        ("two properties, since a day", true, "v1/request/query-clickhouse", since => Page(And(Property("Environment", "production"), And(Property("Tenant", "tenant-7"), since)))),
        ("the latest calls", true, "v1/request/query-clickhouse", _ => Page("\"all\"", 50)),
        ("the latest with status 500", true, "v1/request/query-clickhouse", since => Page(And("""{"request_response_rmt":{"status":{"equals":500}}}""", since), 50)),
        ("two properties that never meet", true, "v1/request/query-clickhouse", since => Page(And(Property("Environment", "production"), And(Property("Parity", "only-test"), since)))),
        ("the sessions of a day", true, "v1/session/query", _ => $$"""{"search":"","timeFilter":{"startTimeUnixMs":0,"endTimeUnixMs":{{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}} },"timezoneDifference":0,"filter":"all","limit":50}"""),
        ("the latest with status 400 and beyond", false, "v1/request/query-clickhouse", since => Page(And("""{"request_response_rmt":{"status":{"gte":400}}}""", since), 50)),
        ("one user, since a day", true, "v1/request/query-clickhouse", since => Page(And("""{"request_response_rmt":{"user_id":{"equals":"user-7"}}}""", since))),
        ("a model with a wildcard", true, "v1/request/query-clickhouse", since => Page(And("""{"request_response_rmt":{"model":{"ilike":"gpt-4o%"}}}""", since))),
        ("page 1,000 of all", false, "v1/request/query-clickhouse", since => $$"""{"filter":{{since}},"offset":500000,"limit":500}"""),
        ("a wildcard on a rare property", false, "v1/request/query-clickhouse", since => Page(And("""{"request_response_rmt":{"properties":{"Rare":{"ilike":"need%"}}}}""", since))),
        ("how many in production", false, "v1/request/count/query", since => $$"""{"filter":{{And(Property("Environment", "production"), since)}} }"""),
        ("the slowest calls", false, "v1/request/query-clickhouse", _ => """{"filter":"all","limit":50,"sort":{"latency":"desc"}}"""),
        ("the sessions in which something failed", false, "v1/session/query", _ => $$"""{"search":"","timeFilter":{"startTimeUnixMs":0,"endTimeUnixMs":{{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}} },"timezoneDifference":0,"filter":{"request_response_rmt":{"status":{"equals":500} } },"limit":50}"""),
        ("the users of a day", true, "v1/user/query", _ => $$"""{"timeFilter":{"startTimeUnixSeconds":{{DateTimeOffset.UtcNow.AddDays(-1).ToUnixTimeSeconds()}},"endTimeUnixSeconds":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}} } }"""),
        ("all users, with what they did", true, "v1/user/metrics/query", _ => """{"filter":"all","offset":0,"limit":100}"""),
        ("how sessions are spread", false, "v1/session/metrics/query", _ => """{"nameContains":"","timezoneDifference":0}"""),
        ("a property and a model that never meet", true, "v1/request/query-clickhouse", since => Page(And(Property("Parity", "only-test"), And("""{"request_response_rmt":{"model":{"equals":"model-3"}}}""", And("""{"request_response_rmt":{"user_id":{"equals":"user-2"}}}""", since))))),
        ("a word in a body that none has", false, "v1/request/query-clickhouse", _ => Page("""{"request_response_rmt":{"response_body":{"contains":"needle"}}}""")),
    ];

    public static async Task<IReadOnlyList<Row>> RunAsync()
    {
        string folder = Directory.CreateTempSubdirectory("helicone-bench-").FullName;
        try
        {
            string database = Path.Combine(folder, "helicone.db");

            // Once for the tables, then filled without it, then measured.
            using (await Contestant.StartGatewayAsync(Engine.Gateway, "--port", "0", "--database", database))
            {
            }

            await FillAsync(database);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {Calls:N0} calls in {new FileInfo(database).Length / 1e6:0} MB"));
            using Contestant gateway = await Contestant.StartGatewayAsync(Engine.Gateway, "--port", "0", "--database", database);
            return [await AskAsync(gateway), await LogCommands.RunAsync(gateway), await LogPages.RunAsync(gateway)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Row> AskAsync(Contestant gateway)
    {
        using HttpClient client = new() { BaseAddress = gateway.Uri };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Key);
        string since = $$"""{"request_response_rmt":{"request_created_at":{"gte":"{{DateTimeOffset.UtcNow.AddDays(-1):yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}"} } }""";
        await AskAsync(client, "v1/request/query-ids", """{"requestIds":[]}""");
        double worst = 0;
        string slowest = string.Empty;
        foreach ((string what, bool promised, string path, Func<string, string> body) in s_questions)
        {
            Sample sample = new(what);
            double first = 0;
            string result = string.Empty;
            for (int i = 0; i < Rounds; i++)
            {
                long started = Stopwatch.GetTimestamp();
                result = await AskAsync(client, path, body(since));
                double elapsed = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                first = i == 0 ? elapsed : first;
                sample.Add(elapsed);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-50} {sample.Median,8:0.0} ms (first {first:0.0}) {result}"));
            if (promised && sample.Median > worst)
            {
                worst = sample.Median;
                slowest = what;
            }
        }

        return new Row("A million calls, the slowest promised question", string.Create(CultureInfo.InvariantCulture, $"{worst:0} ms ({slowest})"), "200 ms", worst / LimitMilliseconds, 1);
    }

    private static async Task<string> AskAsync(HttpClient client, string path, string body)
    {
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        using JsonDocument answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        JsonElement data = answer.RootElement.GetProperty("data");
        return data.ValueKind switch
        {
            JsonValueKind.Array => $"{data.GetArrayLength()} rows",
            JsonValueKind.Number => data.GetRawText(),
            JsonValueKind.Object => "1 object",
            _ => throw new InvalidOperationException(answer.RootElement.GetRawText()),
        };
    }

    private static async Task FillAsync(string database)
    {
        await using SqliteConnection connection = new($"Data Source={database};Pooling=False");
        connection.Open();
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandTimeout = 0;
        command.CommandText = "PRAGMA synchronous=OFF; PRAGMA cache_size=-400000; " + Fill;
        await command.ExecuteNonQueryAsync();
    }

    private static string Page(string filter, int limit = 500) => $$"""{"filter":{{filter}},"limit":{{limit}},"sort":{"created_at":"desc"} }""";

    private static string Property(string name, string value) => $$"""{"request_response_rmt":{"properties":{"{{name}}":{"equals":"{{value}}"} } } }""";

    private static string And(string left, string right) => $$"""{"left":{{left}},"operator":"and","right":{{right}}}""";
}
