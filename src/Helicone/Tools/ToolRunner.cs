using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Security;
using System.Threading;
using Helicone.Chat;
using Helicone.Commands;
using Helicone.Mcp;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Tools;

/// <summary>Runs tool calls on the pipeline thread, in the caller's session.</summary>
/// <remarks>
/// Nothing that a model writes is parsed as PowerShell: a command is run as the object that it is, with a hashtable of arguments by name, which the
/// engine converts to the types of the parameters.
/// </remarks>
internal sealed class ToolRunner(EngineCommand cmdlet, ToolSet tools, ToolApproval approval, ToolLimits limits, SecureString? key)
{
    // Tools that ask a model with tools again.
    private const int MaxDepth = 4;
    private const string RunBlock = "param($Block, $Arguments) & $Block @Arguments";

    [ThreadStatic]
    private static int s_depth;

    /// <summary>Answers requests of MCP servers to a model; <see langword="null"/> to refuse them.</summary>
    public McpSampler? Sampler { get; set; }

    /// <summary>Runs a call, or reports why it wasn't run. Only Ctrl+C throws.</summary>
    /// <param name="call">The call.</param>
    /// <param name="round">The number of the round.</param>
    /// <param name="why">What the model wrote with the call.</param>
    /// <param name="cancellationToken">Stops the tool.</param>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ToolRun Run(ToolCall call, int round, string? why, CancellationToken cancellationToken)
    {
        ToolRun run = new()
        {
            Name = call.Name ?? string.Empty,
            CallId = call.Id ?? call.Name ?? string.Empty,
            Arguments = call.Arguments,
            Round = round,
            StartedAt = Moment.Now,
        };
        Stopwatch watch = Stopwatch.StartNew();
        run = Run(run, call, why, cancellationToken);
        return run with { Duration = watch.Elapsed };
    }

    /// <summary>The run of a call that is not made.</summary>
    public static ToolRun Refused(ToolRun run, string reason, ToolOutcome outcome = ToolOutcome.Refused) => run with { Outcome = outcome, Error = reason, Result = ToolOutput.Error(reason) };

    private ToolRun Run(ToolRun run, ToolCall call, string? why, CancellationToken cancellationToken)
    {
        if (tools.Find(call.Name) is not { } tool)
        {
            return Refused(run, $"There is no tool '{Cut(run.Name)}'. The tools are {tools.Names}.");
        }

        run = run with { Command = tool.Target };
        if (!tool.CanRun || call.Type != "function")
        {
            return Refused(run, $"'{tool.Name}' can't be run here.");
        }

        if (tool.Mcp is not null)
        {
            return RunMcp(run, tool, why, cancellationToken);
        }

        Hashtable arguments;
        try
        {
            arguments = Bind(tool, ToolArguments.Parse(call.Arguments));
        }
        catch (FormatException e)
        {
            return Refused(run, e.Message);
        }

        if (s_depth >= MaxDepth)
        {
            return Refused(run, "Tools can't call models with tools this deep.");
        }

        ToolDecision decision = approval.Decide(tool, Readable(arguments), why);
        run = run with { AllowedBy = decision.AllowedBy };
        if (!decision.IsAllowed)
        {
            return Refused(run, decision.Reason!, decision.Outcome);
        }

        cmdlet.WriteVerbose($"Running the tool {tool.Name}({Readable(arguments)}).");
        cmdlet.EndStream();
        s_depth++;
        try
        {
            return Invoke(run, tool, arguments, cancellationToken);
        }
        finally
        {
            s_depth--;
        }
    }

    private ToolRun RunMcp(ToolRun run, HeliconeTool tool, string? why, CancellationToken cancellationToken)
    {
        string shown;
        try
        {
            IReadOnlyDictionary<string, object?> values = ToolArguments.Parse(run.Arguments);
            shown = Readable(new Hashtable(values.ToDictionary(static value => value.Key, static value => value.Value)));
        }
        catch (FormatException e)
        {
            return Refused(run, e.Message);
        }

        return new McpToolRunner(cmdlet, approval, limits, key, Sampler).Run(run, tool, shown, why, cancellationToken);
    }

    /// <summary>The arguments by the names of the command, all of them declared.</summary>
    /// <exception cref="FormatException">An argument is unknown or missing.</exception>
    private static Hashtable Bind(HeliconeTool tool, IReadOnlyDictionary<string, object?> values)
    {
        Hashtable bound = new(StringComparer.OrdinalIgnoreCase);
        foreach (KeyValuePair<string, object?> value in values)
        {
            ToolParameter parameter = tool.Parameters.FirstOrDefault(p => p.Name.Equals(value.Key, StringComparison.OrdinalIgnoreCase))
                ?? throw new FormatException($"'{tool.Name}' has no parameter '{Cut(value.Key)}'. {Known(tool)}");

            // Models write null for omitted parameters, and a switch that is off is omitted.
            if (value.Value is not null && !(value.Value is false && parameter.Type == typeof(SwitchParameter)))
            {
                bound[parameter.Name] = Engine(value.Value);
            }
        }

        if (tool.Parameters.FirstOrDefault(p => p.IsMandatory && !bound.ContainsKey(p.Name)) is { } missing)
        {
            throw new FormatException($"'{tool.Name}' requires the parameter '{missing.Name}'.");
        }

        // The engine would ask the user for what is missing.
        bool fits = tool.Info!.ParameterSets.Any(set =>
            set.Parameters.All(p => !p.IsMandatory || bound.ContainsKey(p.Name))
            && bound.Keys.Cast<string>().All(name => set.Parameters.Any(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))));
        return fits || tool.Info.ParameterSets.Count == 0 ? bound : throw new FormatException(
            bound.Count == 0
                ? $"'{tool.Name}' requires parameters. {Known(tool)}"
                : $"'{tool.Name}' can't be called with {string.Join(", ", bound.Keys.Cast<string>().OrderBy(static n => n, StringComparer.Ordinal))} together, or requires another parameter with them. {Known(tool)}");
    }

    private static string Known(HeliconeTool tool) =>
        tool.Parameters.Count == 0 ? "It has no parameters." : $"Its parameters are {string.Join(", ", tool.Parameters.Select(static p => p.Name))}.";

    // Dictionaries and lists as a script writes them, so that the engine converts them to classes and arrays.
    private static object? Engine(object? value)
    {
        switch (value)
        {
            case IReadOnlyDictionary<string, object?> fields:
                Hashtable table = new(StringComparer.OrdinalIgnoreCase);
                foreach (KeyValuePair<string, object?> field in fields)
                {
                    table[field.Key] = Engine(field.Value);
                }

                return table;
            case IReadOnlyList<object?> items:
                return items.Select(Engine).ToArray();
            default:
                return value;
        }
    }

    private static string Readable(Hashtable arguments) =>
        string.Join(", ", arguments.Cast<DictionaryEntry>().OrderBy(static a => (string)a.Key, StringComparer.Ordinal).Select(static a => $"{a.Key}: {ContentJson.Write(a.Value)}"));

    private static string Cut(string text) => text.Length <= 100 ? text : text.Substring(0, 100) + "…";

    private ToolRun Invoke(ToolRun run, HeliconeTool tool, Hashtable arguments, CancellationToken cancellationToken)
    {
        ToolOutput output = new(limits.OutputCharacters, key);
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        if (tool.Impact.SupportsShouldProcess)
        {
            // Whoever allowed the call has answered the question.
            arguments["Confirm"] = false;
        }

        if (tool.Block is { } block)
        {
            shell.AddScript(RunBlock, useLocalScope: true).AddParameter("Block", block).AddParameter("Arguments", arguments);
        }
        else
        {
            shell.AddCommand(tool.Info).AddParameters(arguments);
        }

        // Warnings of a nested pipeline go to the host alone, unless they are output.
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Warning, PipelineResultTypes.Output);
        Watch(shell, output);
        PSDataCollection<PSObject> written = [];
        written.DataAdded += (_, _) => Take(written, item => Add(item, output), output);
        bool timedOut = false;
        Exception? failure = null;
        using (cancellationToken.Register(() => Stop(shell)))
        using (new Timer(_ =>
        {
            Volatile.Write(ref timedOut, true);
            Stop(shell);
        }, null, limits.Timeout, Timeout.InfiniteTimeSpan))
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                shell.Invoke(null, written, new PSInvocationSettings { AddToHistory = false });
            }
            catch (Exception e)
            {
                // Whatever a tool throws is its result.
                failure = e;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (Volatile.Read(ref timedOut) && (failure is PipelineStoppedException || shell.InvocationStateInfo.State is PSInvocationState.Stopped or PSInvocationState.Stopping))
        {
            string reason = string.Format(CultureInfo.InvariantCulture, "The command was stopped after {0:0.##} seconds.", limits.Timeout.TotalSeconds);
            return run with { Outcome = ToolOutcome.TimedOut, Error = reason, Result = output.ToJson(reason) };
        }

        if (cmdlet.Stopping || shell.InvocationStateInfo.State is PSInvocationState.Stopped or PSInvocationState.Stopping)
        {
            // Ctrl+C: the engine stops the tool's pipeline first, sometimes without an exception, and notifies this command afterward. The next call
            // must not begin in between.
            throw new PipelineStoppedException();
        }

        if (failure is null)
        {
            return run with { Outcome = ToolOutcome.Ran, Result = output.ToJson() };
        }

        string message = failure is RuntimeException { ErrorRecord: { } record } ? Text(record) : failure.Message;
        bool neverRan = failure is ParameterBindingException { ErrorRecord.InvocationInfo.MyCommand: var bound } && (bound is null || bound.Name == tool.Info!.Name);
        return run with { Outcome = neverRan ? ToolOutcome.Refused : ToolOutcome.Failed, Error = message, Result = output.ToJson(message) };
    }

    private static void Watch(PowerShell shell, ToolOutput output)
    {
        PSDataStreams streams = shell.Streams;
        streams.Error.DataAdded += (_, _) => Take(streams.Error, error => output.AddError(Text(error)), output);

        // A command that writes these without end must not fill the memory.
        streams.Warning.DataAdded += (_, _) => streams.Warning.Clear();
        streams.Verbose.DataAdded += (_, _) => streams.Verbose.Clear();
        streams.Debug.DataAdded += (_, _) => streams.Debug.Clear();
        streams.Progress.DataAdded += (_, _) => streams.Progress.Clear();
        streams.Information.DataAdded += (_, _) => streams.Information.Clear();
    }

    private static void Add(PSObject? item, ToolOutput output)
    {
        if (item?.BaseObject is WarningRecord warning)
        {
            output.AddWarning(warning.Message);
        }
        else
        {
            output.Add(new ObjectOutline().From(item));
        }
    }

    private static void Take<T>(PSDataCollection<T> items, Action<T> add, ToolOutput output)
    {
        foreach (T item in items.ReadAll())
        {
            try
            {
                add(item);
            }
            catch (Exception e) when (e is not PipelineStoppedException)
            {
                output.AddError("An object can't be read: " + e.Message);
            }
        }
    }

    private static string Text(ErrorRecord error) => error.ErrorDetails?.Message is { Length: > 0 } details ? details : error.Exception?.Message ?? error.ToString();

    // Not Stop, which waits: the caller may be the engine, stopping the pipeline that the tool is a part of.
    private static void Stop(PowerShell shell)
    {
        try
        {
            shell.BeginStop(null, null);
        }
        catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException or PipelineStoppedException)
        {
            // It has ended by itself.
        }
    }
}
