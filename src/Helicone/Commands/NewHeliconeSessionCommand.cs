using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Attribution;
using Helicone.Errors;

namespace Helicone.Commands;

/// <summary>Makes a session, which groups calls in Helicone's dashboard. Nothing is sent.</summary>
[Cmdlet(VerbsCommon.New, "HeliconeSession")]
[OutputType(typeof(HeliconeSession))]
public sealed class NewHeliconeSessionCommand : HeliconeCommand
{
    /// <summary>What the dashboard groups sessions by, such as <c>Nightly triage</c>.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The path of the calls in the session, such as <c>/triage</c>.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The id; a random UUID when left out.</summary>
    [Parameter]
    public string? Id { get; set; }

    private protected override Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        WriteObject(Valid(() => new HeliconeSession(Id, Name, Path), Id ?? Name ?? Path, InvalidInput.Session));
        return Task.CompletedTask;
    }
}
