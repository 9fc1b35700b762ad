using System;

namespace Helicone.Bulk;

/// <summary>What an item of a bulk run is known by: what is asked, and for the how-manieth time.</summary>
/// <param name="Fingerprint">SHA-256 of request and attribution, in hexadecimal (<see cref="Chat.ChatClient.Fingerprint"/>).</param>
/// <param name="Occurrence">0 for the first time that a run asks it; the same prompt twice is two items.</param>
public readonly record struct JournalKey(string Fingerprint, int Occurrence)
{
    /// <summary>As it stands in the journal.</summary>
    public override string ToString() => Occurrence == 0 ? Fingerprint : FormattableString.Invariant($"{Fingerprint}#{Occurrence}");
}
