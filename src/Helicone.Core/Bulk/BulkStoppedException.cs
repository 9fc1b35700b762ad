using System;
using System.Collections.Generic;

namespace Helicone.Bulk;

/// <summary>A run ended before its input did. Calls in flight have been completed; the inner exception contains the reason why nothing more was sent.</summary>
public sealed class BulkStoppedException : Exception
{
    /// <summary>Creates one.</summary>
    public BulkStoppedException(string message, Exception cause, int done, int failed, IReadOnlyList<object?> unanswered)
        : base(message, cause)
    {
        Done = done;
        Failed = failed;
        Unanswered = unanswered;
    }

    /// <summary>The number of items with an answer.</summary>
    public int Done { get; }

    /// <summary>The number of items that failed, each with a separate error.</summary>
    public int Failed { get; }

    /// <summary>The items that had come in and were not sent, in the order of the input. What comes behind them was never taken.</summary>
    public IReadOnlyList<object?> Unanswered { get; }
}
