using System;
using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Completion;
using Helicone.Errors;
using Helicone.Requests;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Adds up the calls of Helicone's log: cost, failures, and tokens, all together or by model, user, property, or day.</summary>
[Cmdlet(VerbsCommon.Get, "HeliconeUsage")]
[OutputType(typeof(LoggedUsage))]
public sealed class GetHeliconeUsageCommand : HeliconeLogCommand
{
    // One request of the log returns so many calls.
    private const int CallsBetweenReports = 500;

    private static readonly TimeSpan s_defaultSpan = TimeSpan.FromDays(7);

    /// <summary>Calls since then: 7d for so long ago, a date, a DateTime.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNull]
    [MomentTransformation]
    public DateTime? Since { get; set; }

    /// <summary>Calls until then.</summary>
    [Parameter]
    [ValidateNotNull]
    [MomentTransformation]
    public DateTime? Until { get; set; }

    /// <summary>What to group by. One sum of all calls when omitted.</summary>
    [Parameter]
    [ValidateSet("Model", "User", "Property", "Day")]
    public string? By { get; set; }

    /// <summary>The property to group by.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PropertyNameCompleter))]
    public string? PropertyName { get; set; }

    /// <summary>Calls for one of these users; wildcards allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(UserCompleter))]
    public string[] UserId { get; set; } = [];

    /// <summary>Calls with all of these properties; wildcards in the values.</summary>
    [Parameter]
    [ValidateNotNull]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PropertyCompleter))]
    public IDictionary? Property { get; set; }

    /// <summary>Calls that one of these models served; wildcards allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[] Model { get; set; } = [];

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        bool isByProperty = "Property".Equals(By, StringComparison.OrdinalIgnoreCase);
        if (PropertyName is null ? isByProperty : By is not null && !isByProperty)
        {
            ThrowTerminatingError(ErrorRecords.Invalid(
                InvalidInput.Option,
                new FormatException(isByProperty ? "-By Property needs the name of a property. Add -PropertyName." : $"-PropertyName is for -By Property, and the calls are grouped by {By}. Leave out one of them."),
                By));
        }

        DateTime until = Until ?? Moment.Now;
        DateTime since = Since ?? until - s_defaultSpan;
        UsageReport report = Valid(() => new UsageReport(since, until, PropertyName is null ? By : "Property", PropertyName, !ConsoleDevice.IsUtf8), Until);
        RequestFilter filter = new() { Since = since, Until = until, UserIds = UserId, Properties = PropertyFilter(Property), Models = Model };
        await ReadAsync(report, filter, cancellationToken);
        foreach (LoggedUsage usage in report.ToUsage())
        {
            WriteObject(usage);
        }
    }

    private async Task ReadAsync(UsageReport report, RequestFilter filter, CancellationToken cancellationToken)
    {
        AsyncSequence<LoggedRequest> requests = Valid(() => Connect().Client.Requests.List(filter), Target, InvalidInput.Wildcard);
        AsyncSequence<LoggedRequest>.Enumerator request = requests.GetAsyncEnumerator(cancellationToken);
        ProgressRecord? progress = null;
        try
        {
            while (await request.MoveNextAsync().AsTask())
            {
                report.Add(request.Current);
                SeenNames.Add(request.Current);
                if (report.Count % CallsBetweenReports == 0)
                {
                    WriteProgress(progress = new ProgressRecord(1, "Reading the log", string.Format(CultureInfo.CurrentCulture, "{0:N0} requests, back to {1:g}", report.Count, request.Current.Created)));
                }
            }
        }
        finally
        {
            await request.DisposeAsync().AsTask();
            if (progress is not null)
            {
                WriteProgress(new ProgressRecord(1, "Reading the log", "Done") { RecordType = ProgressRecordType.Completed });
            }
        }
    }
}
