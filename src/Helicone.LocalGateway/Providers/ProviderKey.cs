using System;
using System.Net.Http.Headers;

namespace Helicone.LocalGateway.Providers;

/// <summary>The key of a provider. It can be sent and blotted out, not printed.</summary>
internal sealed class ProviderKey
{
    private const string HeliconePrefix = "sk-helicone-";

    private readonly string _text;

    private ProviderKey(string text) => _text = text;

    /// <summary>Takes the key of a variable; <see langword="null"/> when there is none.</summary>
    /// <remarks>
    /// <c>Start-HeliconeGateway -SetEnvironment</c> puts this gateway's own key into OPENAI_API_KEY: taken for a provider's, it would be
    /// sent to a stranger.
    /// </remarks>
    public static ProviderKey? TryCreate(string? value)
    {
        string text = value?.Trim() ?? string.Empty;
        return text.Length == 0 || text.StartsWith(HeliconePrefix, StringComparison.Ordinal) ? null : new ProviderKey(text);
    }

    public AuthenticationHeaderValue ToHeader() => new("Bearer", _text);

    /// <summary>The text without the key: some providers quote it when they refuse it.</summary>
    public string Redact(string text) => text.Replace(_text, "[redacted]", StringComparison.Ordinal);

    public override string ToString() => "[redacted]";
}
