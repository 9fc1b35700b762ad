using System;
using System.Globalization;

namespace Helicone.Bulk;

/// <summary>The number of items of a run that may fail before it stops: a count, or a percentage of the completed items.</summary>
/// <remarks>A percentage has no meaning for a handful of items: it applies after <see cref="SmallestSample"/> items have completed.</remarks>
public sealed record ErrorThreshold
{
    /// <summary>The number of items that must have completed before a percentage applies.</summary>
    public const int SmallestSample = 20;

    private const string Example = "Write 10 to stop after ten failures, or 5% to stop when 5% of the items have failed.";

    private ErrorThreshold(int? count, double? percent)
    {
        Count = count;
        Percent = percent;
    }

    /// <summary>The count, at least 1; <see langword="null"/> for a share.</summary>
    public int? Count { get; }

    /// <summary>The share in percent, above 0 and at most 100; <see langword="null"/> for a count.</summary>
    public double? Percent { get; }

    /// <summary>Reads <c>10</c> or <c>5%</c>.</summary>
    /// <exception cref="FormatException">It is neither, or out of range.</exception>
    public static ErrorThreshold Parse(string text)
    {
        string trimmed = text.Trim();
        if (trimmed.EndsWith("%", StringComparison.Ordinal))
        {
            return double.TryParse(trimmed.Substring(0, trimmed.Length - 1), NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out double percent)
                && percent is > 0 and <= 100
                ? new ErrorThreshold(null, percent)
                : throw new FormatException($"'{text}' is not a valid percentage. It must be more than 0% and at most 100%. {Example}");
        }

        return int.TryParse(trimmed, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count >= 1
            ? new ErrorThreshold(count, null)
            : throw new FormatException($"'{text}' is not a valid number of errors. It must be 1 or more. {Example}");
    }

    /// <summary>Indicates whether a run with so many failures stops.</summary>
    public bool IsReached(int failed, int finished) => Count is { } count
        ? failed >= count
        : finished >= SmallestSample && failed * 100.0 >= Percent!.Value * finished;

    /// <summary>As it is written.</summary>
    public override string ToString() => Count?.ToString(CultureInfo.InvariantCulture) ?? FormattableString.Invariant($"{Percent}%");
}
