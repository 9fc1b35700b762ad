using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Security;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Helicone.Http;

/// <summary>Keys leave the process in one header and nowhere else. What a person may see of one is made here.</summary>
public static class Redaction
{
    // Helicone's and the providers' keys alike: their error messages like to quote them.
    private static readonly Regex s_key = new(
        @"\b(?:(?:sk|pk|rk|gsk|xai|r8|hf|nvapi|pplx)[-_][A-Za-z0-9_-]{12,}|AIza[A-Za-z0-9_-]{20,})",
        RegexOptions.CultureInvariant,
        TimeSpan.FromSeconds(1));

    /// <summary>The masked form of a key: its prefix and its last four characters, as in <c>sk-helicone-…abcd</c>.</summary>
    public static string Mask(string key)
    {
        if (key.Length < 16)
        {
            return "…";
        }

        string kind = key.StartsWith("sk-helicone-", StringComparison.Ordinal) || key.StartsWith("pk-helicone-", StringComparison.Ordinal)
            ? key.Substring(0, 12)
            : key.Substring(0, Math.Max(0, key.IndexOf('-', 0, 5) + 1));
        return kind + "…" + key.Substring(key.Length - 4);
    }

    /// <summary>The masked form of a key.</summary>
    public static string Mask(SecureString key) => Mask(Reveal(key));

    /// <summary>A text with everything that looks like a key masked.</summary>
    public static string Scrub(string text) => s_key.Replace(text, match => Mask(match.Value));

    /// <summary>A text with everything that looks like a key, and one key whatever it looks like, masked.</summary>
    internal static string Scrub(string text, SecureString? key)
    {
        if (key is { Length: > 0 })
        {
            string plain = Reveal(key);
            foreach (string written in Spellings(plain))
            {
                if (text.IndexOf(written, StringComparison.OrdinalIgnoreCase) >= 0)
                {
                    text = Regex.Replace(text, Regex.Escape(written), Mask(plain).Replace("$", "$$"), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
                }
            }
        }

        return Scrub(text);
    }

    // In a JSON body, each writer escapes its own set of characters, in digits of either case.
    private static IEnumerable<string> Spellings(string key) =>
        new[] { key, JsonEncodedText.Encode(key).Value, JsonEncodedText.Encode(key, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value }
            .Distinct()
            .SelectMany(static written => written.IndexOf('/') < 0 ? [written] : new[] { written, written.Replace("/", "\\/") });

    /// <summary>The key as it is held.</summary>
    internal static SecureString Protect(string key)
    {
        SecureString held = new();
        foreach (char c in key)
        {
            held.AppendChar(c);
        }

        held.MakeReadOnly();
        return held;
    }

    /// <summary>The key itself, for the header that is about to be written.</summary>
    internal static string Reveal(SecureString key) => new NetworkCredential(string.Empty, key).Password;
}
