using System;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;

namespace Helicone.Spending;

/// <summary>A limit in US dollars for a call, a run, or everything that a client sends. Safe for use by many calls at once.</summary>
/// <remarks>
/// Before each attempt, its highest possible cost is reserved; afterward, the reservation is replaced by the real cost. An attempt whose cost
/// stays unknown, because it was cut off after it was sent, counts in full. A call that doesn't fit waits while other calls are in flight,
/// since most of them cost less than was reserved for them, and is refused when none are.
/// </remarks>
public sealed class SpendingCeiling
{
    // One lock and one signal for all ceilings: a call may have two ceilings, and reserves in both or in neither.
    private static readonly object s_lock = new();
    private static TaskCompletionSource<bool> s_changed = NewSignal();

    // A stream whose reader is busy with a chunk may wait for the very call that waits for its reservation: a pipeline runs both on one thread.
    private static readonly TimeSpan s_patienceWithReaders = TimeSpan.FromSeconds(5);

    private decimal _spent;
    private decimal _reserved;
    private decimal _withReaders;
    private long _handedOver;

    /// <summary>Creates a ceiling.</summary>
    /// <param name="limit">The limit in US dollars, more than 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit isn't more than 0.</exception>
    public SpendingCeiling(decimal limit)
    {
        if (limit <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(limit), limit, "A spending ceiling must be more than 0 US dollars.");
        }

        Limit = limit;
    }

    /// <summary>The limit in US dollars.</summary>
    public decimal Limit { get; }

    /// <summary>The cost of the finished calls in US dollars.</summary>
    public decimal Spent
    {
        get
        {
            lock (s_lock)
            {
                return _spent;
            }
        }
    }

    /// <summary>The highest cost of the calls in flight in US dollars.</summary>
    public decimal Reserved
    {
        get
        {
            lock (s_lock)
            {
                return _reserved;
            }
        }
    }

    /// <summary>Spent and limit.</summary>
    public override string ToString() => string.Format(CultureInfo.InvariantCulture, "{0} of {1} spent", Dollars(Spent), Dollars(Limit));

    internal static string Dollars(decimal amount) => amount.ToString(amount is > 0 and < 0.000001m ? "$0.00##########" : "$0.00####", CultureInfo.InvariantCulture);

    /// <summary>Reserves an amount under several ceilings, and waits for calls in flight if it fits only when they cost less than reserved.</summary>
    /// <param name="ceilings">The ceilings.</param>
    /// <param name="amount">The amount in US dollars.</param>
    /// <param name="failedBefore">What the call's last attempt failed with; <see langword="null"/> for the first attempt.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HeliconeException">It fits under one of them no more, or only if streams end whose readers have stopped reading. Nothing is reserved.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled while the call waited.</exception>
    internal static async Task ReserveAsync(SpendingCeiling[] ceilings, decimal amount, string? failedBefore, TimeProvider time, CancellationToken cancellationToken)
    {
        (SpendingCeiling Ceiling, long HandedOver, long Since)? stuck = null;
        while (true)
        {
            Task changed;
            lock (s_lock)
            {
                if (Blocking(ceilings, amount) is not { } full)
                {
                    Add(ceilings, amount);
                    return;
                }

                if (full._reserved != full._withReaders)
                {
                    stuck = null;
                }
                else if (stuck?.Ceiling != full || stuck.Value.HandedOver != full._handedOver)
                {
                    stuck = (full, full._handedOver, time.GetTimestamp());
                }

                if (full._reserved == 0 || amount > full.Limit - full._spent || (stuck is { } seen && time.GetElapsedTime(seen.Since) >= s_patienceWithReaders))
                {
                    throw full.Exceeded(amount, failedBefore);
                }

                changed = s_changed.Task;
            }

            TaskCompletionSource<bool> stopped = NewSignal();
            using CancellationTokenSource looked = new();
            using (cancellationToken.Register(static state => ((TaskCompletionSource<bool>)state!).TrySetResult(true), stopped))
            {
                await Task.WhenAny(changed, stopped.Task, time.Delay(TimeSpan.FromSeconds(1), looked.Token)).ConfigureAwait(false);
                looked.Cancel();
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Reserves an amount under several ceilings if it fits at once.</summary>
    internal static bool TryReserve(SpendingCeiling[] ceilings, decimal amount)
    {
        lock (s_lock)
        {
            if (Blocking(ceilings, amount) is not null)
            {
                return false;
            }

            Add(ceilings, amount);
            return true;
        }
    }

    /// <summary>Replaces a reservation by what was spent.</summary>
    internal static void Settle(SpendingCeiling[] ceilings, decimal reserved, decimal spent)
    {
        TaskCompletionSource<bool> changed;
        lock (s_lock)
        {
            foreach (SpendingCeiling ceiling in ceilings)
            {
                ceiling._reserved -= reserved;
                ceiling._spent += spent;
            }

            changed = s_changed;
            s_changed = NewSignal();
        }

        changed.TrySetResult(true);
    }

    /// <summary>A reservation's stream hands a chunk over to its reader, and goes on when the reader asks for more.</summary>
    internal static void HandOver(SpendingCeiling[] ceilings, decimal reserved, bool isWithReader)
    {
        lock (s_lock)
        {
            foreach (SpendingCeiling ceiling in ceilings)
            {
                ceiling._withReaders += isWithReader ? reserved : -reserved;
                ceiling._handedOver++;
            }
        }
    }

    private static TaskCompletionSource<bool> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static SpendingCeiling? Blocking(SpendingCeiling[] ceilings, decimal amount) =>
        Array.Find(ceilings, ceiling => ceiling._spent + ceiling._reserved + amount > ceiling.Limit);

    private static void Add(SpendingCeiling[] ceilings, decimal amount)
    {
        foreach (SpendingCeiling ceiling in ceilings)
        {
            ceiling._reserved += amount;
        }
    }

    private HeliconeException Exceeded(decimal amount, string? failedBefore)
    {
        string outcome = failedBefore is null ? "The call was not sent." : "The call was not sent again. Before that: " + failedBefore;
        string inFlight = _reserved > 0 ? $" {Dollars(_reserved)} is reserved for calls in flight." : string.Empty;
        return new HeliconeException(
            HeliconeErrorKind.BudgetExceeded,
            $"The call could cost up to {Dollars(amount)}, and the spending ceiling of {Dollars(Limit)} doesn't allow it: {Dollars(_spent)} has been spent.{inFlight} {outcome}")
        {
            Budget = new BudgetStatus(Limit, _spent, _reserved, amount),
            NothingSent = true,
        };
    }
}
