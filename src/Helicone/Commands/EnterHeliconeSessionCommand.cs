using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Attribution;
using Helicone.Completion;
using Helicone.Errors;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Makes a session the one that calls belong to, until Exit-HeliconeSession. Entering another puts it on top.</summary>
[Cmdlet(VerbsCommon.Enter, "HeliconeSession", DefaultParameterSetName = NewSet)]
[OutputType(typeof(HeliconeSession))]
public sealed class EnterHeliconeSessionCommand : HeliconeCommand
{
    private const string NewSet = "New";
    private const string SessionSet = "Session";

    /// <summary>The session to enter: an object of New-HeliconeSession or Get-HeliconeSession, or an id.</summary>
    [Parameter(ParameterSetName = SessionSet, Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public object? Session { get; set; }

    /// <summary>The name of a new session.</summary>
    [Parameter(ParameterSetName = NewSet, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The path of a new session.</summary>
    [Parameter(ParameterSetName = NewSet)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Gives the session out.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override object? Target => Session ?? Name;

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        HeliconeSession session = Valid(
            () => ParameterSetName == SessionSet ? SessionArgument.From(Session!) : new HeliconeSession(null, Name, Path),
            Target,
            InvalidInput.Session);
        State.Enter(session);
        WriteVerbose($"Calls now belong to the session {session}.");
        if (PassThru)
        {
            WriteObject(session);
        }

        return Task.CompletedTask;
    }
}
