namespace Helicone.Bench.Measuring;

/// <summary>One line of the results: ours against the yardstick measured in the same run.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Ours">Ours, with its unit and spread.</param>
/// <param name="Yardstick">The other, with its name.</param>
/// <param name="Ratio">Ours over the other.</param>
/// <param name="Limit">What the ratio may be; <see langword="null"/> for a row that only informs.</param>
internal sealed record Row(string What, string Ours, string Yardstick, double Ratio, double? Limit)
{
    public bool Kept => Limit is null || Ratio <= Limit;

    public string Verdict => Limit is null ? "" : Kept ? "kept" : "MISSED";
}
