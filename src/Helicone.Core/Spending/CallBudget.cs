using System;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;

namespace Helicone.Spending;

/// <summary>One call's share in the spending ceilings that it is under: a reservation for each attempt, until its cost is known.</summary>
internal sealed class CallBudget(SpendingCeiling[] ceilings, CostEstimate dearest) : IDisposable
{
    private readonly decimal _perAttempt = dearest.HighestCost!.Value;
    private int _open;

    /// <summary>The estimate that the reservation of an attempt is based on.</summary>
    internal CostEstimate Dearest { get; } = dearest;

    /// <summary>Reserves an attempt, and waits for calls in flight where it has to.</summary>
    /// <exception cref="HeliconeException">A ceiling doesn't allow it.</exception>
    internal async Task BeginAsync(CancellationToken cancellationToken)
    {
        await SpendingCeiling.ReserveAsync(ceilings, _perAttempt, cancellationToken).ConfigureAwait(false);
        Interlocked.Increment(ref _open);
    }

    /// <summary>Reserves an attempt that the call can do without.</summary>
    internal bool TryBegin()
    {
        if (!SpendingCeiling.TryReserve(ceilings, _perAttempt))
        {
            return false;
        }

        Interlocked.Increment(ref _open);
        return true;
    }

    /// <summary>An attempt failed. One that was refused, or never sent, cost nothing; any other may have been paid for.</summary>
    internal void Failed(HeliconeException error) => Close(error.NothingSent || error.StatusCode >= 400 ? 0 : _perAttempt);

    /// <summary>An attempt was answered.</summary>
    /// <param name="cost">Its cost; <see langword="null"/> when it isn't known, so that the whole reservation counts.</param>
    internal void Answered(decimal? cost) => Close(cost ?? _perAttempt);

    /// <summary>Ends the call. Attempts that were cut off, such as the loser of a race, may have been paid for.</summary>
    public void Dispose()
    {
        while (Volatile.Read(ref _open) > 0)
        {
            Close(_perAttempt);
        }
    }

    private void Close(decimal spent)
    {
        if (Interlocked.Decrement(ref _open) < 0)
        {
            Interlocked.Increment(ref _open);
            throw new InvalidOperationException("No attempt of the call is open.");
        }

        SpendingCeiling.Settle(ceilings, _perAttempt, spent);
    }
}
