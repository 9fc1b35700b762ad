using System;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Helicone.LocalGateway.Authentication;

/// <summary>The key of this gateway: shaped like Helicone's own, so that every client takes it.</summary>
internal sealed partial class GatewayKey
{
    private readonly byte[] _utf8;

    private GatewayKey(string text)
    {
        Text = text;
        _utf8 = Encoding.UTF8.GetBytes(text);
    }

    /// <summary>The key itself. It goes into the key file and the ready line, nowhere else.</summary>
    public string Text { get; }

    public static GatewayKey Create()
    {
        const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
        return new GatewayKey(
            "sk-helicone-" +
            RandomNumberGenerator.GetString(Alphabet, 7) + "-" +
            RandomNumberGenerator.GetString(Alphabet, 7) + "-" +
            RandomNumberGenerator.GetString(Alphabet, 7) + "-" +
            RandomNumberGenerator.GetString(Alphabet, 7));
    }

    /// <summary>Reads a key; <see langword="null"/> when the text isn't a key.</summary>
    public static GatewayKey? TryParse(string text) => Shape().IsMatch(text) ? new GatewayKey(text) : null;

    /// <summary>Compares in a time that does not depend on how much of the key was guessed.</summary>
    public bool Matches(ReadOnlySpan<char> candidate)
    {
        Span<byte> utf8 = stackalloc byte[128];
        return Encoding.UTF8.TryGetBytes(candidate, utf8, out int length) && CryptographicOperations.FixedTimeEquals(utf8[..length], _utf8);
    }

    /// <summary>Never the key.</summary>
    public override string ToString() => "sk-helicone-…" + Text[^4..];

    [GeneratedRegex(@"^sk-helicone-[a-z0-9]{7}(-[a-z0-9]{7}){3}\z")]
    private static partial Regex Shape();
}
