namespace Helicone.Bench.Measuring;

/// <summary>One line of the results: ours against the yardstick measured in the same run.</summary>
internal sealed record Row(string What, string Ours, string Yardstick, double Ratio, double Limit)
{
    public bool Kept => Ratio <= Limit;
}
