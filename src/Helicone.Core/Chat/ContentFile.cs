using System;
using System.IO;
using System.Text;

namespace Helicone.Chat;

/// <summary>Files as content of a message: images, PDFs, sound, and text, told apart by their first bytes.</summary>
public static class ContentFile
{
    /// <summary>The largest file that is sent, in bytes: 20 MiB. Providers accept 20 to 32 MB, and base64 makes a file a third larger.</summary>
    public const int MaxBytes = 20 * 1024 * 1024;

    /// <summary>The largest text file that is sent, in bytes: 2 MiB, about 500,000 tokens, which is more than most models read.</summary>
    public const int MaxTextBytes = 2 * 1024 * 1024;

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file. Its size is checked before it is read.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="FormatException">The file is empty, too large, or of a kind that no model reads.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file can't be read.</exception>
    public static ContentPart Read(string path)
    {
        if (path is null)
        {
            throw new ArgumentNullException(nameof(path));
        }

        string name = Path.GetFileName(path);
        if (Directory.Exists(path))
        {
            throw new FormatException($"'{name}' is a directory. Send its files instead.");
        }

        // The length first: a file of many gigabytes must not be read to find out that it is too large.
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.CanSeek && file.Length > MaxBytes)
        {
            throw TooLarge(name, file.Length, MaxBytes);
        }

        byte[] bytes = ReadAll(file, name);
        return FromBytes(bytes, name);
    }

    /// <summary>Makes a content part of bytes.</summary>
    /// <param name="bytes">The content of the file.</param>
    /// <param name="name">The name that the model sees, or <see langword="null"/>.</param>
    /// <exception cref="FormatException">The bytes are empty, too many, or of a kind that no model reads.</exception>
    public static ContentPart FromBytes(byte[] bytes, string? name = null)
    {
        if (bytes is null)
        {
            throw new ArgumentNullException(nameof(bytes));
        }

        string shown = name ?? "The data";
        if (bytes.Length == 0)
        {
            throw new FormatException($"'{shown}' is empty.");
        }

        if (bytes.Length > MaxBytes)
        {
            throw TooLarge(shown, bytes.Length, MaxBytes);
        }

        switch (MediaTypeOf(bytes))
        {
            case { } image when image.StartsWith("image/", StringComparison.Ordinal):
                return ContentPart.FromImageBytes(bytes, image);
            case "application/pdf":
                return ContentPart.FromFile(bytes, name ?? "document.pdf", "application/pdf");
            case "audio/wav":
                return ContentPart.FromAudio(bytes, "wav");
            case "audio/mpeg":
                return ContentPart.FromAudio(bytes, "mp3");
        }

        if (TextOf(bytes) is not { } text)
        {
            throw new FormatException($"'{shown}' is neither text nor a supported file type (PNG, JPEG, GIF, WebP, PDF, WAV, MP3).");
        }

        if (bytes.Length > MaxTextBytes)
        {
            throw TooLarge(shown, bytes.Length, MaxTextBytes);
        }

        return ContentPart.FromText(name is null ? text : name + ":\n" + text);
    }

    /// <summary>The media type by the first bytes; <see langword="null"/> for text and for unknown kinds.</summary>
    public static string? MediaTypeOf(byte[] bytes)
    {
        if (bytes is null)
        {
            throw new ArgumentNullException(nameof(bytes));
        }

        return StartsWith(bytes, 0, 0x89, (byte)'P', (byte)'N', (byte)'G') ? "image/png"
            : StartsWith(bytes, 0, 0xFF, 0xD8, 0xFF) ? "image/jpeg"
            : StartsWith(bytes, 0, "GIF8") ? "image/gif"
            : StartsWith(bytes, 0, "RIFF") && StartsWith(bytes, 8, "WEBP") ? "image/webp"
            : StartsWith(bytes, 0, "%PDF-") ? "application/pdf"
            : StartsWith(bytes, 0, "RIFF") && StartsWith(bytes, 8, "WAVE") ? "audio/wav"
            : StartsWith(bytes, 0, "ID3") || (bytes.Length > 2 && bytes[0] == 0xFF && (bytes[1] & 0xE6) == 0xE2) ? "audio/mpeg"
            : null;
    }

    private static byte[] ReadAll(FileStream file, string name)
    {
        using MemoryStream bytes = new();
        byte[] buffer = new byte[81920];
        int read;
        while ((read = file.Read(buffer, 0, buffer.Length)) > 0)
        {
            bytes.Write(buffer, 0, read);

            // A pipe or a device has no length, and a log may grow while it is read.
            if (bytes.Length > MaxBytes)
            {
                throw TooLarge(name, bytes.Length, MaxBytes);
            }
        }

        return bytes.ToArray();
    }

    // Without a mark, text is UTF-8; with one, what the mark names. Bytes that are neither, or that contain zeros, are not text.
    private static string? TextOf(byte[] bytes)
    {
        try
        {
            Encoding encoding = StartsWith(bytes, 0, 0xFF, 0xFE) ? Encoding.Unicode
                : StartsWith(bytes, 0, 0xFE, 0xFF) ? Encoding.BigEndianUnicode
                : s_strictUtf8;
            string text = encoding.GetString(bytes).TrimStart('\uFEFF');
            return text.IndexOf('\0') < 0 ? text : null;
        }
        catch (DecoderFallbackException)
        {
            // Not UTF-8: that is the answer to the question.
            return null;
        }
    }

    private static FormatException TooLarge(string name, long length, int max) => new(FormattableString.Invariant(
        $"'{name}' is {length / 1048576.0:0.#} MiB, and the limit for this file type is {max / 1048576} MiB. Send a part of it, such as its last lines."));

    private static bool StartsWith(byte[] bytes, int at, string ascii)
    {
        if (bytes.Length < at + ascii.Length)
        {
            return false;
        }

        for (int i = 0; i < ascii.Length; i++)
        {
            if (bytes[at + i] != ascii[i])
            {
                return false;
            }
        }

        return true;
    }

    private static bool StartsWith(byte[] bytes, int at, params byte[] prefix)
    {
        if (bytes.Length < at + prefix.Length)
        {
            return false;
        }

        for (int i = 0; i < prefix.Length; i++)
        {
            if (bytes[at + i] != prefix[i])
            {
                return false;
            }
        }

        return true;
    }
}
