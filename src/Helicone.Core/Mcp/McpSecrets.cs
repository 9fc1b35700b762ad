using System;
using System.Collections.Generic;
using System.Linq;
using System.Security;
using System.Text.Json;
using System.Text.RegularExpressions;
using Helicone.Http;

namespace Helicone.Mcp;

/// <summary>The secrets of a server: its token, its headers, and the variables, arguments, and parts of its address that are named like secrets.</summary>
internal sealed class McpSecrets
{
    // Shorter values, such as "1" or "true", are in every text.
    private const int MinLength = 6;

    private static readonly Regex s_name = new("key|token|secret|passw|pwd|credential|auth|cookie", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private readonly SecureString? _token;
    private readonly string[] _quoted;
    private readonly string[] _sent;

    internal McpSecrets(McpServerOptions options)
    {
        _token = options.Token;
        string[] named =
        [
            .. options.Secrets,
            .. options.Headers.Where(static header => s_name.IsMatch(header.Key)).SelectMany(static header => WithoutScheme(header.Value)),
            .. options.Environment.Where(static variable => s_name.IsMatch(variable.Key)).Select(static variable => variable.Value),
            .. OfArguments(options.Arguments),
            .. OfQuery(options.Uri),
        ];
        _quoted = Ordered(named.Concat(options.Headers.Values));

        // What a tool returns is data. A word such as "production" may be in it whatever the variable is named.
        _sent = Ordered(named.Where(static secret => secret.Any(static c => !char.IsLetter(c))));
    }

    /// <summary>An address without its user and its query, which may contain keys.</summary>
    internal static string Shown(Uri uri) => !uri.IsAbsoluteUri ? uri.OriginalString
        : uri.GetComponents(UriComponents.Scheme | UriComponents.HostAndPort | UriComponents.Path, UriFormat.UriEscaped) + (uri.Query.Length > 1 ? "?…" : string.Empty);

    /// <summary>A text of the server or about it with every secret, and everything that looks like a key, masked.</summary>
    internal string Redact(string text)
    {
        foreach (string secret in _quoted)
        {
            text = text.Replace(secret, "…");
        }

        return Redaction.Scrub(text, _token);
    }

    /// <summary>A result as JSON with the secrets of the server masked: it goes to a model and into logs.</summary>
    internal string Mask(string json)
    {
        foreach (string secret in _sent)
        {
            json = Replace(json, secret);
        }

        return _token is { Length: >= MinLength } ? Replace(json, Redaction.Reveal(_token)) : json;
    }

    private static string Replace(string json, string secret) => json.Replace(secret, "…").Replace(JsonEncodedText.Encode(secret).ToString(), "…");

    // The longest first: one may contain another.
    private static string[] Ordered(IEnumerable<string> secrets) => [.. secrets.Where(static secret => secret.Length >= MinLength).Distinct().OrderByDescending(static secret => secret.Length)];

    // A server may repeat the token without the word Bearer.
    private static IEnumerable<string> WithoutScheme(string header) => header.IndexOf(' ') is > 0 and int space ? [header, header.Substring(space + 1)] : [header];

    // --api-key VALUE, and --api-key=VALUE.
    private static IEnumerable<string> OfArguments(IReadOnlyList<string> arguments)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            int equals = arguments[i].IndexOf('=');
            string name = equals < 0 ? arguments[i] : arguments[i].Substring(0, equals);
            if (!s_name.IsMatch(name) || (equals < 0 && !name.StartsWith("-", StringComparison.Ordinal)))
            {
                continue;
            }

            if (equals >= 0)
            {
                yield return arguments[i].Substring(equals + 1);
            }
            else if (i + 1 < arguments.Count && !arguments[i + 1].StartsWith("-", StringComparison.Ordinal))
            {
                yield return arguments[i + 1];
            }
        }
    }

    private static IEnumerable<string> OfQuery(Uri? uri) => uri is not { IsAbsoluteUri: true, Query.Length: > 1 } ? [] : uri.Query.Substring(1).Split('&')
        .Select(static part => part.Split(['='], 2))
        .Where(static part => part.Length == 2 && s_name.IsMatch(part[0]))
        .SelectMany(static part => new[] { part[1], Uri.UnescapeDataString(part[1]) });
}
