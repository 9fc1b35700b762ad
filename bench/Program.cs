// dotnet run -c Release --project bench          every measurement
// dotnet run -c Release --project bench import   those whose name is given
//
// Ratios are taken side by side in one run. Absolute numbers belong to the machine.

using System.Globalization;
using Helicone.Bench.Gateway;
using Helicone.Bench.Import;
using Helicone.Bench.ManyPrompts;
using Helicone.Bench.Measuring;

if (args is ["--child-import", string manifest])
{
    ImportBench.Child(manifest);
    return 0;
}

if (args is ["--child-upstream"])
{
    await FastUpstream.RunAsync();
    return 0;
}

if (args is ["--child-relay", string upstream, string database])
{
    await new BareRelay(new Uri(upstream), database).RunAsync();
    return 0;
}

#if DEBUG
Console.WriteLine("A Debug build measures the JIT's caution, not the code. Use -c Release.");
#endif

Dictionary<string, Func<Task<Row>>> benches = new(StringComparer.OrdinalIgnoreCase)
{
    ["import"] = ImportBench.RunAsync,
    ["prompts"] = ManyPromptsBench.RunAsync,
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
    Row row = await benches[name]();
    rows.Add(row);
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{row.What}: {row.Ours} against {row.Yardstick} = {row.Ratio:0.00} (limit {row.Limit:0.00}) {(row.Kept ? "kept" : "MISSED")}"));
}

return rows.TrueForAll(r => r.Kept) ? 0 : 1;
