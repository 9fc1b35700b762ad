using System.Diagnostics;
using System.Globalization;

namespace Helicone.Bench.Contestants;

/// <summary>The server in a process of its own. It ends when its input is closed.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, Uri uri)
    {
        _process = process;
        Uri = uri;
    }

    public Uri Uri { get; }

    public static async Task<ServerProcess> StartAsync(int latencyMilliseconds = 0)
    {
        Process process = ContestantProcess.Spawn("--child-server", latencyMilliseconds.ToString(CultureInfo.InvariantCulture));
        string address = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server did not start.");
        return new ServerProcess(process, new Uri(address + "/"));
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
}
