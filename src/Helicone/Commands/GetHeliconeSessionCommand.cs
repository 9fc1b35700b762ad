using System;
using System.Collections;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Completion;
using Helicone.Requests;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Gets sessions from Helicone's log with what their calls add up to.</summary>
[Cmdlet(VerbsCommon.Get, "HeliconeSession", DefaultParameterSetName = SearchSet)]
[OutputType(typeof(LoggedSession))]
public sealed class GetHeliconeSessionCommand : HeliconeLogCommand
{
    private const string SearchSet = "Search";
    private const string IdSet = "Id";

    /// <summary>Their ids, or objects of New-HeliconeSession; wildcards allowed.</summary>
    [Parameter(ParameterSetName = IdSet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("SessionId")]
    [ValidateNotNull]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public object? Id { get; set; }

    /// <summary>A text that the id or the name holds.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string? Search { get; set; }

    /// <summary>The name of the session; wildcards allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Name { get; set; }

    /// <summary>Sessions with calls for one of these users; wildcards allowed. Only those calls count.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(UserCompleter))]
    public string[] UserId { get; set; } = [];

    /// <summary>Sessions with calls that have all of these properties; wildcards in the values. Only those calls count.</summary>
    [Parameter]
    [ValidateNotNull]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PropertyCompleter))]
    public IDictionary? Property { get; set; }

    /// <summary>Sessions with a call since then: 7d for so long ago, a date, a DateTime.</summary>
    [Parameter]
    [ValidateNotNull]
    [MomentTransformation]
    public DateTime? Since { get; set; }

    /// <summary>Sessions with a call until then.</summary>
    [Parameter]
    [ValidateNotNull]
    [MomentTransformation]
    public DateTime? Until { get; set; }

    /// <summary>The most sessions.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? First { get; set; }

    private protected override object? Target => Id ?? (object?)Name ?? Search;

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        if (!TryReadSessionIds(Id, out string[]? ids))
        {
            return Task.CompletedTask;
        }

        SessionLogClient log = Connect().Client.Sessions;
        RequestFilter filter = new() { SessionIds = ids, UserIds = UserId, Properties = PropertyFilter(Property), Since = Since, Until = Until };
        return WriteAsync(() => log.List(Search, Name, filter, First), cancellationToken);
    }
}
