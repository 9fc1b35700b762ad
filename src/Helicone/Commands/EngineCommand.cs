using System.Management.Automation;
using Helicone.Runtime;

namespace Helicone.Commands;

/// <summary>The calls into the engine, each made with the context that the pipeline thread had before ours.</summary>
/// <remarks>
/// WriteObject runs every command downstream, and the others run the host. Any of them may block on a task; if it saw the pump, the task would
/// wait for this very thread. Cmdlet's own methods are banned (eng/BannedSymbols.txt), so that nothing bypasses these.
/// </remarks>
public abstract class EngineCommand : PSCmdlet
{
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
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        base.WriteError(errorRecord);
    }

    internal new void WriteWarning(string text)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        base.WriteWarning(text);
    }

    internal new void WriteVerbose(string text)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        base.WriteVerbose(text);
    }

    internal new void WriteDebug(string text)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        base.WriteDebug(text);
    }

    internal new void WriteProgress(ProgressRecord progressRecord)
    {
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
        return base.ShouldProcess(target, action);
    }

    internal new bool ShouldProcess(string verboseDescription, string verboseWarning, string caption)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        return base.ShouldProcess(verboseDescription, verboseWarning, caption);
    }

    internal new bool ShouldContinue(string query, string caption)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        return base.ShouldContinue(query, caption);
    }

    internal new bool ShouldContinue(string query, string caption, ref bool yesToAll, ref bool noToAll)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        return base.ShouldContinue(query, caption, ref yesToAll, ref noToAll);
    }

    internal new void ThrowTerminatingError(ErrorRecord errorRecord)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        base.ThrowTerminatingError(errorRecord);
    }

    internal new string GetUnresolvedProviderPathFromPSPath(string path)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        return base.GetUnresolvedProviderPathFromPSPath(path);
    }
#pragma warning restore RS0030
}
