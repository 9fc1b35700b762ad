using System;
using System.Buffers.Binary;
using System.IO;
using System.IO.Compression;

namespace Helicone.LocalGateway.Log;

/// <summary>A body as the table <c>body</c> stores it: as it came, or compressed behind a mark and the length of the original.</summary>
internal static class StoredBody
{
    /// <summary>SQL for the original bytes of a column, on a connection of <see cref="LogReaderPool"/>.</summary>
    public static string Sql(string column) => $"CASE WHEN substr({column}, 1, 8) = x'0068656C7A0D0A1A' THEN {Function}({column}) ELSE {column} END";

    /// <summary>SQL for the length of the original.</summary>
    public static string LengthSql(string column) => $"CASE WHEN substr({column}, 1, 8) = x'0068656C7A0D0A1A' THEN {LengthFunction}(substr({column}, 1, 12)) ELSE length({column}) END";

    public const string Function = "helicone_body";
    public const string LengthFunction = "helicone_body_length";

    // At this quality a processor compresses some 50 MB a second; a higher one takes several times as long for a few percent.
    private const int Quality = 5;
    private const int Window = 22;

    // Shorter ones save no page.
    private const int ShortestCompressed = 256;

    // No JSON and no text begins with a NUL; a body that begins with all of it is stored behind the mark as well.
    private static ReadOnlySpan<byte> Mark => "\0helz\r\n\u001a"u8;

    private static int HeaderLength => Mark.Length + sizeof(int);

    /// <summary>Indicates that a stored body must be restored before it is used.</summary>
    public static bool IsMarked(ReadOnlySpan<byte> stored) => stored.StartsWith(Mark);

    /// <summary>The length of the original.</summary>
    /// <param name="stored">The stored body, or its beginning.</param>
    public static int OriginalLength(ReadOnlySpan<byte> stored) => BinaryPrimitives.ReadInt32BigEndian(stored[Mark.Length..]);

    /// <summary>The original of a stored body.</summary>
    /// <exception cref="InvalidDataException">The database is damaged.</exception>
    public static ReadOnlySpan<byte> Restore(ReadOnlySpan<byte> stored)
    {
        if (!IsMarked(stored))
        {
            return stored;
        }

        int length = stored.Length < HeaderLength ? -1 : OriginalLength(stored);
        byte[] original = length is >= 0 and <= 1 << 30 ? GC.AllocateUninitializedArray<byte>(length) : throw Damaged();
        return BrotliDecoder.TryDecompress(stored[HeaderLength..], original, out int written) && written == length ? original : throw Damaged();
    }

    /// <summary>The form in which a new body is stored.</summary>
    /// <returns>The body itself, unless it could be mistaken for a compressed one.</returns>
    public static ReadOnlyMemory<byte>? ForInsert(ReadOnlyMemory<byte>? body) => body is { } bytes && IsMarked(bytes.Span) ? Compress(bytes.Span) : body;

    /// <summary>Compresses a body, where that saves at least an eighth.</summary>
    /// <returns><see langword="null"/> when it is to stay as it is.</returns>
    public static ReadOnlyMemory<byte>? TryCompress(ReadOnlySpan<byte> stored)
    {
        if (stored.Length < ShortestCompressed || IsMarked(stored))
        {
            return null;
        }

        byte[] compressed = Compress(stored);
        return compressed.Length <= stored.Length - (stored.Length / 8) ? compressed.AsMemory() : null;
    }

    private static byte[] Compress(ReadOnlySpan<byte> body)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(HeaderLength + BrotliEncoder.GetMaxCompressedLength(body.Length));
        Mark.CopyTo(buffer);
        BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(Mark.Length), body.Length);
        return BrotliEncoder.TryCompress(body, buffer.AsSpan(HeaderLength), out int written, Quality, Window)
            ? buffer[..(HeaderLength + written)]
            : throw new InvalidOperationException("The buffer for a compressed body is too short.");
    }

    private static InvalidDataException Damaged() => new("A compressed body in the log is damaged.");
}
