using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Helicone.Bench.Clients;
using Helicone.Bench.Measuring;

namespace Helicone.Bench.Contestants;

/// <summary>A contestant in a process of its own, which measures itself when it is told to; so contestants can take turns and do not share a heap.</summary>
internal sealed class ContestantProcess : IDisposable
{
    private readonly Process _process;

    private ContestantProcess(string name, Process process)
    {
        Name = name;
        _process = process;
    }

    public string Name { get; }

    public static ContestantProcess Start(string name, Uri server) => new(name, Spawn("--child-contestant", name, server.ToString()));

    /// <summary>One round: <c>call N</c>, <c>stream N</c>, <c>many N C</c> or <c>memory</c>. What comes back depends on it.</summary>
    public async Task<double[]> AskAsync(string order)
    {
        await _process.StandardInput.WriteLineAsync(order);
        await _process.StandardInput.FlushAsync();
        string line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"{Name} ended.");
        return line.StartsWith("error ", StringComparison.Ordinal)
            ? throw new InvalidOperationException($"{Name}: {line[6..]}")
            : [.. line.Split(' ').Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(10_000))
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    /// <summary>This program again, with other arguments and its streams in our hands.</summary>
    public static Process Spawn(params string[] arguments)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        return Process.Start(start) ?? throw new InvalidOperationException("The child did not start.");
    }

    /// <summary>The other side of it.</summary>
    public static async Task ChildAsync(string name, Uri server)
    {
        IContestant contestant = Create(name, server);
        while (await Console.In.ReadLineAsync() is { } order)
        {
            try
            {
                double[] values = await MeasureAsync(contestant, order.Split(' '));
                Console.WriteLine(string.Join(' ', values.Select(v => v.ToString("R", CultureInfo.InvariantCulture))));
            }
            catch (Exception e)
            {
                Console.WriteLine("error " + e.GetBaseException().Message.ReplaceLineEndings(" "));
            }
        }
    }

    private static IContestant Create(string name, Uri server) => name switch
    {
        "raw" => new RawContestant(server),
        "sse" => new RawContestant(server, readsJson: false),
        "openai" => new OpenAIContestant(server),
        "core" => CreateCore(server),
        "cmdlet" => new EngineContestant(server, thin: false),
        "thin" => new EngineContestant(server, thin: true),
        _ => throw new ArgumentException($"'{name}' is no contestant."),
    };

    // Core is not beside this program: in the engine's processes it must come the way it comes to users, through the module.
    private static IContestant CreateCore(Uri server)
    {
        string folder = Path.Combine(Path.GetDirectoryName(Engine.HeliconeManifest)!, "bin", "net8.0");
        AppDomain.CurrentDomain.AssemblyResolve += (_, e) =>
        {
            string path = Path.Combine(folder, new AssemblyName(e.Name).Name + ".dll");
            return File.Exists(path) ? Assembly.LoadFrom(path) : null;
        };
        return Core(server);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static IContestant Core(Uri server) => new CoreContestant(server);
    }

    private static async Task<double[]> MeasureAsync(IContestant contestant, string[] order)
    {
        switch (order[0])
        {
            case "call":
                // Each call on its own; the median is taken over all of them.
                int calls = int.Parse(order[1], CultureInfo.InvariantCulture);
                double[] times = new double[calls];
                for (int i = 0; i < calls; i++)
                {
                    long started = Stopwatch.GetTimestamp();
                    await contestant.CallAsync();
                    times[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
                }

                return times;
            case "stream":
                long allocated = GC.GetTotalAllocatedBytes(precise: true);
                long streamStarted = Stopwatch.GetTimestamp();
                int chunks = await contestant.StreamAsync();
                double time = Stopwatch.GetElapsedTime(streamStarted).TotalMicroseconds;
                double bytes = GC.GetTotalAllocatedBytes(precise: true) - allocated;
                return chunks >= BenchServer.Chunks
                    ? [time / BenchServer.Chunks, bytes / BenchServer.Chunks]
                    : throw new InvalidOperationException($"{chunks} of {BenchServer.Chunks} chunks.");
            case "many":
                long manyStarted = Stopwatch.GetTimestamp();
                await contestant.ManyAsync(int.Parse(order[1], CultureInfo.InvariantCulture), int.Parse(order[2], CultureInfo.InvariantCulture));
                return [Stopwatch.GetElapsedTime(manyStarted).TotalMilliseconds, Environment.WorkingSet / 1024.0 / 1024.0];
            default:
                throw new ArgumentException($"'{order[0]}' is no order.");
        }
    }
}
