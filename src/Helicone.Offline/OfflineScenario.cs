using System;
using System.Collections.Generic;
using Helicone.Offline.Errors;

namespace Helicone.Offline;

/// <summary>What the offline provider does with calls of one kind: it replies, or fails, or answers for the whole gateway.</summary>
internal sealed record OfflineScenario
{
    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    public required ScenarioMatch Match { get; init; }

    /// <summary>For how many calls it is there; then the next one that fits is asked. <see langword="null"/> for all of them.</summary>
    public int? Times { get; init; }

    /// <summary>How long until the first token, or the failure.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>The answers in their order: one for every call, or one for each turn of a conversation.</summary>
    public IReadOnlyList<ScenarioReply> Replies { get; init; } = [];

    /// <summary>Whether each conversation gets the answers one after another, from the prompt on that the scenario is for.</summary>
    public bool IsSequence { get; init; }

    /// <summary>Fails the attempt: the next of the route is asked.</summary>
    public AttemptError? Failure { get; init; }

    /// <summary>Ends the call: nobody else is asked.</summary>
    public OfflineEnvelope? Envelope { get; init; }
}
