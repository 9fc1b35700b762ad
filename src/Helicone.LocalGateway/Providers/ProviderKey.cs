using System;
using System.Net.Http.Headers;

namespace Helicone.LocalGateway.Providers;

/// <summary>The key of a provider. It can be sent and blotted out, not printed.</summary>
internal sealed class ProviderKey : IEquatable<ProviderKey>
{
    private const string HeliconePrefix = "sk-helicone-";

    // "x" or "none", as local servers like them, is no secret, and blotting it out would garble every message.
    private const int ShortestSecret = 8;

    private readonly string _text;

    private ProviderKey(string text) => _text = text;

    /// <summary>Removes and returns the key of a variable; <see langword="null"/> when there is none.</summary>
    /// <remarks>
    /// <c>Start-HeliconeGateway -SetEnvironment</c> puts this gateway's own key into OPENAI_API_KEY: taken for a provider's, it would be
    /// sent to a stranger.
    /// </remarks>
    public static ProviderKey? TryCreate(string? value)
    {
        string text = value?.Trim() ?? string.Empty;
        bool fitsAHeader = text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
        return fitsAHeader && !text.StartsWith(HeliconePrefix, StringComparison.Ordinal) ? new ProviderKey(text) : null;
    }

    /// <summary>Adds it under a provider's own name for it.</summary>
    public void AddTo(HttpRequestHeaders headers, string name) => headers.TryAddWithoutValidation(name, _text);

    public AuthenticationHeaderValue ToHeader() => new("Bearer", _text);

    /// <summary>The text without the key: some providers quote it when they refuse it.</summary>
    public string Redact(string text) => _text.Length < ShortestSecret ? text : text.Replace(_text, "[redacted]", StringComparison.Ordinal);

    public bool Equals(ProviderKey? other) => other is not null && _text == other._text;

    public override bool Equals(object? obj) => Equals(obj as ProviderKey);

    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => "[redacted]";
}
