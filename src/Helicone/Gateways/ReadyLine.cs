using System;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Helicone.Gateways;

/// <summary>The line in which the gateway reports that it is ready: <c>{"uri":…,"key":…,"pid":…,"joined":…}</c>.</summary>
/// <param name="Uri">The address of the gateway.</param>
/// <param name="Key">Its key.</param>
/// <param name="ProcessId">Its process. When it was joined, not the one that was started here.</param>
/// <param name="IsJoined">Indicates whether the gateway was already running.</param>
/// <remarks>Read by hand: this assembly has no JSON reader, and none of the values needs an escape.</remarks>
internal sealed record ReadyLine(Uri Uri, string Key, int ProcessId, bool IsJoined)
{
    /// <summary>Reads a line of the gateway's output; <see langword="null"/> when it is another one.</summary>
    public static ReadyLine? TryParse(string line) =>
        line.StartsWith("{", StringComparison.Ordinal)
        && Field(line, "uri", "\"([^\"\\\\]*)\"") is { } uri
        && Field(line, "key", "\"([^\"\\\\]*)\"") is { } key
        && Number(line, "pid") is { } processId
        && Uri.TryCreate(uri, UriKind.Absolute, out Uri? address)
            ? new ReadyLine(address, key, processId, Field(line, "joined", "(true|false)") == "true")
            : null;

    /// <summary>Reads <c>{"left":true,"users":…}</c>, the answer to <c>leave</c>: how many others use the gateway. <see langword="null"/> when the line is another one.</summary>
    public static int? TryParseLeft(string line) => Field(line, "left", "(true)") is null ? null : Number(line, "users");

    /// <summary>Never the key.</summary>
    public override string ToString() => Uri.ToString();

    private static int? Number(string line, string name) =>
        int.TryParse(Field(line, name, "([0-9]+)"), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static string? Field(string line, string name, string value)
    {
        Match match = Regex.Match(line, "\"" + name + "\"\\s*:\\s*" + value);
        return match.Success ? match.Groups[1].Value : null;
    }
}
