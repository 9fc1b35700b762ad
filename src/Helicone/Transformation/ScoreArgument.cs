using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;

namespace Helicone.Transformation;

/// <summary>The scores of a hashtable.</summary>
internal static class ScoreArgument
{
    /// <exception cref="FormatException">A value is not a number; the message names it.</exception>
    public static Dictionary<string, double> Read(IDictionary values)
    {
        Dictionary<string, double> scores = new(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in values)
        {
            string name = Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? string.Empty;
            double? score = Number(PlainValue.Unwrap(entry.Value));
            scores[name.Length > 0 ? name : throw new FormatException("The name of a score is empty.")] = score is { } number && !double.IsNaN(number) && !double.IsInfinity(number)
                ? number
                : throw new FormatException($"The score '{name}' is not a number: '{entry.Value}'.");
        }

        return scores;
    }

    private static double? Number(object? value) => value switch
    {
        bool flag => flag ? 1 : 0,
        SwitchParameter flag => flag ? 1 : 0,
        string text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null,
        byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        _ => null,
    };
}
