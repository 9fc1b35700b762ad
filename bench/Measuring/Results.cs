using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Helicone.Bench.Measuring;

/// <summary>The last run as a table and as JSON.</summary>
internal static class Results
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    public static void Write(IReadOnlyList<Row> rows, DateTimeOffset at)
    {
        string folder = Path.GetDirectoryName(Path.GetDirectoryName(Engine.HeliconeManifest)!)!;
        string machine = $"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}";
        StringBuilder text = new();
        text.Append("# Results of the last run\n\n");
        text.Append(CultureInfo.InvariantCulture, $"`dotnet run -c Release --project bench` on {at:yyyy-MM-dd}: {machine}.\n");
        text.Append("Medians; ± is half of the middle half. Contestants take turns in one run: the ratios hold, the absolutes belong to the machine.\n\n");
        text.Append("| what | ours | yardstick | ratio | limit | |\n|---|---|---|---|---|---|\n");
        foreach (Row row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.What} | {row.Ours} | {row.Yardstick} | {row.Ratio:0.00} | {(row.Limit is { } limit ? limit.ToString("0.00", CultureInfo.InvariantCulture) : "")} | {row.Verdict} |\n");
        }

        text.Append("\n[PROFILE.md](PROFILE.md) says where the time goes where a limit is missed.\n");
        File.WriteAllText(Path.Combine(folder, "bench", "RESULTS.md"), text.ToString());
        File.WriteAllText(Path.Combine(folder, "bench", "results.json"), JsonSerializer.Serialize(new { at, machine, rows }, s_json) + "\n");
    }
}
