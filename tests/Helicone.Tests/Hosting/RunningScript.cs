using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Helicone.Tests.Hosting;

/// <summary>A script on its way: what it writes can be awaited piece by piece, and it can be stopped.</summary>
internal sealed class RunningScript : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly PowerShell _shell;
    private readonly PSDataCollection<PSObject> _output = [];
    private readonly Task _ended;

    public RunningScript(Runspace runspace, string script, IEnumerable? input)
    {
        _shell = PowerShell.Create(runspace).AddScript(script);
        PSDataCollection<object> objects = [];
        foreach (object? item in input ?? Array.Empty<object>())
        {
            objects.Add(item!);
        }

        objects.Complete();
        _ended = _shell.InvokeAsync(objects, _output);
    }

    public PSDataCollection<PSObject> Output => _output;

    public PSDataStreams Streams => _shell.Streams;

    /// <summary>Ctrl+C; comes back when the pipeline has stopped.</summary>
    public Task StopAsync() => Task.Factory.FromAsync(_shell.BeginStop, _shell.EndStop, null).WaitAsync(s_patience);

    /// <summary>Waits for the end.</summary>
    public async Task<Result> EndAsync()
    {
        ErrorRecord? terminating = null;
        bool stopped = false;
        try
        {
            await _ended.WaitAsync(s_patience);
        }
        catch (PipelineStoppedException)
        {
            stopped = true;
        }
        catch (RuntimeException e)
        {
            terminating = e.ErrorRecord;
        }

        return new Result(_output, _shell.Streams, terminating, stopped);
    }

    /// <summary>Waits until something that a test waits for is there.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using CancellationTokenSource patience = new(s_patience);
        while (!condition())
        {
            if (patience.IsCancellationRequested)
            {
                Assert.Fail($"It never came: {what}");
            }

            await Task.Delay(5, CancellationToken.None);
        }
    }

    public void Dispose() => _shell.Dispose();
}
