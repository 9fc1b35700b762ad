using System;
using System.Collections.Generic;
using System.Globalization;

namespace Helicone.Requests;

/// <summary>Statuses of logged calls, from one to another, both included.</summary>
public sealed class StatusRange
{
    private const string Example = "Use a status such as 429, a class such as 4xx or 5*, 'failed', or 'succeeded'.";

    /// <summary>Creates a range.</summary>
    /// <param name="from">The lowest status; <see cref="int.MinValue"/> for no lower bound.</param>
    /// <param name="to">The highest status; <see cref="int.MaxValue"/> for no upper bound.</param>
    public StatusRange(int from, int to)
    {
        From = from;
        To = to;
    }

    /// <summary>The lowest status.</summary>
    public int From { get; }

    /// <summary>The highest status.</summary>
    public int To { get; }

    /// <summary>The range of one status.</summary>
    public static implicit operator StatusRange(int status) => FromInt32(status);

    /// <summary>The range of one status.</summary>
    public static StatusRange FromInt32(int status) => new(status, status);

    /// <summary>
    /// Reads a status (<c>429</c>), a class of statuses (<c>4xx</c>, <c>5*</c>, <c>42x</c>), <c>succeeded</c> (200 to 299), or <c>failed</c>
    /// (400 and higher, and the log's negative statuses: timed out, canceled, threat, unknown).
    /// </summary>
    /// <returns>The ranges, of which one must match.</returns>
    /// <exception cref="FormatException">The text is not a valid status.</exception>
    public static IReadOnlyList<StatusRange> Parse(string text)
    {
        string word = text.Trim();
        if (word.Equals("failed", StringComparison.OrdinalIgnoreCase))
        {
            return [new StatusRange(400, int.MaxValue), new StatusRange(int.MinValue, -1)];
        }

        if (word.Equals("succeeded", StringComparison.OrdinalIgnoreCase))
        {
            return [new StatusRange(200, 299)];
        }

        if (int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int status))
        {
            return [status];
        }

        string digits = word.TrimEnd('x', 'X', '*', '?');
        bool isClass = digits.Length is 1 or 2 && word.Length > digits.Length && (word[digits.Length] == '*' ? word.Length == digits.Length + 1 : word.Length == 3 && word.IndexOf('*') < 0);
        if (!isClass || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int first) || digits[0] == '0')
        {
            throw new FormatException($"'{text}' is not a valid status. {Example}");
        }

        int width = digits.Length == 1 ? 100 : 10;
        return [new StatusRange(first * width, (first * width) + width - 1)];
    }

    /// <summary>The status, or both ends.</summary>
    public override string ToString() => string.Format(CultureInfo.InvariantCulture, From == To ? "{0}" : "{0}-{1}", From, To);
}
