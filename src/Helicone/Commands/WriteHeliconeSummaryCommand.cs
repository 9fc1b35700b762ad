using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Formatting;
using Helicone.Reports;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Adds up the answers and the errors of a script, and decides about its exit code. In GitHub Actions, writes annotations and a part of the job summary.</summary>
[Cmdlet(VerbsCommunications.Write, "HeliconeSummary")]
[OutputType(typeof(RunSummary))]
public sealed class WriteHeliconeSummaryCommand : HeliconeCommand
{
    private readonly RunSummary _summary = new();
    private readonly RunFailures _failures = new();

    /// <summary>Answers of Invoke-HeliconeChat and error records, such as those of -ErrorVariable.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyCollection]
    public object? InputObject { get; set; }

    /// <summary>The title in the annotations and the job summary.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Title { get; set; } = "Helicone";

    /// <summary>What makes the exit code 1: a failed call, a call of unknown cost, or no call at all.</summary>
    [Parameter]
    [ValidateSet("Failure", "UnknownCost", "NoCalls")]
    public string[] FailOn { get; set; } = [];

    /// <summary>The highest cost of all calls in US dollars. A higher one, or an unknown one, makes the exit code 1.</summary>
    [Parameter]
    [ValidateNotNull]
    [ValidateRange(0.0, 1e9)]
    public decimal? MaxTotalCost { get; set; }

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        object? value = PlainValue.Unwrap(InputObject);
        foreach (object? item in value is IList<object?> list ? list : [value])
        {
            Add(PlainValue.Unwrap(item), item);
        }

        return Task.CompletedTask;
    }

    private protected override Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        _summary.Reasons = [.. Reasons()];
        if (GitHubActions.IsCurrent)
        {
            foreach (string annotation in GitHubActions.Annotations(Title, _summary, _failures))
            {
                WriteHost(annotation, endLine: true);
            }

            try
            {
                GitHubActions.AppendSummary(Title, _summary, _failures);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
            {
                WriteWarning($"The job summary can't be written: {e.Message}");
            }
        }

        WriteObject(_summary);
        return Task.CompletedTask;
    }

    private void Add(object? value, object? wrapped)
    {
        switch (value)
        {
            case null:
                return;
            case ErrorRecord error:
                Add(error);
                return;
            case Exception exception:
                Add(exception is IContainsErrorRecord { ErrorRecord: { } record } ? record : ErrorRecords.Unknown(exception));
                return;
        }

        _summary.Calls++;
        AnswerFacts answer = Valid(() => AnswerFacts.From(wrapped), wrapped, InvalidInput.Message);
        _summary.Tokens += answer.Tokens;
        _summary.CacheHits += answer.IsCacheHit ? 1 : 0;
        AddCost(answer.Cost);
    }

    private void Add(ErrorRecord error)
    {
        _summary.Calls++;
        _summary.Failed++;
        _failures.Add(error);
        if (error.Exception is HeliconeException failure)
        {
            // Answers that were paid for before the failure, and one that broke off.
            foreach (Chat.ChatCompletion paid in failure.Completions)
            {
                _summary.Tokens += paid.Usage?.TotalTokens ?? 0;
                AddCost(paid.Cost);
            }

            if (failure.PartialText is not null)
            {
                AddCost(null);
            }
        }
    }

    private void AddCost(decimal? cost)
    {
        _summary.Cost += cost ?? 0;
        _summary.UnpricedCalls += cost is null ? 1 : 0;
    }

    private IEnumerable<string> Reasons()
    {
        if (FailsOn("Failure") && _summary.Failed > 0)
        {
            yield return FormattableString.Invariant($"{_summary.Failed:N0} of {_summary.Calls:N0} calls failed.");
        }

        if (FailsOn("NoCalls") && _summary.Calls == 0)
        {
            yield return "There were no calls.";
        }

        if ((FailsOn("UnknownCost") || MaxTotalCost is not null) && _summary.UnpricedCalls > 0)
        {
            yield return FormattableString.Invariant($"The cost of {_summary.UnpricedCalls:N0} calls isn't known.");
        }

        if (MaxTotalCost is { } limit && _summary.Cost > limit)
        {
            yield return $"The calls cost {Cell.Money(_summary.Cost)}, and -MaxTotalCost is {Cell.Money(limit)}.";
        }
    }

    private bool FailsOn(string what) => FailOn.Contains(what, StringComparer.OrdinalIgnoreCase);
}
