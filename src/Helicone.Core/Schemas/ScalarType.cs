using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text.RegularExpressions;
using System.Xml;

namespace Helicone.Schemas;

/// <summary>A .NET type that is a single JSON value.</summary>
/// <param name="Kind">The JSON form.</param>
/// <param name="Format">The <c>format</c> of a text, from the ones that strict schemas allow.</param>
/// <param name="What">What the text must be, for the model and for errors.</param>
/// <param name="Parse">Makes the value of a text; returns <see langword="null"/> when the text isn't one.</param>
internal sealed record ScalarType(ShapeKind Kind, string? Format = null, string? What = null, Func<string, object?>? Parse = null)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private static readonly Regex s_time = new(
        @"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:[Tt ](?<time>[0-9]{2}:[0-9]{2})(?<second>:[0-9]{2})?(?<fraction>\.[0-9]+)?(?<offset>[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?$",
        RegexOptions.CultureInvariant,
        s_patience);

    // Years and months have no fixed length.
    private static readonly Regex s_duration = new(@"^-?P(?!$)(?:[0-9]+D)?(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?$", RegexOptions.CultureInvariant, s_patience);
    private static readonly Regex s_clock = new(@"^-?(?:[0-9]+\.)?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,7})?$", RegexOptions.CultureInvariant, s_patience);
    private static readonly Regex s_scheme = new(@"^[A-Za-z][A-Za-z0-9+.-]*:", RegexOptions.CultureInvariant, s_patience);

    private static readonly Dictionary<Type, ScalarType> s_types = new()
    {
        [typeof(string)] = new(ShapeKind.Text),
        [typeof(char)] = new(ShapeKind.Text, What: "a single character", Parse: static text => text.Length == 1 ? text[0] : null),
        [typeof(bool)] = new(ShapeKind.Boolean),
        [typeof(sbyte)] = new(ShapeKind.WholeNumber),
        [typeof(byte)] = new(ShapeKind.WholeNumber),
        [typeof(short)] = new(ShapeKind.WholeNumber),
        [typeof(ushort)] = new(ShapeKind.WholeNumber),
        [typeof(int)] = new(ShapeKind.WholeNumber),
        [typeof(uint)] = new(ShapeKind.WholeNumber),
        [typeof(long)] = new(ShapeKind.WholeNumber),
        [typeof(ulong)] = new(ShapeKind.WholeNumber),
        [typeof(BigInteger)] = new(ShapeKind.WholeNumber),
        [typeof(float)] = new(ShapeKind.Number),
        [typeof(double)] = new(ShapeKind.Number),
        [typeof(decimal)] = new(ShapeKind.Number),
        [typeof(DateTime)] = new(ShapeKind.Text, "date-time", "an ISO 8601 date and time", static text => ParseDateTime(text)),
        [typeof(DateTimeOffset)] = new(ShapeKind.Text, "date-time", "an ISO 8601 date and time with an offset", static text => ParseDateTimeOffset(text)),
        [typeof(TimeSpan)] = new(ShapeKind.Text, "duration", "an ISO 8601 duration without years and months, such as PT1H30M", static text => ParseTimeSpan(text)),
        [typeof(Guid)] = new(ShapeKind.Text, "uuid", "a UUID", static text => Guid.TryParse(text, out Guid id) ? id : null),
        [typeof(Uri)] = new(ShapeKind.Text, What: "an absolute URI", Parse: static text => s_scheme.IsMatch(text) && Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) ? uri : null),
        [typeof(Version)] = new(ShapeKind.Text, What: "a version number of two to four parts, such as 1.2.3", Parse: static text => Version.TryParse(text, out Version? version) ? version : null),
        // .NET reads '5' as 0.0.0.5.
        [typeof(IPAddress)] = new(ShapeKind.Text, What: "an IP address", Parse: static text => text.IndexOfAny(['.', ':']) >= 0 && IPAddress.TryParse(text, out IPAddress? address) ? address : null),
    };

    /// <summary>Finds the scalar that a type is; <see langword="null"/> for any other type.</summary>
    internal static ScalarType? Of(Type type) => s_types.TryGetValue(type, out ScalarType? scalar) ? scalar : OfNewer(type);

    // DateOnly and TimeOnly don't exist in .NET Standard.
    private static ScalarType? OfNewer(Type type) => type.FullName switch
    {
        "System.DateOnly" => new(ShapeKind.Text, "date", "an ISO 8601 date", text => ParseExact(type, text, "yyyy-MM-dd")),
        "System.TimeOnly" => new(ShapeKind.Text, "time", "an ISO 8601 time without an offset", text => ParseExact(type, text, "HH:mm:ss", "HH:mm:ss.FFFFFFF", "HH:mm")),
        _ => null,
    };

    private static object? ParseExact(Type type, string text, params string[] formats)
    {
        System.Reflection.MethodInfo parse = type.GetMethod("ParseExact", [typeof(string), typeof(string), typeof(IFormatProvider), typeof(DateTimeStyles)])!;
        foreach (string format in formats)
        {
            try
            {
                return parse.Invoke(null, [text, format, CultureInfo.InvariantCulture, DateTimeStyles.None]);
            }
            catch (System.Reflection.TargetInvocationException e) when (e.InnerException is FormatException)
            {
                // The next format.
            }
        }

        return null;
    }

    /// <remarks>A time with an offset becomes the same moment in UTC, so that it doesn't depend on the machine's time zone. One without stays unspecified.</remarks>
    private static DateTime? ParseDateTime(string text) =>
        ReadTime(text, out DateTime time, out TimeSpan? offset) ? offset is { } known ? Utc(time, known) : time : null;

    private static DateTimeOffset? ParseDateTimeOffset(string text)
    {
        if (!ReadTime(text, out DateTime time, out TimeSpan? offset) || offset is not { } known)
        {
            return null;
        }

        try
        {
            return new DateTimeOffset(time, known);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static DateTime? Utc(DateTime time, TimeSpan offset)
    {
        try
        {
            return DateTime.SpecifyKind(time - offset, DateTimeKind.Utc);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static bool ReadTime(string text, out DateTime time, out TimeSpan? offset)
    {
        time = default;
        offset = null;
        Match match = s_time.Match(text.Trim());
        if (!match.Success)
        {
            return false;
        }

        string clock = match.Groups["time"] is { Success: true } hours ? hours.Value + (match.Groups["second"] is { Success: true } second ? second.Value : ":00") : "00:00:00";
        if (!DateTime.TryParseExact(match.Groups["date"].Value + "T" + clock, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out time))
        {
            return false;
        }

        if (match.Groups["fraction"] is { Success: true } fraction)
        {
            // .NET keeps 100 ns; finer digits are cut off.
            time = time.AddTicks(long.Parse(fraction.Value.Substring(1).PadRight(7, '0').Substring(0, 7), CultureInfo.InvariantCulture));
        }

        if (match.Groups["offset"] is { Success: true } zone)
        {
            string digits = zone.Value.Replace(":", string.Empty);
            offset = zone.Value is "Z" or "z"
                ? TimeSpan.Zero
                : new TimeSpan(int.Parse(digits.Substring(1, 2), CultureInfo.InvariantCulture), int.Parse(digits.Substring(3, 2), CultureInfo.InvariantCulture), 0);
            if (digits[0] == '-')
            {
                offset = -offset;
            }
        }

        return true;
    }

    private static TimeSpan? ParseTimeSpan(string text)
    {
        try
        {
            return s_duration.IsMatch(text) ? XmlConvert.ToTimeSpan(text)
                : s_clock.IsMatch(text) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan time) ? time
                : null;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }
}
