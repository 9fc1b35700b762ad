using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Completion;
using Helicone.Connections;
using Helicone.Errors;
using Helicone.Requests;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Gets calls from Helicone's log, newest first: those with an id, or all that have in common what is asked for.</summary>
[Cmdlet(VerbsCommon.Get, "HeliconeRequest", DefaultParameterSetName = FilterSet)]
[OutputType(typeof(LoggedRequest))]
public sealed class GetHeliconeRequestCommand : HeliconeLogCommand
{
    private const string FilterSet = "Filter";
    private const string IdSet = "Id";

    /// <summary>Their ids, or what has a RequestId: answers of Invoke-HeliconeChat.</summary>
    [Parameter(ParameterSetName = IdSet, Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("RequestId")]
    [RequestIdTransformation]
    public string[] Id { get; set; } = [];

    /// <summary>Calls of these sessions: objects or ids, wildcards allowed.</summary>
    [Parameter(ParameterSetName = FilterSet, ValueFromPipelineByPropertyName = true)]
    [Alias("SessionId")]
    [ValidateNotNull]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public object? Session { get; set; }

    /// <summary>Calls for one of these users; wildcards allowed.</summary>
    [Parameter(ParameterSetName = FilterSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(UserCompleter))]
    public string[] UserId { get; set; } = [];

    /// <summary>Calls with all of these properties; wildcards in the values.</summary>
    [Parameter(ParameterSetName = FilterSet)]
    [ValidateNotNull]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PropertyCompleter))]
    public IDictionary? Property { get; set; }

    /// <summary>Calls that one of these models served; wildcards allowed.</summary>
    [Parameter(ParameterSetName = FilterSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[] Model { get; set; } = [];

    /// <summary>Calls that one of these providers served; wildcards allowed.</summary>
    [Parameter(ParameterSetName = FilterSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string[] Provider { get; set; } = [];

    /// <summary>Calls that ended with one of these HTTP statuses: <c>429</c>, <c>4xx</c>, <c>5*</c>, <c>failed</c>, <c>succeeded</c>.</summary>
    [Parameter(ParameterSetName = FilterSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(StatusCompleter))]
    public string[] Status { get; set; } = [];

    /// <summary>Calls that were answered from the cache; with <c>:$false</c> those that were not.</summary>
    [Parameter(ParameterSetName = FilterSet)]
    public SwitchParameter Cached { get; set; }

    /// <summary>Calls since then: 7d for so long ago, a date, a DateTime.</summary>
    [Parameter(ParameterSetName = FilterSet)]
    [ValidateNotNull]
    [MomentTransformation]
    public DateTime? Since { get; set; }

    /// <summary>Calls until then.</summary>
    [Parameter(ParameterSetName = FilterSet)]
    [ValidateNotNull]
    [MomentTransformation]
    public DateTime? Until { get; set; }

    /// <summary>The most calls.</summary>
    [Parameter(ParameterSetName = FilterSet)]
    [ValidateRange(1, int.MaxValue)]
    public int? First { get; set; }

    /// <summary>Fetches what was asked and answered too, with one more request for each call.</summary>
    [Parameter]
    public SwitchParameter IncludeBody { get; set; }

    private protected override object? Target => ParameterSetName == IdSet ? Id : null;

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        HeliconeConnection connection = Connect();
        if (ParameterSetName != IdSet)
        {
            if (TryReadSessionIds(Session, out string[]? sessions))
            {
                RequestFilter filter = Filter(sessions);
                await WriteAsync(() => connection.Client.Requests.List(filter, First, IncludeBody), cancellationToken);
            }

            return;
        }

        foreach (string id in Id)
        {
            try
            {
                LoggedRequest request = await connection.Client.Requests.GetAsync(id, IncludeBody, cancellationToken).OnPipeline();
                SeenNames.Add(request);
                WriteObject(request);
            }
            catch (HeliconeException e)
            {
                WriteError(Record(e, id));
            }
        }
    }

    private protected override void AfterRow(object? row)
    {
        if (row is LoggedRequest { BodyError: { } error })
        {
            WriteError(Record(error, row));
        }
    }

    private RequestFilter Filter(string[] sessions) => new()
    {
        SessionIds = sessions,
        UserIds = UserId,
        Properties = PropertyFilter(Property),
        Models = Model,
        Providers = Provider,
        Status = Valid(() => Status.SelectMany(StatusRange.Parse).ToArray(), Status, InvalidInput.Status),
        Cached = MyInvocation.BoundParameters.ContainsKey(nameof(Cached)) ? Cached.IsPresent : null,
        Since = Since,
        Until = Until,
    };
}
