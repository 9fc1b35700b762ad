using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Text.Json;

namespace Helicone.Offline.Schemas;

/// <summary>Numbers within bounds, those nearest to zero first.</summary>
internal static class NumberSample
{
    private const int MostCandidates = 32;

    public static IReadOnlyList<decimal> Candidates(SchemaShape shape, bool isInteger, int count)
    {
        (decimal low, bool isLowExclusive) = Bound(shape.Minimums, decimal.MinValue, isMinimum: true);
        (decimal high, bool isHighExclusive) = Bound(shape.Maximums, decimal.MaxValue, isMinimum: false);
        List<decimal> steps = [.. shape.Multiples.Select(m => m.TryGetDecimal(out decimal step) && step > 0 ? step : throw new UnmetSchemaException($"'multipleOf': {m.GetRawText()} is out of range."))];
        if (isInteger)
        {
            steps.Add(1);
        }

        IEnumerable<decimal> candidates = steps.Count > 0 ? Multiples(steps.Aggregate(LeastCommonMultiple), low, high) : Reals(low, high);
        return [.. candidates.Where(n => (isLowExclusive ? n > low : n >= low) && (isHighExclusive ? n < high : n <= high)).Distinct().Take(Math.Max(count, MostCandidates))];
    }

    private static IEnumerable<decimal> Multiples(decimal step, decimal low, decimal high)
    {
        // The multiple nearest to zero, and from there up, then down.
        decimal first = low > 0 ? Ceiling(low, step) : high < 0 ? -Ceiling(-high, step) : 0;
        for (decimal n = first; n <= high; n += step)
        {
            yield return n;
            if (n > decimal.MaxValue - step)
            {
                break;
            }

            if (n - first > 100_000 * step)
            {
                break;
            }
        }

        for (decimal n = first; n >= low && n > decimal.MinValue + step && first - n <= 100_000 * step; n -= step)
        {
            yield return n;
        }
    }

    private static decimal Ceiling(decimal value, decimal step)
    {
        decimal rest = value % step;
        return rest == 0 ? value : value - rest + step;
    }

    private static IEnumerable<decimal> Reals(decimal low, decimal high)
    {
        yield return 0;
        decimal start = low > decimal.MinValue ? low : high < decimal.MaxValue ? high : 0;
        decimal sign = low > decimal.MinValue ? 1 : -1;
        decimal width = low > decimal.MinValue && high < decimal.MaxValue ? (high / 2) - (low / 2) : 1;
        decimal step = width >= 1 ? 1 : width / 1024;
        for (int i = 0; i < 10_000; i++)
        {
            yield return start + (sign * i * step);
        }

        yield return (low / 2) + (high / 2);
    }

    /// <summary>The tightest bound. One that no decimal holds is as good as none: every decimal lies within it, or none does.</summary>
    private static (decimal Value, bool IsExclusive) Bound(List<(JsonElement Bound, bool IsExclusive)> bounds, decimal none, bool isMinimum)
    {
        (decimal Value, bool IsExclusive) tightest = (none, false);
        foreach ((JsonElement bound, bool isExclusive) in bounds)
        {
            if (!bound.TryGetDecimal(out decimal value))
            {
                if (bound.TryGetDouble(out double far) && far < 0 == isMinimum)
                {
                    continue;
                }

                throw new UnmetSchemaException($"The bound {bound.GetRawText()} is out of range.");
            }

            bool isTighter = isMinimum ? value > tightest.Value : value < tightest.Value;
            if (isTighter || (value == tightest.Value && isExclusive))
            {
                tightest = (value, isExclusive);
            }
        }

        return tightest;
    }

    private static decimal LeastCommonMultiple(decimal a, decimal b)
    {
        try
        {
            decimal scale = 1;
            while (a * scale % 1 != 0 || b * scale % 1 != 0)
            {
                scale *= 10;
            }

            BigInteger x = new(a * scale);
            BigInteger y = new(b * scale);
            return (decimal)(x / BigInteger.GreatestCommonDivisor(x, y) * y) / scale;
        }
        catch (OverflowException)
        {
            throw new UnmetSchemaException($"No number that can be written is a multiple of both {a} and {b}.");
        }
    }
}
