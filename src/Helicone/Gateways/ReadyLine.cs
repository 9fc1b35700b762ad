using System;
using System.Text.RegularExpressions;

namespace Helicone.Gateways;

/// <summary>The one line in which the gateway says that it is ready: <c>{"uri":…,"key":…,"pid":…}</c>.</summary>
/// <remarks>Read by hand: this assembly has no JSON reader, and none of the three values needs an escape.</remarks>
internal sealed record ReadyLine(Uri Uri, string Key)
{
    /// <summary>Reads a line of the gateway's output; <see langword="null"/> when it is another one.</summary>
    public static ReadyLine? TryParse(string line) =>
        line.StartsWith("{", StringComparison.Ordinal)
        && Field(line, "uri") is { } uri
        && Field(line, "key") is { } key
        && Uri.TryCreate(uri, UriKind.Absolute, out Uri? address)
            ? new ReadyLine(address, key)
            : null;

    /// <summary>Never the key.</summary>
    public override string ToString() => Uri.ToString();

    private static string? Field(string line, string name)
    {
        Match match = Regex.Match(line, "\"" + name + "\"\\s*:\\s*\"([^\"\\\\]*)\"");
        return match.Success ? match.Groups[1].Value : null;
    }
}
