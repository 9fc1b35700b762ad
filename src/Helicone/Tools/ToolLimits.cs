using System;

namespace Helicone.Tools;

/// <summary>What tools may take.</summary>
internal sealed class ToolLimits
{
    /// <summary>The maximum number of calls that are run of one answer.</summary>
    public const int MaxCallsPerRound = 128;

    public const int DefaultOutput = 16_000;

    public const int DefaultRounds = 10;

    public const double DefaultSeconds = 60;

    public int Rounds { get; init; } = DefaultRounds;

    public int OutputCharacters { get; init; } = DefaultOutput;

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(DefaultSeconds);
}
