using System;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Attribution;
using Helicone.Completion;
using Helicone.Connections;
using Helicone.Dashboard;
using Helicone.Errors;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Opens the dashboard in the browser: the page of a call, of a session, or of all calls.</summary>
[Cmdlet(VerbsCommon.Open, "HeliconeDashboard", DefaultParameterSetName = AllSet, SupportsShouldProcess = true)]
[OutputType(typeof(Uri))]
public sealed class OpenHeliconeDashboardCommand : HeliconeLogCommand
{
    private const string AllSet = "All";
    private const string RequestSet = "Request";
    private const string SessionSet = "Session";

    /// <summary>The call to show: an id, an answer of Invoke-HeliconeChat, or what Get-HeliconeRequest gave.</summary>
    [Parameter(ParameterSetName = RequestSet, Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("RequestId")]
    [ValidateNotNull]
    public object? Request { get; set; }

    /// <summary>The session to show: an object of New-HeliconeSession or Get-HeliconeSession, or an id.</summary>
    [Parameter(ParameterSetName = SessionSet, Mandatory = true)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public object? Session { get; set; }

    /// <summary>Returns the address and opens nothing.</summary>
    [Parameter]
    [Alias("PassThru")]
    public SwitchParameter AsUri { get; set; }

    private protected override object? Target => Request ?? Session;

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        HeliconeConnection connection = Connect();
        if (!TryRead(() => PageAsync(connection.Client.Dashboard, cancellationToken), Target, ParameterSetName == RequestSet ? InvalidInput.RequestId : InvalidInput.Session, out Task<Uri?>? finding))
        {
            return;
        }

        Uri? page = await finding;
        if (page is null)
        {
            WriteError(ErrorRecords.NotFound(
                "Dashboard",
                $"The address of the dashboard of {connection.ApiUri} is unknown.",
                connection.ApiUri,
                "Get-HeliconeRequest and Get-HeliconeSession show the log here."));
        }
        else if (AsUri)
        {
            WriteObject(Shown(page));
        }
        else if (ShouldProcess(page.GetLeftPart(UriPartial.Path), "Open in the browser") && !Browser.TryOpen(page))
        {
            // On a server without a desktop the link is what can be had; it is for another machine, or another window.
            WriteVerbose("No browser is available. The link is returned instead.");
            WriteObject(Shown(page));
        }
    }

    // A Uri has 25 properties, and the link's token is in four of them: with this name its view is the address alone.
    private static PSObject Shown(Uri page)
    {
        PSObject shown = new(page);
        shown.TypeNames.Insert(0, "Helicone.Dashboard.PageUri");
        return shown;
    }

    private Task<Uri?> PageAsync(DashboardClient dashboard, CancellationToken cancellationToken)
    {
        switch (ParameterSetName)
        {
            case RequestSet:
                return dashboard.GetRequestPageAsync(RequestIdArgument.Read(Request), cancellationToken);
            case SessionSet:
                HeliconeSession session = SessionArgument.From(Session!);
                return dashboard.GetSessionPageAsync(session.Id, session.Name, cancellationToken);
            default:
                return dashboard.GetPageAsync(cancellationToken);
        }
    }
}
