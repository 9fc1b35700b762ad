using System;
using System.Buffers;
using System.Text.Json;

namespace Helicone.Offline;

/// <summary>The text of a JSON string, piece by piece: a prompt of 50 MB would else be 100 MB of characters, and several times.</summary>
/// <remarks>A string is passed as what stands between its quotation marks, with its escapes.</remarks>
internal static class OfflineText
{
    private const int PieceBytes = 64 * 1024;

    // The longest escape is that of a surrogate pair.
    private const int LongestEscape = 12;

    /// <summary>Counts the tokens of a string.</summary>
    /// <exception cref="InvalidOperationException">It is not valid UTF-8.</exception>
    public static int CountTokens(ReadOnlySpan<byte> escaped)
    {
        int tokens = 0;
        while (!escaped.IsEmpty)
        {
            int length = LengthOfPiece(escaped);
            tokens += Read(escaped.Slice(0, length), static characters => OfflineTokens.Count(characters));
            escaped = escaped.Slice(length);
        }

        return tokens;
    }

    /// <summary>The beginning of a string: all of a short one.</summary>
    /// <exception cref="InvalidOperationException">It is not valid UTF-8.</exception>
    public static string StartOf(ReadOnlySpan<byte> escaped) => Read(escaped.Slice(0, LengthOfPiece(escaped)), static characters => characters.ToString());

    /// <summary>The length of the next piece, which ends between two characters.</summary>
    private static int LengthOfPiece(ReadOnlySpan<byte> text)
    {
        if (text.Length <= PieceBytes)
        {
            return text.Length;
        }

        for (int end = PieceBytes; end > PieceBytes / 2; end--)
        {
            if (text[end] < 0x80 && !text.Slice(end - LongestEscape, LongestEscape).Contains((byte)'\\'))
            {
                return end;
            }
        }

        // Nothing but escapes, or no ASCII: in one piece then.
        return text.Length;
    }

    private static T Read<T>(ReadOnlySpan<byte> escaped, CharacterUse<T> use)
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

    private delegate T CharacterUse<T>(ReadOnlySpan<char> characters);
}
