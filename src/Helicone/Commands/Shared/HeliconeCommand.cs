using System;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Connections;
using Helicone.Errors;
using Helicone.Runtime;

namespace Helicone.Commands;

/// <summary>What every cmdlet here shares: async bodies on the pipeline thread, Ctrl+C, the connection, errors as records.</summary>
/// <remarks>
/// Invalid input ends the command (ThrowTerminatingError); an error of the network or the gateway is an error of one item (WriteError),
/// so that <c>-ErrorAction</c> and <c>$ErrorActionPreference</c> govern it.
/// </remarks>
public abstract class HeliconeCommand : EngineCommand, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Action> _messages = new();
    private PipelinePump? _pump;
    private WaitProgress? _waits;

    private protected HeliconeCommand()
    {
    }

    private enum Stage
    {
        Begin,
        Process,
        End,
    }

    /// <summary>What the user passed, for errors that belong to no single input.</summary>
    private protected virtual object? Target => null;

    private protected static RunspaceState State => RunspaceState.Current;

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => Run(Stage.Begin);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Run(Stage.Process);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Run(Stage.End);

    /// <summary>Ctrl+C: cancels the token. The pump waits for the body, so that its connections are closed when the prompt is back.</summary>
    protected sealed override void StopProcessing() => _stop.Cancel();

    /// <summary>Called by the engine when the pipeline has ended, in any way.</summary>
    public void Dispose()
    {
        // A pipeline that another command ended leaves calls in flight: nobody is there to take their answers, but their connections are closed
        // and what they hold is given back before the prompt returns.
        _stop.Cancel();
        using (PipelinePump pump = PipelinePump.Open())
        {
            pump.Complete(AbandonAsync(), static () => { });
        }

        Release();
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected virtual Task BeginProcessingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private protected virtual Task ProcessRecordAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private protected virtual Task EndProcessingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Waits for what still runs after the token was cancelled, so that its connections are closed before the error leaves. Called again when there is nothing left.</summary>
    private protected virtual Task AbandonAsync() => Task.CompletedTask;

    /// <summary>Observes the calls that start on this thread until the result is disposed.</summary>
    private protected virtual IDisposable? Observe() => null;

    /// <summary>Gives back what the command holds. Its calls have ended.</summary>
    private protected virtual void Release()
    {
    }

    /// <summary>The connection that the environment describes; none without a key in it, or while a session of this process is on a local gateway.</summary>
    private protected HeliconeConnection? ConnectionOfEnvironment()
    {
        if (EnvironmentVariables.Get(EnvironmentVariables.ApiKey) is not { } key || (LocalMarker.Address is not null && !ConnectionSettings.EnvironmentIsLocal))
        {
            return null;
        }

        const string Source = "$env:" + EnvironmentVariables.ApiKey;
        _ = Valid(() => ApiKey.Check(ApiKey.Protect(key)), Source, InvalidInput.Key);
        return Valid(() => State.ConnectFromEnvironment(key), Source);
    }

    /// <summary>The error record of an error of the gateway or the network.</summary>
    private protected virtual ErrorRecord Record(HeliconeException error, object? target) => ErrorRecords.From(error, target);

    /// <summary>Runs something that refuses what was typed; the refusal ends the command, before anything was sent.</summary>
    internal T Valid<T>(Func<T> make, object? target, InvalidInput input = InvalidInput.Option)
    {
        try
        {
            return Make(make);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            ThrowTerminatingError(ErrorRecords.Invalid(input, e, target));
            throw;
        }
    }

    /// <summary>Runs something that refuses one record of the input; the refusal is an error of that record, and the others go on.</summary>
    internal bool TryRead<T>(Func<T> read, object? record, InvalidInput input, [NotNullWhen(true)] out T? value)
        where T : class
    {
        try
        {
            value = Make(read);
            return true;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            WriteError(ErrorRecords.Invalid(input, e, record));
            value = null;
            return false;
        }
    }

    /// <summary>Has something written on the pipeline thread, from whatever thread: at once while it waits, else with the next record.</summary>
    private protected void Post(Action write)
    {
        _messages.Enqueue(write);
        Volatile.Read(ref _pump)?.TryPost(static command => ((HeliconeCommand)command!).WriteMessages(), this);
    }

    private void Run(Stage stage)
    {
        CancellationToken token = _stop.Token;
        using PipelinePump pump = PipelinePump.Open();
        using IDisposable waits = (_waits ??= new WaitProgress(this, Post)).Observe();
        using IDisposable? exchanges = Observe();
        Volatile.Write(ref _pump, pump);
        try
        {
            if (stage == Stage.Begin)
            {
                // Nobody reads the output of a gateway in the background, so its warnings are written by the next command.
                foreach (string warning in State.TakeGatewayWarnings())
                {
                    WriteWarning(warning);
                }
            }

            WriteMessages();
            pump.Complete(Start(stage, token), _stop.Cancel);
            WriteMessages();
        }
        catch (HeliconeException e)
        {
            WriteMessages();
            WriteError(Record(e, Target));
        }
        catch (Mcp.McpException e)
        {
            WriteMessages();
            WriteError(ErrorRecords.From(e, Target));
        }
        catch (Exception e)
        {
            // Ctrl+C, a downstream Select-Object -First, -ErrorAction Stop: whatever it is, nothing of ours outlives it.
            _stop.Cancel();
            pump.Complete(AbandonAsync(), _stop.Cancel);
            if (e is OperationCanceledException)
            {
                throw new PipelineStoppedException();
            }

            throw;
        }
        finally
        {
            Volatile.Write(ref _pump, null);
        }
    }

    private Task Start(Stage stage, CancellationToken cancellationToken) => stage switch
    {
        Stage.Begin => BeginProcessingAsync(cancellationToken),
        Stage.Process => ProcessRecordAsync(cancellationToken),
        _ => EndProcessingAsync(cancellationToken),
    };

    // What is read may be a script property, which runs code that is not ours.
    private static T Make<T>(Func<T> make)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        return make();
    }

    private void WriteMessages()
    {
        while (_messages.TryDequeue(out Action? write))
        {
            write();
        }
    }
}
