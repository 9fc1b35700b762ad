using System;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using Helicone.Runtime;

namespace Helicone.Commands;

/// <summary>The calls into the engine, each made with the context that the pipeline thread had before ours, and with text that is safe to show.</summary>
/// <remarks>
/// Messages quote servers, users, and files, so control characters in them are shown as symbols. A message starts a line, even while the text
/// of a stream is being shown.
/// WriteObject runs every command downstream, and the others run the host. Any of them may block on a task; if it saw the pump, the task would
/// wait for this very thread. Cmdlet's own methods are banned (eng/BannedSymbols.txt), so that nothing bypasses these.
/// </remarks>
public abstract class EngineCommand : PSCmdlet
{
    // Marks what Write-Host writes: shown on the host whatever the preference, and still there to redirect (6>).
    private static readonly string[] s_host = ["PSHOST"];

    private bool? _isVerbose;
    private bool? _isDebug;

    private protected EngineCommand()
    {
    }

#pragma warning disable RS0030 // This is where the banned methods are called.
    internal new void WriteObject(object? sendToPipeline)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        base.WriteObject(sendToPipeline);
    }

    internal new void WriteObject(object? sendToPipeline, bool enumerateCollection)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        base.WriteObject(sendToPipeline, enumerateCollection);
    }

    internal new void WriteError(ErrorRecord errorRecord)
    {
        EndStream();
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        base.WriteError(errorRecord);
    }

    internal new void WriteWarning(string text)
    {
        EndStream();
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        base.WriteWarning(TerminalText.Show(text));
    }

    internal new void WriteVerbose(string text)
    {
        EndStream();
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        base.WriteVerbose(TerminalText.Show(text));
    }

    /// <summary>Indicates whether -Verbose or its preference shows what is written. What nobody sees isn't composed.</summary>
    internal bool IsVerbose => _isVerbose ??= IsShown("Verbose", "VerbosePreference");

    /// <summary>Indicates whether -Debug or its preference shows what is written.</summary>
    internal bool IsDebug => _isDebug ??= IsShown("Debug", "DebugPreference");

    internal new void WriteDebug(string text)
    {
        EndStream();
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        base.WriteDebug(TerminalText.Show(text));
    }

    /// <remarks>The record belongs to the host from here on: each one is new.</remarks>
    internal new void WriteProgress(ProgressRecord progressRecord)
    {
        progressRecord.Activity = TerminalText.ShowLine(progressRecord.Activity);
        progressRecord.StatusDescription = TerminalText.ShowLine(progressRecord.StatusDescription);
        if (progressRecord.CurrentOperation is { } operation)
        {
            progressRecord.CurrentOperation = TerminalText.ShowLine(operation);
        }

        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        base.WriteProgress(progressRecord);
    }

    internal new void WriteInformation(object messageData, string[] tags)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        base.WriteInformation(messageData, tags);
    }

    internal new void WriteInformation(InformationRecord informationRecord)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        base.WriteInformation(informationRecord);
    }

    internal new bool ShouldProcess(string target, string action)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        return base.ShouldProcess(TerminalText.ShowLine(target), action);
    }

    internal new bool ShouldProcess(string verboseDescription, string verboseWarning, string caption)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        return base.ShouldProcess(TerminalText.Show(verboseDescription), TerminalText.Show(verboseWarning), caption);
    }

    internal new bool ShouldContinue(string query, string caption)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        return base.ShouldContinue(TerminalText.Show(query), caption);
    }

    internal new bool ShouldContinue(string query, string caption, ref bool yesToAll, ref bool noToAll)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        return base.ShouldContinue(TerminalText.Show(query), caption, ref yesToAll, ref noToAll);
    }

    /// <summary>Asks the user to choose.</summary>
    /// <returns>The index of the choice.</returns>
    internal virtual int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        EndStream();
        using IDisposable? keys = ReleaseKeys();
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        return Host.UI.PromptForChoice(TerminalText.ShowLine(caption), TerminalText.Show(message), choices, defaultChoice);
    }

    /// <summary>Asks the user for a line of text.</summary>
    internal string ReadLine(string prompt)
    {
        EndStream();
        using IDisposable? keys = ReleaseKeys();
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        Host.UI.Write(TerminalText.ShowLine(prompt));
        return Host.UI.ReadLine();
    }

    /// <summary>Asks the user for a line of text that isn't shown.</summary>
    internal SecureString ReadLineAsSecureString(string prompt)
    {
        EndStream();
        using IDisposable? keys = ReleaseKeys();
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        Host.UI.Write(TerminalText.ShowLine(prompt));
        return Host.UI.ReadLineAsSecureString();
    }

    /// <summary>Opens a prompt of PowerShell, until the user types exit there.</summary>
    internal void EnterNestedPrompt()
    {
        using IDisposable? keys = ReleaseKeys();
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        Host.EnterNestedPrompt();
    }

    /// <summary>Leaves the keys of the console to the host until the result is disposed, for a command that reads them itself.</summary>
    private protected virtual IDisposable? ReleaseKeys() => null;

    internal new void ThrowTerminatingError(ErrorRecord errorRecord)
    {
        EndStream();
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        base.ThrowTerminatingError(errorRecord);
    }

    /// <summary>Shows text to the person at the host.</summary>
    internal void WriteHost(string text, bool endLine)
    {
        if (text.Length > 0 || endLine)
        {
            WriteInformation(new HostInformationMessage { Message = text, NoNewLine = !endLine }, s_host);
        }
    }

    /// <summary>Ends the line of a stream that is being shown, so that what follows starts a line.</summary>
    internal void EndStream()
    {
        Runtime.RunspaceState state = Runtime.RunspaceState.Current;
        if (state.OpenStream is { } stream)
        {
            state.OpenStream = null;
            string last = stream.End(out bool isInLine);
            WriteHost(last, endLine: isInLine);
        }
    }

    internal new string GetUnresolvedProviderPathFromPSPath(string path)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        return base.GetUnresolvedProviderPathFromPSPath(path);
    }
#pragma warning restore RS0030

    /// <summary>Indicates whether -WhatIf or its preference asks for a description instead of the work.</summary>
    internal bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? bound)
        ? bound is SwitchParameter { IsPresent: true } or true
        : LanguagePrimitives.IsTrue(SessionState.PSVariable.GetValue("WhatIfPreference"));

    /// <summary>Indicates whether -Confirm, or its preference, asks before work of this impact.</summary>
    internal bool AsksToConfirm(ConfirmImpact impact) => MyInvocation.BoundParameters.TryGetValue("Confirm", out object? bound)
        ? bound is SwitchParameter { IsPresent: true } or true
        : LanguagePrimitives.TryConvertTo(SessionState.PSVariable.GetValue("ConfirmPreference"), out ConfirmImpact preference) && preference != ConfirmImpact.None && preference <= impact;

    private bool IsShown(string parameter, string preference) => MyInvocation.BoundParameters.TryGetValue(parameter, out object? bound)
        ? bound is SwitchParameter { IsPresent: true } or true
        : LanguagePrimitives.TryConvertTo(SessionState.PSVariable.GetValue(preference), out ActionPreference action) && action is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);
}
