using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Helicone.Bench.Contestants;
using Helicone.Bench.Measuring;

namespace Helicone.Bench.Clients;

/// <summary>The client against its peers: contestants take turns against one server, each in a process of its own.</summary>
internal static class ClientBenches
{
    private const int WarmUps = 3;

    /// <summary>One warm blocking call.</summary>
    public static async Task<IReadOnlyList<Row>> CallAsync()
    {
        Dictionary<string, Sample> samples = await TakeTurnsAsync(["raw", "openai", "core", "thin", "cmdlet"], rounds: 15, "call 400", values => values);
        return
        [
            Compare("Warm call: Helicone.Core", samples["core"], samples["raw"], "HttpClient + System.Text.Json", "µs", 1.25),
            Compare("Warm call: Invoke-HeliconeChat", samples["cmdlet"], samples["thin"], "thin cmdlet", "µs", 1.25),
            Compare("Warm call: OpenAI .NET SDK, for comparison", samples["openai"], samples["raw"], "HttpClient + System.Text.Json", "µs", null),
        ];
    }

    /// <summary>A stream of 10,000 chunks.</summary>
    public static async Task<IReadOnlyList<Row>> StreamAsync()
    {
        Dictionary<string, Sample> bytes = [];
        Dictionary<string, Sample> times = await TakeTurnsAsync(["sse", "raw", "openai", "core", "thin", "cmdlet"], rounds: 15, "stream", values => [values[0]], (name, values) =>
        {
            if (!bytes.TryGetValue(name, out Sample? sample))
            {
                bytes[name] = sample = new Sample(name);
            }

            sample.Add(values[1]);
        });
        return
        [
            Compare("Stream, a chunk: Helicone.Core", times["core"], times["raw"], "SseParser + source-generated JSON", "µs", 1.0),
            Compare("Stream, a chunk: Invoke-HeliconeChat -Stream", times["cmdlet"], times["thin"], "thin cmdlet", "µs", 1.3),
            Compare("Stream, a chunk: OpenAI .NET SDK, for comparison", times["openai"], times["raw"], "SseParser + source-generated JSON", "µs", null),
            Compare("Stream, a chunk: SseParser alone, for comparison", times["sse"], times["raw"], "SseParser + source-generated JSON", "µs", null),
            Compare("Stream, allocated a chunk: Helicone.Core", bytes["core"], bytes["raw"], "SseParser + source-generated JSON", "B", null),
            Compare("Stream, allocated a chunk: Invoke-HeliconeChat -Stream", bytes["cmdlet"], bytes["thin"], "thin cmdlet", "B", null),
        ];
    }

    /// <summary>2,000 prompts of 50 ms, 64 in flight.</summary>
    public static async Task<IReadOnlyList<Row>> ManyAsync()
    {
        const int Prompts = 2000;
        const int InFlight = 64;
        const int Latency = 50;
        Dictionary<string, Sample> samples = await TakeTurnsAsync(["raw", "cmdlet"], rounds: 5, $"many {Prompts} {InFlight}", values => [values[0]], latency: Latency);
        double ideal = (double)Prompts / InFlight * Latency;
        return
        [
            Compare($"{Prompts} prompts x {Latency} ms, {InFlight} in flight", samples["cmdlet"], samples["raw"], "HttpClient + Task.WhenAll", "ms", 1.05),
            new Row("… against the ideal N/C x latency", samples["cmdlet"].Describe("ms"), string.Create(CultureInfo.InvariantCulture, $"{ideal:0} ms"), samples["cmdlet"].Median / ideal, null),
        ];
    }

    /// <summary>100,000 prompts, 256 in flight: what the process grows by between the 10,000th and the last.</summary>
    public static async Task<IReadOnlyList<Row>> MemoryAsync()
    {
        using ServerProcess server = await ServerProcess.StartAsync();
        using ContestantProcess ours = ContestantProcess.Start("cmdlet", server.Uri);
        double early = (await ours.AskAsync("many 10000 256"))[1];
        double late = (await ours.AskAsync("many 90000 256"))[1];
        return
        [
            new Row(
                "100,000 prompts at 256 in flight: working set",
                string.Create(CultureInfo.InvariantCulture, $"{late:0} MB after the last"),
                string.Create(CultureInfo.InvariantCulture, $"{early:0} MB after 10,000; growth {late - early:0} MB of 32"),
                Math.Max(0, late - early) / 32,
                1),
        ];
    }

    /// <summary>From the import to the first answer, in a fresh process whose engine is up.</summary>
    public static async Task<IReadOnlyList<Row>> FirstCallAsync()
    {
        using ServerProcess server = await ServerProcess.StartAsync();
        string[] names = ["bare", "thin", "cmdlet"];
        Dictionary<string, Sample> calls = names.ToDictionary(name => name, name => new Sample(name));
        Dictionary<string, Sample> whole = names.ToDictionary(name => name, name => new Sample(name));
        for (int i = 0; i < 15; i++)
        {
            foreach (string name in names)
            {
                (double import, double call) = await FreshAsync(name, server.Uri);
                calls[name].Add(call);
                whole[name].Add(import + call);
            }
        }

        return
        [
            Compare("First call in a fresh process, after the import", calls["cmdlet"], calls["thin"], "thin cmdlet", "ms", 1.15),
            Compare("First call and import, for comparison", whole["cmdlet"], whole["thin"], "thin cmdlet, a dll without a manifest", "ms", null),
            Compare("First call: bare HttpClient program, for comparison", calls["bare"], calls["thin"], "thin cmdlet", "ms", null),
        ];
    }

    /// <summary>The other side of it.</summary>
    public static async Task FirstCallChildAsync(string name, Uri server)
    {
        double import = 0;
        double call;
        if (name == "bare")
        {
            long started = Stopwatch.GetTimestamp();
            await new RawContestant(server).CallAsync();
            call = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
        else
        {
            using Runspace runspace = Engine.Open();

            // The engine's own first command and first script are nobody's price.
            _ = Time(runspace, "$null = Get-Command Import-Module; 1 | ForEach-Object { $_ } | Out-Null; 1");
            import = Time(runspace, $"Import-Module '{(name == "thin" ? Engine.ThinModule : Engine.HeliconeManifest)}'; 1");
            call = Time(runspace, name == "thin"
                ? $"Invoke-ThinChat 'Why is the sky blue?' -Uri {server}v1/chat/completions"
                : $"Connect-Helicone -GatewayUri {server} -ApiUri {server} -ApiKey sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd; Invoke-HeliconeChat 'Why is the sky blue?'");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{import:R} {call:R}"));
    }

    private static double Time(Runspace runspace, string script)
    {
        using PowerShell shell = PowerShell.Create(runspace);
        shell.AddScript(script);
        long started = Stopwatch.GetTimestamp();
        int answers = shell.Invoke().Count;
        double elapsed = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return answers == 1 && shell.Streams.Error.Count == 0
            ? elapsed
            : throw new InvalidOperationException("No answer: " + shell.Streams.Error.FirstOrDefault());
    }

    private static async Task<(double Import, double Call)> FreshAsync(string name, Uri server)
    {
        using Process process = ContestantProcess.Spawn("--child-first", name, server.ToString());
        process.StandardInput.Close();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{name} ended with {process.ExitCode}.");
        }

        string[] times = output.Split(' ', StringSplitOptions.TrimEntries);
        return (double.Parse(times[0], CultureInfo.InvariantCulture), double.Parse(times[1], CultureInfo.InvariantCulture));
    }

    private static async Task<Dictionary<string, Sample>> TakeTurnsAsync(
        string[] names,
        int rounds,
        string order,
        Func<double[], double[]> pick,
        Action<string, double[]>? also = null,
        int latency = 0)
    {
        using ServerProcess server = await ServerProcess.StartAsync(latency);
        List<ContestantProcess> contestants = [.. names.Select(name => ContestantProcess.Start(name, server.Uri))];
        try
        {
            Dictionary<string, Sample> samples = names.ToDictionary(name => name, name => new Sample(name));
            for (int round = -WarmUps; round < rounds; round++)
            {
                foreach (ContestantProcess contestant in contestants)
                {
                    double[] values = await contestant.AskAsync(order);
                    if (round < 0)
                    {
                        continue;
                    }

                    also?.Invoke(contestant.Name, values);
                    foreach (double value in pick(values))
                    {
                        samples[contestant.Name].Add(value);
                    }
                }
            }

            return samples;
        }
        finally
        {
            contestants.ForEach(contestant => contestant.Dispose());
        }
    }

    private static Row Compare(string what, Sample ours, Sample yardstick, string name, string unit, double? limit) =>
        new(what, ours.Describe(unit), $"{yardstick.Describe(unit)} ({name})", ours.Median / yardstick.Median, limit);
}
