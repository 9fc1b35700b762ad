using System;

namespace Helicone.Bulk;

/// <summary>Identifies an item of a bulk run: the request, and its occurrence number.</summary>
/// <param name="Fingerprint">The version of the key and a SHA-256 hash (<see cref="Chat.ChatClient.Fingerprint"/>). Keys of the first version have no version in them.</param>
/// <param name="Occurrence">The occurrence number of this request within the run, starting at 0: the same prompt twice is two items.</param>
public readonly record struct JournalKey(string Fingerprint, int Occurrence)
{
    /// <summary>Indicates whether an earlier version of this module made the key: of the body's bytes and all headers.</summary>
    internal bool IsFirstVersion => Fingerprint.IndexOf(':') < 0;

    /// <summary>The key as it is written in the journal.</summary>
    public override string ToString() => Occurrence == 0 ? Fingerprint : FormattableString.Invariant($"{Fingerprint}#{Occurrence}");
}
