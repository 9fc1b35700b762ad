using System;
using System.Globalization;
using System.Management.Automation;
using Helicone.Commands;
using Helicone.Errors;
using Helicone.Resilience;

namespace Helicone.Runtime;

/// <summary>Shows what a command waits for and until when, so that a command that a server told to wait doesn't look dead.</summary>
internal sealed class WaitProgress
{
    // The progress of a run and of a gateway that starts is 1.
    private const int ActivityId = 2;

    private static readonly TimeSpan s_threshold = TimeSpan.FromSeconds(5);

    private readonly EngineCommand _cmdlet;
    private readonly CallWaits _waits;
    private string? _shown;

    /// <param name="cmdlet">The command.</param>
    /// <param name="post">Has something written on the pipeline thread.</param>
    public WaitProgress(EngineCommand cmdlet, Action<Action> post)
    {
        _cmdlet = cmdlet;
        _waits = new CallWaits(s_threshold, () => post(Show));
    }

    /// <summary>Observes every call that starts on this thread until the result is disposed.</summary>
    public IDisposable Observe() => new Observation(_waits);

    private static string Activity(CallWait wait) => wait.Kind switch
    {
        HeliconeErrorKind.RateLimited => "Waiting for a rate limit",
        HeliconeErrorKind.Unreachable => "Waiting for the gateway",
        _ => "Waiting to retry",
    };

    private static string Status(CallWait wait, int count)
    {
        string code = wait.StatusCode is { } status ? string.Format(CultureInfo.InvariantCulture, " ({0})", status) : string.Empty;
        string what = wait.Kind switch
        {
            HeliconeErrorKind.RateLimited => "Rate limited" + code,
            HeliconeErrorKind.Unreachable => "The gateway isn't responding",
            _ => "The last attempt failed" + code,
        };
        string who = count > 1 ? string.Format(CultureInfo.InvariantCulture, "{0} calls wait", count) : "Waiting";
        return $"{what}. {who} until {wait.Until.ToLocalTime().ToString("T", CultureInfo.CurrentCulture)}.";
    }

    private void Show()
    {
        CallWait? next = _waits.Next;
        string? status = next is null ? null : Status(next, _waits.Count);
        if (status == _shown)
        {
            return;
        }

        // A host may keep a record until it draws: each one is new.
        _cmdlet.WriteProgress(next is null
            ? new ProgressRecord(ActivityId, "Helicone", _shown!) { RecordType = ProgressRecordType.Completed }
            : new ProgressRecord(ActivityId, Activity(next), status!));
        _shown = status;
    }

    private sealed class Observation : IDisposable
    {
        private readonly CallWaits? _before = CallWaits.Current;

        public Observation(CallWaits waits) => CallWaits.Current = waits;

        public void Dispose() => CallWaits.Current = _before;
    }
}
