using System;
using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Helicone.LocalGateway.Offline;

/// <summary>The text of a JSON string, piece by piece: a prompt of 50 MB would else be 100 MB of characters, and several times.</summary>
internal static class OfflineText
{
    private const int PieceBytes = 64 * 1024;

    // The longest escape is that of a surrogate pair.
    private const int LongestEscape = 12;

    /// <summary>Counts the tokens of a string.</summary>
    /// <exception cref="InvalidOperationException">It is not valid UTF-8.</exception>
    public static int CountTokens(JsonElement text)
    {
        ReadOnlySpan<byte> rest = Escaped(text);
        int tokens = 0;
        while (!rest.IsEmpty)
        {
            int length = PieceOf(rest);
            tokens += CountTokens(rest[..length]);
            rest = rest[length..];
        }

        return tokens;
    }

    /// <summary>The beginning of a string: all of a short one.</summary>
    /// <exception cref="InvalidOperationException">It is not valid UTF-8.</exception>
    public static string StartOf(JsonElement text)
    {
        ReadOnlySpan<byte> escaped = Escaped(text);
        return escaped.Length <= PieceBytes ? text.GetString()! : Read(escaped[..PieceOf(escaped)], static characters => characters.ToString());
    }

    private static int CountTokens(ReadOnlySpan<byte> escaped) => Read(escaped, static characters => OfflineTokens.Count(characters));

    private static ReadOnlySpan<byte> Escaped(JsonElement text) => JsonMarshal.GetRawUtf8Value(text)[1..^1];

    /// <summary>The length of the next piece, which ends between two characters.</summary>
    private static int PieceOf(ReadOnlySpan<byte> text)
    {
        if (text.Length <= PieceBytes)
        {
            return text.Length;
        }

        for (int end = PieceBytes; end > PieceBytes / 2; end--)
        {
            if (text[end] < 0x80 && !text[(end - LongestEscape)..end].Contains((byte)'\\'))
            {
                return end;
            }
        }

        // Nothing but escapes, or no ASCII: in one piece then.
        return text.Length;
    }

    private static T Read<T>(ReadOnlySpan<byte> escaped, Func<ReadOnlySpan<char>, T> use)
    {
        byte[] json = ArrayPool<byte>.Shared.Rent(escaped.Length + 2);
        char[] characters = ArrayPool<char>.Shared.Rent(escaped.Length);
        try
        {
            json[0] = (byte)'"';
            escaped.CopyTo(json.AsSpan(1));
            json[escaped.Length + 1] = (byte)'"';
            Utf8JsonReader reader = new(json.AsSpan(0, escaped.Length + 2));
            reader.Read();
            return use(characters.AsSpan(0, reader.CopyString(characters)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(json);
            ArrayPool<char>.Shared.Return(characters);
        }
    }
}
