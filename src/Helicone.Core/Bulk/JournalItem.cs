using System.Linq;
using Helicone.Chat;
using Helicone.Spending;

namespace Helicone.Bulk;

/// <summary>An item of a run with a journal.</summary>
/// <param name="Key">Its key.</param>
/// <param name="FirstVersionKey">The key under which an earlier version of this module wrote it, where the journal has that one.</param>
/// <param name="Route">The models that it asks for.</param>
internal sealed record JournalItem(JournalKey Key, JournalKey? FirstVersionKey, ModelRoute Route)
{
    /// <summary>Indicates whether the route names the offline stand-in, so that its answer is the expected one.</summary>
    internal bool AsksForOffline => Route.Candidates.All(static candidate => CostCalculator.IsFree(candidate.Provider));

    /// <summary>The key under which a journal has the item: its own, unless only an earlier version wrote it.</summary>
    internal JournalKey KeyIn(BulkJournal journal) =>
        FirstVersionKey is { } earlier && journal.GetState(Key) == JournalState.Unknown ? earlier : Key;
}
