namespace Helicone.Core.Tests.Faults;

/// <summary>Everything that goes wrong between a client and a gateway, as far as anyone has seen it happen.</summary>
public static partial class FaultTable
{
    /// <summary>What time it is where time is faked.</summary>
    internal static readonly DateTimeOffset Now = new(2026, 3, 1, 3, 0, 0, TimeSpan.Zero);

    // Late, because it is made of what the other files of this class hold.
    private static readonly Lazy<Dictionary<string, Fault>> s_all = new(() =>
        new[] { Connections(), Silences(), Cuts(), Bodies(), Statuses(), Envelopes(), Waits() }.SelectMany(f => f).ToDictionary(f => f.Name, StringComparer.Ordinal));

    public static TheoryData<string> Names => [.. s_all.Value.Keys];

    internal static IReadOnlyCollection<Fault> All => s_all.Value.Values;

    internal static Fault Find(string name) => s_all.Value[name];
}
