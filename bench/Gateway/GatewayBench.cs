using System.Diagnostics;
using System.Globalization;
using Helicone.Bench.Measuring;

namespace Helicone.Bench.Gateway;

/// <summary>The gateway with its log, its limits and a look into its cache, against a bare relay that logs one row a call, on the same upstream.</summary>
internal static class GatewayBench
{
    private const int Rounds = 3;

    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(2);

    public static async Task<Row> RunAsync()
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

    private static async Task<Row> CompareAsync(Contestant upstream, Contestant relay, Contestant gateway)
    {
        Contestant[] contestants = [upstream, relay, gateway];
        foreach (Contestant contestant in contestants)
        {
            await LoadAsync(contestant, 16, streamed: false, s_warmUp);
            await LoadAsync(contestant, 16, streamed: true, s_warmUp);
        }

        Row? row = null;
        foreach (bool streamed in (bool[])[false, true])
        {
            foreach (int connections in (int[])[1, 16, 64])
            {
                Dictionary<Contestant, LoadResult> results = await MeasureAsync(contestants, connections, streamed);
                Describe(results, upstream, relay, gateway, connections, streamed);
                if (!streamed && connections == 64)
                {
                    row = new Row(
                        "Gateway, 64 connections",
                        string.Create(CultureInfo.InvariantCulture, $"{results[gateway].PerSecond:0} calls/s, p99 {results[gateway].P99 / 1000:0.0} ms"),
                        string.Create(CultureInfo.InvariantCulture, $"{results[relay].PerSecond:0} calls/s (bare relay with a row a call)"),
                        results[relay].PerSecond / results[gateway].PerSecond,
                        1 / 0.6);
                }
            }
        }

        return row!;
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

    private static void Describe(Dictionary<Contestant, LoadResult> results, Contestant upstream, Contestant relay, Contestant gateway, int connections, bool streamed)
    {
        string kind = streamed ? $"streamed ({FastUpstream.Chunks} chunks)" : "blocking";
        foreach ((Contestant contestant, LoadResult result) in results)
        {
            string added = contestant == upstream ? string.Empty : string.Create(CultureInfo.InvariantCulture, $", adds {result.P50 - results[upstream].P50:0} / {result.P99 - results[upstream].P99:0}");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {kind}, {connections,2} connections, {contestant.Name,-14}: {result.PerSecond,6:0} calls/s, p50 {result.P50,6:0} p99 {result.P99,6:0} µs{added}"));
        }

        double ratio = results[gateway].PerSecond / results[relay].PerSecond;
        double perChunk = (1e6 / results[gateway].PerSecond) - (1e6 / results[relay].PerSecond);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"    the gateway does {ratio:0.00} of the relay{(streamed ? $"; {perChunk / FastUpstream.Chunks:0.0} µs more a chunk" : string.Empty)}"));
    }
}
