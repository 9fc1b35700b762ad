using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Errors;

namespace Helicone.Spending;

/// <summary>One call's share in the spending ceilings that it is under: a reservation for each attempt, until its cost is known.</summary>
internal sealed class CallBudget : IDisposable
{
    // A token is some four characters, and a stream is cut off only when it is certainly longer than was asked for.
    private const int CharactersPerToken = 8;

    private readonly SpendingCeiling[] _ceilings;
    private readonly decimal _perAttempt;
    private readonly long _mostCharacters;
    private readonly TimeProvider _time;
    private long _characters;
    private int _open;
    private bool _isWithReader;

    /// <param name="ceilings">The ceilings that the call is under.</param>
    /// <param name="estimates">The estimates for the models that may answer. The highest cost of each is known.</param>
    /// <param name="time">The clock.</param>
    internal CallBudget(SpendingCeiling[] ceilings, IReadOnlyList<CostEstimate> estimates, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _ceilings = ceilings;
        _perAttempt = estimates.Max(static e => e.HighestCost!.Value);
        _mostCharacters = estimates.Max(static e => e.MaxTokens * e.Choices) is { } tokens ? tokens * CharactersPerToken : long.MaxValue;
    }

    internal static HeliconeException PriceUnknown(string reason, Exception? cause) =>
        new(HeliconeErrorKind.PriceUnknown, $"The call is under a spending ceiling, and its highest cost isn't known. {reason} The call was not sent.", cause) { NothingSent = true };

    /// <summary>Reserves an attempt, and waits for calls in flight where it has to.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="failedBefore">What the last attempt failed with; <see langword="null"/> for the first attempt.</param>
    /// <exception cref="HeliconeException">A ceiling doesn't allow it.</exception>
    internal async Task BeginAsync(CancellationToken cancellationToken, string? failedBefore = null)
    {
        await SpendingCeiling.ReserveAsync(_ceilings, _perAttempt, failedBefore, _time, cancellationToken).ConfigureAwait(false);
        Interlocked.Increment(ref _open);
    }

    /// <summary>Reserves an attempt that the call can do without.</summary>
    internal bool TryBegin()
    {
        if (!SpendingCeiling.TryReserve(_ceilings, _perAttempt))
        {
            return false;
        }

        Interlocked.Increment(ref _open);
        return true;
    }

    /// <summary>An attempt failed. One that was refused, or never sent, cost nothing; any other may have been paid for.</summary>
    internal void Failed(HeliconeException error) => Close(IsFree(error) ? 0 : _perAttempt);

    /// <summary>An attempt was canceled after it was sent. It may have been paid for, so it counts in full from now on.</summary>
    internal void Canceled() => Close(_perAttempt);

    /// <summary>An attempt that was reserved is not made.</summary>
    internal void NotSent() => Close(0);

    /// <summary>The reader of the stream has a chunk. It may do anything before it asks for the next, such as wait for a call under the same ceiling.</summary>
    internal void HandOver()
    {
        if (Volatile.Read(ref _open) == 1)
        {
            _isWithReader = true;
            SpendingCeiling.HandOver(_ceilings, _perAttempt, isWithReader: true);
        }
    }

    /// <summary>The reader of the stream asks for the next chunk, or for no more.</summary>
    internal void TakeBack()
    {
        if (_isWithReader)
        {
            _isWithReader = false;
            SpendingCeiling.HandOver(_ceilings, _perAttempt, isWithReader: false);
        }
    }

    /// <summary>An attempt was answered.</summary>
    /// <param name="cost">Its cost; <see langword="null"/> when it isn't known, so that the whole reservation counts.</param>
    internal void Answered(decimal? cost) => Close(cost ?? _perAttempt);

    /// <summary>The error of a stream that is longer than the response that was paid for; <see langword="null"/> while it isn't.</summary>
    /// <remarks>Only a server that ignores the maximum number of tokens sends one. Everything that it sends may be billed.</remarks>
    internal HeliconeException? CutOff(ChatEvent part)
    {
        for (int i = -1; i < part.MoreChoices.Count; i++)
        {
            ChatDelta? choice = i < 0 ? part.Choice : part.MoreChoices[i];
            _characters += (choice?.Text?.Length ?? 0) + (choice?.Reasoning?.Length ?? 0);
            foreach (ToolCallPiece piece in choice?.ToolCalls ?? [])
            {
                _characters += piece.Arguments?.Length ?? 0;
            }
        }

        return _characters <= _mostCharacters ? null : new HeliconeException(
            HeliconeErrorKind.BudgetExceeded,
            $"The response is longer than its maximum number of tokens allows, so the stream was cut off to stay below the spending ceiling of {SpendingCeiling.Dollars(_ceilings[0].Limit)}. The whole reservation of {SpendingCeiling.Dollars(_perAttempt)} counts as spent.")
        {
            Budget = new BudgetStatus(_ceilings[0].Limit, _ceilings[0].Spent + _perAttempt, _ceilings[0].Reserved - _perAttempt, 0),
        };
    }

    /// <summary>Ends the call. Attempts that were cut off, such as the loser of a race, may have been paid for.</summary>
    public void Dispose()
    {
        TakeBack();
        while (Volatile.Read(ref _open) > 0)
        {
            Close(_perAttempt);
        }
    }

    // A gateway that could not log an answer, or that stopped waiting for a provider, reports an error for what the provider may bill all the same.
    private static bool IsFree(HeliconeException error) =>
        error.NothingSent
        || (error.StatusCode is >= 400 and not (408 or 504 or 524)
            && error.Code != GatewayErrorReader.LogUnavailable
            && !error.Upstream.Any(static attempt => attempt.StatusCode is 408 or 504 or 524));

    private void Close(decimal spent)
    {
        if (Interlocked.Decrement(ref _open) < 0)
        {
            Interlocked.Increment(ref _open);
            throw new InvalidOperationException("No attempt of the call is open.");
        }

        SpendingCeiling.Settle(_ceilings, _perAttempt, spent);
    }
}
