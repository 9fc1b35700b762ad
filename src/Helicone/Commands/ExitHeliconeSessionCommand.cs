using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;

namespace Helicone.Commands;

/// <summary>Leaves the session entered last; calls belong to the one before it again, or to none.</summary>
[Cmdlet(VerbsCommon.Exit, "HeliconeSession")]
[OutputType(typeof(void))]
public sealed class ExitHeliconeSessionCommand : HeliconeCommand
{
    private protected override Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        if (State.Exit() is { } left)
        {
            WriteVerbose($"Left session {left}.");
        }
        else
        {
            WriteError(ErrorRecords.NotFound("Session", "No session has been entered.", null, "To enter a session, use Enter-HeliconeSession -Name 'Nightly triage'."));
        }

        return Task.CompletedTask;
    }
}
