// dotnet run -c Release --project bench               every measurement; writes bench/RESULTS.md and bench/results.json
// dotnet run -c Release --project bench import call   those whose names are given
//
// Ratios are taken side by side in one run. Absolute numbers belong to the machine.

using System.Globalization;
using Helicone.Bench.Clients;
using Helicone.Bench.Contestants;
using Helicone.Bench.Gateway;
using Helicone.Bench.Import;
using Helicone.Bench.ManyPrompts;
using Helicone.Bench.Measuring;

switch (args)
{
    case ["--child-import", string manifest]:
        ImportBench.Child(manifest);
        return 0;
    case ["--child-server", string latency]:
        await BenchServer.RunAsync(int.Parse(latency, CultureInfo.InvariantCulture));
        return 0;
    case ["--child-contestant", string name, string server]:
        await ContestantProcess.ChildAsync(name, new Uri(server));
        return 0;
    case ["--child-first", string name, string server]:
        await ClientBenches.FirstCallChildAsync(name, new Uri(server));
        return 0;
    case ["--child-upstream"]:
        await FastUpstream.RunAsync();
        return 0;
    case ["--child-relay", string upstream, string database]:
        await new BareRelay(new Uri(upstream), database).RunAsync();
        return 0;
}

#if DEBUG
Console.WriteLine("A Debug build measures the JIT's caution, not the code. Use -c Release.");
#endif

Dictionary<string, Func<Task<IReadOnlyList<Row>>>> benches = new(StringComparer.OrdinalIgnoreCase)
{
    ["import"] = async () => [await ImportBench.RunAsync()],
    ["first"] = ClientBenches.FirstCallAsync,
    ["call"] = ClientBenches.CallAsync,
    ["stream"] = ClientBenches.StreamAsync,
    ["prompts"] = async () => [await ManyPromptsBench.RunAsync()],
    ["many"] = ClientBenches.ManyAsync,
    ["memory"] = ClientBenches.MemoryAsync,
    ["stop"] = async () => [await StopBench.RunAsync()],
    ["gateway"] = GatewayBench.RunAsync,
    ["log"] = LogBench.RunAsync,
};

string[] wanted = args.Length == 0 ? [.. benches.Keys] : args;
if (wanted.FirstOrDefault(name => !benches.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"'{unknown}' is not measured here. There are: {string.Join(", ", benches.Keys)}.");
    return 2;
}

List<Row> rows = [];
foreach (string name in wanted)
{
    foreach (Row row in await benches[name]())
    {
        rows.Add(row);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{row.What}: {row.Ours} against {row.Yardstick} = {row.Ratio:0.00}{(row.Limit is { } limit ? $" (limit {limit:0.00}) {row.Verdict}" : "")}"));
    }
}

if (args.Length == 0)
{
    Results.Write(rows, DateTimeOffset.UtcNow);
}

return rows.TrueForAll(r => r.Kept) ? 0 : 1;
