using System;
using System.Globalization;
using System.Linq;
using System.Numerics;
using System.Text.Json;

namespace Helicone.Schemas;

/// <summary>JSON numbers as .NET numbers, without a detour over double: 9007199254740993 and 0.1 stay what they are.</summary>
internal static class AnswerNumber
{
    // Far more than any number that means something; BigInteger would work on a million digits for minutes.
    private const int MaxLength = 400;

    /// <summary>A whole number, written as 5, 5.0, or 5e3; <see langword="null"/> for any other.</summary>
    internal static BigInteger? Integer(string raw)
    {
        if (raw.Length > MaxLength)
        {
            return null;
        }

        if (raw.IndexOfAny(['.', 'e', 'E']) < 0)
        {
            return BigInteger.Parse(raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        }

        return Decimal(raw) is { } number && decimal.Truncate(number) == number ? new BigInteger(number) : null;
    }

    /// <summary>A whole number as a type; <see langword="null"/> where it is out of the type's range.</summary>
    internal static object? To(BigInteger number, Type type)
    {
        try
        {
            return Type.GetTypeCode(type) switch
            {
                TypeCode.SByte => (sbyte)number,
                TypeCode.Byte => (byte)number,
                TypeCode.Int16 => (short)number,
                TypeCode.UInt16 => (ushort)number,
                TypeCode.Int32 => (int)number,
                TypeCode.UInt32 => (uint)number,
                TypeCode.UInt64 => (ulong)number,
                _ => (object)(long)number,
            };
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>A number as a type; <see langword="null"/> where it is out of the type's range.</summary>
    internal static object? To(JsonElement value, Type? type)
    {
        string raw = value.GetRawText();
        if (type == typeof(decimal))
        {
            return Decimal(raw);
        }

        // .NET reads 1e400 as infinity, and .NET Framework refuses it.
        double number = Double(raw);
        if (double.IsNaN(number) || double.IsInfinity(number))
        {
            return null;
        }

        return type is null ? Decimal(raw) ?? (object)number
            : type == typeof(double) ? number
            : float.IsInfinity((float)number) ? null
            : (float)number;
    }

    /// <summary>A number of no certain type: a long, else a decimal, else a double.</summary>
    internal static object Plain(JsonElement value) => value.TryGetInt64(out long whole) ? whole : Decimal(value.GetRawText()) ?? (object)Double(value.GetRawText());

    // A number that decimal rounds to zero isn't zero.
    private static decimal? Decimal(string raw) =>
        raw.Length <= MaxLength
        && decimal.TryParse(raw, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
        && (number != 0 || !raw.TakeWhile(static c => c is not ('e' or 'E')).Any(static c => c is >= '1' and <= '9'))
            ? number
            : null;

    private static double Double(string raw) => double.TryParse(raw, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.PositiveInfinity;
}
