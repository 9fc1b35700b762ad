using System.Diagnostics;
using System.Globalization;
using Helicone.Bench.Measuring;

namespace Helicone.Bench.Gateway;

/// <summary>The gateway with its log, its limits and a look into its cache, against a bare relay that logs one row a call, on the same upstream.</summary>
internal static class GatewayBench
{
    private const int Rounds = 5;
    private const double LeastShareOfRelay = 0.6;
    private const double MostP99Milliseconds = 15;
    private const double MostMicrosecondsPerChunk = 4;

    // The JIT compiles what is hot a second time beside the load, on the same two cores.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(2);

    public static async Task<IReadOnlyList<Row>> RunAsync()
    {
        string folder = Directory.CreateTempSubdirectory("helicone-bench-").FullName;
        try
        {
            using Contestant upstream = await Contestant.StartSelfAsync("upstream alone", "--child-upstream");
            string configuration = Path.Combine(folder, "gateway.json");
            await File.WriteAllTextAsync(configuration, $$"""{"providers":[{"name":"openai","baseUrl":"{{upstream.Uri}}v1"}]}""");
            using Contestant relay = await Contestant.StartSelfAsync("bare relay", "--child-relay", upstream.Uri.AbsoluteUri, Path.Combine(folder, "relay.db"));
            using Contestant gateway = await Contestant.StartGatewayAsync(Engine.Gateway, "--port", "0", "--database", Path.Combine(folder, "helicone.db"), "--config", configuration);
            return await CompareAsync(upstream, relay, gateway);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Row>> CompareAsync(Contestant upstream, Contestant relay, Contestant gateway)
    {
        Contestant[] contestants = [upstream, relay, gateway];
        foreach (Contestant contestant in contestants)
        {
            await LoadAsync(contestant, 16, streamed: false, s_warmUp);
            await LoadAsync(contestant, 16, streamed: true, s_warmUp);
        }

        List<Row> rows = [];
        Dictionary<(bool, int), Dictionary<Contestant, LoadResult>> all = [];
        foreach (bool streamed in (bool[])[false, true])
        {
            foreach (int connections in (int[])[1, 16, 64])
            {
                Dictionary<Contestant, LoadResult> results = all[(streamed, connections)] = await MeasureAsync(contestants, connections, streamed);
                Describe(results, upstream, connections, streamed);
                rows.AddRange(Rows(results, upstream, relay, gateway, connections, streamed));
            }
        }

        // With one connection nobody waits for anybody: what a streamed call takes longer than a blocking one is its chunks.
        double Chunks(Contestant contestant) => all[(true, 1)][contestant].P50 - all[(false, 1)][contestant].P50;
        double ours = (Chunks(gateway) - Chunks(upstream)) / FastUpstream.Chunks;
        double relays = (Chunks(relay) - Chunks(upstream)) / FastUpstream.Chunks;
        rows.Add(new Row(
            "Gateway, added to a streamed chunk",
            string.Create(CultureInfo.InvariantCulture, $"{ours:0.0} µs"),
            string.Create(CultureInfo.InvariantCulture, $"{MostMicrosecondsPerChunk} µs (the bare relay adds {relays:0.0})"),
            ours / MostMicrosecondsPerChunk,
            1));
        return rows;
    }

    private static IEnumerable<Row> Rows(Dictionary<Contestant, LoadResult> results, Contestant upstream, Contestant relay, Contestant gateway, int connections, bool streamed)
    {
        LoadResult ours = results[gateway];
        string what = $"Gateway, {(streamed ? "streamed" : "blocking")}, {connections} connection{(connections == 1 ? string.Empty : "s")}";
        yield return new Row(
            what + ": calls a second",
            string.Create(CultureInfo.InvariantCulture, $"{ours.PerSecond:0}; adds {ours.P50 - results[upstream].P50:0} µs at p50, {ours.P99 - results[upstream].P99:0} at p99"),
            string.Create(CultureInfo.InvariantCulture, $"{results[relay].PerSecond:0} (bare relay; adds {results[relay].P50 - results[upstream].P50:0} and {results[relay].P99 - results[upstream].P99:0}; {results[upstream].PerSecond:0} without a gateway)"),
            results[relay].PerSecond / ours.PerSecond,
            1 / LeastShareOfRelay);
        yield return new Row(
            what + ": p99",
            string.Create(CultureInfo.InvariantCulture, $"{ours.P99 / 1000:0.0} ms"),
            string.Create(CultureInfo.InvariantCulture, $"{MostP99Milliseconds} ms (bare relay: {results[relay].P99 / 1000:0.0})"),
            ours.P99 / 1000 / MostP99Milliseconds,
            1);
    }

    private static async Task<Dictionary<Contestant, LoadResult>> MeasureAsync(Contestant[] contestants, int connections, bool streamed)
    {
        Dictionary<Contestant, List<LoadResult>> rounds = contestants.ToDictionary(c => c, _ => new List<LoadResult>());
        for (int i = 0; i < Rounds; i++)
        {
            // Interleaved, so that a busy moment of the machine hits all of them.
            foreach (Contestant contestant in contestants)
            {
                rounds[contestant].Add(await LoadAsync(contestant, connections, streamed, s_duration));
            }
        }

        return rounds.ToDictionary(r => r.Key, r => r.Value.OrderBy(v => v.PerSecond).ElementAt(Rounds / 2));
    }

    private static async Task<LoadResult> LoadAsync(Contestant contestant, int count, bool streamed, TimeSpan duration)
    {
        LoadConnection[] connections = [.. Enumerable.Range(0, count).Select(_ => new LoadConnection(contestant.Uri, contestant.Key, streamed))];
        List<double>[] latencies = [.. connections.Select(_ => new List<double>(16384))];
        try
        {
            foreach (LoadConnection connection in connections)
            {
                await connection.ConnectAsync();
            }

            long started = Stopwatch.GetTimestamp();
            await Task.WhenAll(connections.Select((c, i) => Task.Run(() => c.RunAsync(duration, latencies[i]))));
            return LoadResult.Of([.. latencies.SelectMany(l => l)], Stopwatch.GetElapsedTime(started));
        }
        finally
        {
            foreach (LoadConnection connection in connections)
            {
                connection.Dispose();
            }
        }
    }

    private static void Describe(Dictionary<Contestant, LoadResult> results, Contestant upstream, int connections, bool streamed)
    {
        string kind = streamed ? $"streamed ({FastUpstream.Chunks} chunks)" : "blocking";
        foreach ((Contestant contestant, LoadResult result) in results)
        {
            string added = contestant == upstream ? string.Empty : string.Create(CultureInfo.InvariantCulture, $", adds {result.P50 - results[upstream].P50:0} / {result.P99 - results[upstream].P99:0}");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {kind}, {connections,2} connections, {contestant.Name,-14}: {result.PerSecond,6:0} calls/s, p50 {result.P50,6:0} p99 {result.P99,6:0} µs{added}"));
        }
    }
}
