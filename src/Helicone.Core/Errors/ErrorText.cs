using System;
using System.Collections.Generic;
using System.Globalization;
using System.Security;
using System.Text;
using Helicone.Http;

namespace Helicone.Errors;

/// <summary>Turns the words of a server into the message of an exception. No message quotes a key.</summary>
internal static class ErrorText
{
    private const int MaxMessageLength = 2000;

    // More providers than this in one message are not read by anyone; Upstream has them all.
    private const int MaxSources = 10;

    /// <summary>The message of the exception: the words of the decisive failure, its status, the providers that were tried, and the wait.</summary>
    internal static string Compose(int? status, GatewayError error, UpstreamAttempt? cause, TimeSpan? retryAfter, SecureString? key)
    {
        StringBuilder text = new();
        string? message = Clean(cause?.Message ?? error.Message, key);
        if (string.IsNullOrWhiteSpace(message))
        {
            text.Append(status is { } bare ? $"The server returned status {bare} without a message." : "The server returned an error without a message.");
        }
        else
        {
            text.Append(message!.Trim().TrimEnd('.')).Append(status is { } code ? $" ({code})." : ".");
        }

        // A source is model/provider/…; the gateway also writes "No available providers" there.
        if (error.Upstream.Count == 1 && cause?.Source is { } source && source.IndexOf('/') > 0)
        {
            text.Append(" At ").Append(Clean(source, key)).Append('.');
        }
        else if (error.Upstream.Count > 1)
        {
            text.Append(" Tried:");
            foreach (UpstreamAttempt attempt in error.Upstream.GetRange(0, Math.Min(error.Upstream.Count, MaxSources)))
            {
                text.Append(' ').Append(Clean(attempt.Source, key) ?? "?").Append(" (").Append(attempt.StatusCode?.ToString(CultureInfo.InvariantCulture) ?? Clean(attempt.Type, key) ?? "?").Append("),");
            }

            text.Length--;
            text.Append('.');
        }

        if (retryAfter is { } wait && wait > TimeSpan.Zero)
        {
            text.Append(" The server requests a wait of ").Append(InWords(wait)).Append('.');
        }

        return text.ToString();
    }

    private static string InWords(TimeSpan wait) => wait switch
    {
        { TotalSeconds: < 1 } => FormattableString.Invariant($"{Math.Ceiling(wait.TotalMilliseconds):0} ms"),
        { TotalMinutes: < 2 } => FormattableString.Invariant($"{Math.Ceiling(wait.TotalSeconds):0} s"),
        { TotalHours: < 2 } => FormattableString.Invariant($"{Math.Ceiling(wait.TotalMinutes):0} min"),
        { TotalDays: < 2 } => FormattableString.Invariant($"{Math.Ceiling(wait.TotalHours):0} h"),
        _ => FormattableString.Invariant($"{Math.Ceiling(wait.TotalDays):0} days"),
    };

    /// <summary>The attempts at providers without any key.</summary>
    internal static List<UpstreamAttempt> Scrub(List<UpstreamAttempt> upstream, SecureString? key) =>
        upstream.ConvertAll(a => new UpstreamAttempt(Clean(a.Source, key), a.StatusCode, Clean(a.Type, key), Clean(a.Message, key)));

    /// <summary>A text of a server, without any key and not too long. Masked before it is cut: half a key is still half a key.</summary>
    internal static string? Clean(string? text, SecureString? key) => text is null ? null : Shorten(Redaction.Scrub(text, key), MaxMessageLength);

    internal static string Shorten(string text, int length) => text.Length <= length ? text : text.Substring(0, length) + "…";
}
