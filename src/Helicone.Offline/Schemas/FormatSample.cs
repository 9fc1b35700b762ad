using System.Collections.Generic;
using System.Globalization;

namespace Helicone.Offline.Schemas;

/// <summary>Texts of the formats that JSON Schema defines, in the domain that is reserved for examples.</summary>
internal static class FormatSample
{
    /// <summary>Texts of a format, the plainest first; empty for a format that isn't known.</summary>
    /// <param name="format">The name of the format.</param>
    /// <param name="number">A number that makes the texts differ from those of another.</param>
    public static IReadOnlyList<string> Candidates(string format, int number)
    {
        string n = number == 0 ? string.Empty : number.ToString(CultureInfo.InvariantCulture);
        string clock = $"{number / 3600 % 24:00}:{number / 60 % 60:00}:{number % 60:00}";
        return format switch
        {
            "date-time" => [$"2000-01-01T{clock}Z", $"2000-01-01T{clock}+00:00"],
            "date" => [$"2000-{1 + (number / 28 % 12):00}-{1 + (number % 28):00}"],
            "time" => [$"{clock}Z"],
            "duration" => [$"PT{number}S", $"P{number}D"],
            "email" or "idn-email" => [$"offline{n}@example.com"],
            "hostname" or "idn-hostname" => [$"offline{n}.example.com", $"offline{n}"],
            "ipv4" => [$"192.0.2.{number % 256}"],
            "ipv6" => [$"2001:db8::{number % 65536:x}"],
            "uri" or "iri" => [$"https://example.com/offline{n}", $"urn:offline:{number}"],
            "uri-reference" or "iri-reference" => [$"/offline{n}", $"https://example.com/offline{n}"],
            "uri-template" => [$"https://example.com/offline{n}/{{id}}"],
            "uuid" => [$"00000000-0000-4000-8000-{number:x12}"],
            "json-pointer" => [$"/offline{n}"],
            "relative-json-pointer" => [$"{number}/offline"],
            "regex" => [$"^offline{n}$"],
            _ => [],
        };
    }
}
