namespace Helicone.Bulk;

/// <summary>The state of an item in a journal.</summary>
public enum JournalState
{
    /// <summary>Nothing: it was never sent.</summary>
    Unknown,

    /// <summary>It was sent, and the run ended before its answer was written: it is unknown whether it was paid for.</summary>
    Sent,

    /// <summary>It failed.</summary>
    Failed,

    /// <summary>It was answered, and the answer is here.</summary>
    Done,
}
