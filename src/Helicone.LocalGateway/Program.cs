using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Hosting;

namespace Helicone.LocalGateway;

/// <summary>The gateway as a program of its own.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args.Contains("--help"))
        {
            ReadyLine.WriteError(CommandLine.Usage);
            return 0;
        }

        using CancellationTokenSource ending = new();
        using PosixSignalRegistration terminate = EndAt(PosixSignal.SIGTERM, ending);
        using PosixSignalRegistration hangUp = EndAt(PosixSignal.SIGHUP, ending);
        try
        {
            GatewayOptions options = CommandLine.Parse(args);

            // A terminal sends Ctrl+C to everyone in it. Who stops a cmdlet in PowerShell wants the gateway behind it to stay.
            using PosixSignalRegistration interrupt = options.ParentProcessId is null
                ? EndAt(PosixSignal.SIGINT, ending)
                : PosixSignalRegistration.Create(PosixSignal.SIGINT, static context => context.Cancel = true);
            await using GatewayHost gateway = await GatewayHost.StartAsync(options, ending.Token);
            ReadyLine.Write(gateway);
            await WaitForEndAsync(options, ending.Token);
            return 0;
        }
        catch (GatewayStartException e)
        {
            ReadyLine.WriteError(e.Message);
            return 1;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return 0;
        }
    }

    private static async Task WaitForEndAsync(GatewayOptions options, CancellationToken ending)
    {
        try
        {
            await (options.ParentProcessId is { } parent
                ? ParentProcess.WaitForExitAsync(parent, options.TimeProvider, ending)
                : Task.Delay(Timeout.Infinite, ending));
        }
        catch (OperationCanceledException)
        {
            // A signal.
        }
    }

    private static PosixSignalRegistration EndAt(PosixSignal signal, CancellationTokenSource ending) => PosixSignalRegistration.Create(signal, context =>
    {
        // The first one ends the gateway in order; a second is left to do what it always does.
        context.Cancel = !ending.IsCancellationRequested;
        ending.Cancel();
    });
}
