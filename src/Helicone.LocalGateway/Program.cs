using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Hosting;

namespace Helicone.LocalGateway;

/// <summary>The entry point of the gateway process.</summary>
internal static class Program
{
    // With the last attempt to join, well below the 30 seconds that Start-HeliconeGateway waits: the cause must come from here.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    public static async Task<int> Main(string[] args)
    {
        if (args.Contains("--help"))
        {
            ReadyLine.WriteError(CommandLine.Usage);
            return 0;
        }

        using CancellationTokenSource ending = new();
        using PosixSignalRegistration terminate = EndAt(PosixSignal.SIGTERM, ending);
        try
        {
            GatewayOptions options = CommandLine.Parse(args);

            // A terminal sends Ctrl+C to all of its processes. A user who stops a cmdlet in PowerShell wants the gateway to keep running. And when the
            // terminal closes, its sessions end, and the gateway with the last of them; one in another terminal may have joined.
            bool isAlone = options.ParentProcessId is null;
            using PosixSignalRegistration interrupt = isAlone ? EndAt(PosixSignal.SIGINT, ending) : Ignore(PosixSignal.SIGINT);
            using PosixSignalRegistration hangUp = isAlone ? EndAt(PosixSignal.SIGHUP, ending) : Ignore(PosixSignal.SIGHUP);
            return await RunAsync(options, ending.Token);
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

    /// <summary>Runs the gateway of the database, or joins the one that runs.</summary>
    /// <exception cref="GatewayStartException">Neither is possible.</exception>
    private static async Task<int> RunAsync(GatewayOptions options, CancellationToken ending)
    {
        Task leave = options.ParentProcessId is null ? Task.Delay(Timeout.Infinite, CancellationToken.None) : LeaveCommand.ReadAsync();
        long started = options.TimeProvider.GetTimestamp();
        while (true)
        {
            try
            {
                await using GatewayHost gateway = await GatewayHost.StartAsync(options, ending);
                ReadyLine.Write(gateway);
                await gateway.WaitForEndAsync(options, leave, ending);
                return 0;
            }
            catch (GatewayRunningException e)
            {
                if (await JoinedGateway.TryJoinAsync(options, ending) is { } joined)
                {
                    using (joined)
                    {
                        return await joined.StayAsync(options, leave, ending);
                    }
                }

                // It is starting, and not ready, or ending, and about to release its database; or it is suspended, or hangs.
                if (options.TimeProvider.GetElapsedTime(started) > s_patience)
                {
                    throw new GatewayStartException($"{JoinedGateway.Describe(options)}, and it does not respond. End its process, or name another database.", e);
                }
            }

            await Task.Delay(s_pause, options.TimeProvider, ending);
        }
    }

    private static PosixSignalRegistration Ignore(PosixSignal signal) => PosixSignalRegistration.Create(signal, static context => context.Cancel = true);

    private static PosixSignalRegistration EndAt(PosixSignal signal, CancellationTokenSource ending) => PosixSignalRegistration.Create(signal, context =>
    {
        // The first one ends the gateway in order; a second is left to do what it always does.
        context.Cancel = !ending.IsCancellationRequested;
        ending.Cancel();
    });
}
