using System.Globalization;

namespace Helicone.Bench.Measuring;

/// <summary>What was measured of one contestant.</summary>
internal sealed class Sample(string name)
{
    private readonly List<double> _values = [];

    public string Name { get; } = name;

    public int Count => _values.Count;

    public double Median => At(0.5);

    /// <summary>The middle half, as a share of the median: how far to trust a ratio.</summary>
    public double Spread => (At(0.75) - At(0.25)) / Median;

    public void Add(double value) => _values.Add(value);

    public double At(double quantile)
    {
        double[] sorted = [.. _values.Order()];
        double position = quantile * (sorted.Length - 1);
        int below = (int)Math.Floor(position);
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((sorted[above] - sorted[below]) * (position - below));
    }

    public string Describe(string unit) => string.Create(CultureInfo.InvariantCulture, $"{Median:0.00} {unit} ±{Spread * 50:0} %");
}
