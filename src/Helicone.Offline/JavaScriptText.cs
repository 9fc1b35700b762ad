using System.Text.Encodings.Web;

namespace Helicone.Offline;

/// <summary>Escapes as JSON.stringify does. .NET's own relaxed encoder also escapes every emoji, and no search for one would find it in the log.</summary>
internal sealed class JavaScriptText : JavaScriptEncoder
{
    public static JavaScriptText Instance { get; } = new();

    public override int MaxOutputCharactersPerInputCharacter => UnsafeRelaxedJsonEscaping.MaxOutputCharactersPerInputCharacter;

    public override bool WillEncode(int unicodeScalar) => unicodeScalar <= char.MaxValue && UnsafeRelaxedJsonEscaping.WillEncode(unicodeScalar);

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        int from = 0;
        while (true)
        {
            int found = UnsafeRelaxedJsonEscaping.FindFirstCharacterToEncode(text + from, textLength - from);
            from += found;
            if (found < 0 || from + 1 >= textLength || !char.IsSurrogatePair(text[from], text[from + 1]))
            {
                // Half of a pair is found as well: it becomes U+FFFD.
                return found < 0 ? -1 : from;
            }

            from += 2;
        }
    }

    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten) =>
        WillEncode(unicodeScalar)
            ? UnsafeRelaxedJsonEscaping.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten)
            : TryWritePair(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);

    private static unsafe bool TryWritePair(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        string pair = char.ConvertFromUtf32(unicodeScalar);
        numberOfCharactersWritten = bufferLength < pair.Length ? 0 : pair.Length;
        for (int i = 0; i < numberOfCharactersWritten; i++)
        {
            buffer[i] = pair[i];
        }

        return numberOfCharactersWritten > 0;
    }
}
