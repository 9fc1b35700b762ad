using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Threading.Tasks;
using Helicone.Bulk;
using Helicone.Chat;
using Helicone.Errors;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>For the cmdlets that make many calls in one run: how many at once, at what pace, what is kept, when to give up.</summary>
public abstract class HeliconeBulkCommand : HeliconeCallCommand
{
    private BulkJournal? _journal;
    private ChatRun? _run;

    private protected HeliconeBulkCommand()
    {
    }

    /// <summary>How many calls may be in flight at once.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = 8;

    /// <summary>Gives answers out as they finish instead of in the order of the input.</summary>
    [Parameter]
    public SwitchParameter AsCompleted { get; set; }

    /// <summary>A file in which every finished item is kept, so that a run that was cut off goes on where it was: what it holds is not sent again.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Journal { get; set; }

    /// <summary>What to do with items that an earlier run of the journal sent and whose answer it never got: send them again, or leave them.</summary>
    [Parameter]
    [ValidateSet("Retry", "Skip")]
    public string Resume { get; set; } = "Retry";

    /// <summary>The maximum number of requests per minute, retries and hedges included.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int? RequestsPerMinute { get; set; }

    /// <summary>The most tokens to use in a minute.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000_000)]
    public int? TokensPerMinute { get; set; }

    /// <summary>How many calls may fail before the run stops: a number, or a share such as <c>5%</c>.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ErrorThreshold { get; set; }

    /// <summary>How long to wait for a gateway that does not answer any more before the run stops: 10m, 1h, a TimeSpan, or seconds.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? WaitForGateway { get; set; }

    /// <summary>Whether the call is a run, though it may be of one item: something of a run was asked for.</summary>
    private protected bool IsRun => RunParameters().Any();

    /// <summary>Refuses what does not go with streams, checks the rest, and takes the journal, before anything is sent.</summary>
    private protected void CheckRun(bool stream)
    {
        if (stream && RunParameters().FirstOrDefault() is { } parameter)
        {
            ThrowTerminatingError(ErrorRecords.Invalid(
                InvalidInput.Bulk,
                new FormatException($"-{parameter} is for whole answers: what a stream has given out can be neither held back nor taken back. Leave out -Stream, or -{parameter}."),
                parameter));
        }

        BulkOptions = Valid(
            () => new BulkOptions
            {
                ThrottleLimit = ThrottleLimit,
                AsCompleted = AsCompleted,
                Resume = Resume.Equals("Skip", StringComparison.OrdinalIgnoreCase) ? ResumeMode.Skip : ResumeMode.Retry,
                RequestsPerMinute = RequestsPerMinute,
                TokensPerMinute = TokensPerMinute,
                ErrorThreshold = ErrorThreshold is null ? null : Bulk.ErrorThreshold.Parse(ErrorThreshold),
                WaitForGateway = WaitForGateway,
            },
            ErrorThreshold,
            InvalidInput.Bulk);
        if (WaitForGateway is { } wait && wait <= TimeSpan.Zero)
        {
            ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Bulk, new FormatException("-WaitForGateway must be more than zero."), wait));
        }

        if (Journal is not null)
        {
            BulkOptions = BulkOptions with { Journal = OpenJournal(Journal) };
        }
    }

    /// <summary>Starts a call of the run, and writes what has finished meanwhile.</summary>
    private protected Task RunAsync(HeliconeClient client, ChatRequest request, RequestOptions options, System.Threading.CancellationToken cancellationToken)
    {
        _run ??= new ChatRun(this, client, BulkOptions);
        return _run.AddAsync(request, options, cancellationToken);
    }

    /// <summary>Waits for the rest of the run and writes it.</summary>
    private protected async Task EndRunAsync()
    {
        if (_run is not null)
        {
            await _run.EndAsync();
            WarnOfUnmatched(_run.HasSent);
        }

        CloseRun();
    }

    private protected override async Task AbandonAsync()
    {
        if (_run is not null)
        {
            await _run.AbandonAsync();
        }

        CloseRun();
    }

    private BulkOptions BulkOptions { get; set; } = null!;

    private void CloseRun()
    {
        _run?.Dispose();
        _run = null;
        _journal?.Dispose();
        _journal = null;
    }

    /// <summary>Reports the answers of an earlier version of this module that the run couldn't use.</summary>
    private void WarnOfUnmatched(bool hasSent)
    {
        if (hasSent && _journal is { Unmatched: > 0 and int unmatched })
        {
            WriteWarning(string.Format(
                CultureInfo.InvariantCulture,
                "The journal '{0}' has {1} from an earlier version of this module that {2} no input of this run: the keys of that version can't always be recomputed. Inputs without a matching answer were sent.",
                _journal.Path,
                unmatched == 1 ? "1 answer" : unmatched.ToString(CultureInfo.InvariantCulture) + " answers",
                unmatched == 1 ? "matches" : "match"));
        }
    }

    private IEnumerable<string> RunParameters() => new[]
    {
        nameof(Journal), nameof(Resume), nameof(RequestsPerMinute), nameof(TokensPerMinute), nameof(AsCompleted), nameof(ErrorThreshold), nameof(WaitForGateway),
    }.Where(MyInvocation.BoundParameters.ContainsKey);

    private BulkJournal OpenJournal(string file)
    {
        string path = GetUnresolvedProviderPathFromPSPath(file);
        try
        {
            _journal = BulkJournal.Open(path);
        }
        catch (JournalException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e, file));
        }

        BulkJournal journal = _journal!;
        WriteVerbose(string.Format(CultureInfo.InvariantCulture, "The journal '{0}' holds {1} answers and {2} errors of earlier runs.", path, journal.Done, journal.Failed));
        if (journal.Unmatched > 0)
        {
            WriteVerbose(string.Format(CultureInfo.InvariantCulture, "An earlier version of this module wrote {0} of these answers. They are used for inputs whose request and headers are the same as then.", journal.Unmatched));
        }

        if (journal.Unreadable > 0)
        {
            WriteWarning(string.Format(
                CultureInfo.InvariantCulture,
                "{0} of the journal '{1}' can't be read and {2} skipped. A crash while the journal was written does that. The inputs of these lines are sent again.",
                journal.Unreadable == 1 ? "1 line" : journal.Unreadable.ToString(CultureInfo.InvariantCulture) + " lines",
                path,
                journal.Unreadable == 1 ? "was" : "were"));
        }

        if (journal.Sent > 0)
        {
            string what = Resume.Equals("Skip", StringComparison.OrdinalIgnoreCase)
                ? "They are left alone, each with an error."
                : "They are sent again, and may be paid for twice; -Resume Skip would leave them.";
            WriteWarning(string.Format(
                CultureInfo.InvariantCulture,
                "An earlier run with the journal '{0}' sent {1} and was cut off before the answer came, so nobody knows whether they were answered. {2}",
                path,
                journal.Sent == 1 ? "1 item" : journal.Sent.ToString(CultureInfo.InvariantCulture) + " items",
                what));
        }

        return journal;
    }
}
