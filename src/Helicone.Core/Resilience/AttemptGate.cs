using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;

namespace Helicone.Resilience;

/// <summary>The influence of a run on the attempts of one call: the run's pace, and its rate limits.</summary>
internal abstract class AttemptGate
{
    /// <summary>
    /// Indicates whether the rate limit that the call met is the run's and not the call's own. Attempts that such a limit refused
    /// don't use up the call's retries: the call waits with the rest of the run.
    /// </summary>
    internal abstract bool IsLimitShared { get; }

    /// <summary>Waits until the pace allows another attempt. The first attempt of a call doesn't come here.</summary>
    internal abstract Task WaitAsync(CancellationToken cancellationToken);

    /// <summary>Ends the wait of a call for its spending ceiling, when the run sends nothing more.</summary>
    internal abstract CancellationToken Halted { get; }

    /// <summary>Called before the first attempt of a call, when nothing delays it any longer.</summary>
    internal abstract Task SendingAsync();

    /// <summary>Records an attempt that failed.</summary>
    internal abstract void Failed(HeliconeException error);
}
