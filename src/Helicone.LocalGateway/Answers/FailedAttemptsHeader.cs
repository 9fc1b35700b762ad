using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text;
using System.Text.Json;
using Helicone.LocalGateway.Log;
using Helicone.Offline.Errors;

namespace Helicone.LocalGateway.Answers;

/// <summary>
/// <c>Helicone-Failed-Attempts</c>, a header of the local gateway: the providers that failed before the one that answered, as the JSON of <c>details[]</c>.
/// Helicone's cloud keeps that to itself.
/// </summary>
internal static class FailedAttemptsHeader
{
    public const string Name = "Helicone-Failed-Attempts";

    // A header has room for a reason, not for a prompt that is quoted back.
    private const int MostAttempts = 8;
    private const int LongestMessage = 120;
    private const int LongestSource = 100;

    /// <summary>The header's text, in printable ASCII; <see langword="null"/> when nobody failed. Of many attempts the last are named.</summary>
    public static string? Of(IReadOnlyList<FailedAttempt> failed)
    {
        if (failed.Count == 0)
        {
            return null;
        }

        ArrayBufferWriter<byte> text = new(256);

        // The writer's own encoder: everything that is not plain ASCII is escaped.
        using (Utf8JsonWriter json = new(text))
        {
            json.WriteStartArray();
            for (int i = Math.Max(0, failed.Count - MostAttempts); i < failed.Count; i++)
            {
                FailedAttempt attempt = failed[i];
                new AttemptError(attempt.Type, string.Empty, attempt.Status, Shorten(attempt.Source, LongestSource))
                    .WriteTo(json, attempt.Message is { } message ? Shorten(message, LongestMessage) : null);
            }

            json.WriteEndArray();
        }

        return Encoding.ASCII.GetString(text.WrittenSpan);
    }

    private static string Shorten(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        // Half of a surrogate pair isn't a character.
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + "…";
    }
}
