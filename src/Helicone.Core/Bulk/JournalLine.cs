namespace Helicone.Bulk;

/// <summary>The facts of one line of a journal.</summary>
/// <param name="Key">The item.</param>
/// <param name="State">Its state.</param>
/// <param name="IsOffline">Indicates whether the answer is from the offline stand-in and not from a model.</param>
/// <param name="Replaces">The key under which an earlier version of this module knew the item.</param>
internal sealed record JournalLine(JournalKey Key, JournalState State, bool IsOffline, JournalKey? Replaces);
