using System;
using System.Net.ServerSentEvents;
using Helicone.Chat;

namespace Helicone.Http;

/// <summary>The events of a chat stream, over System.Net.ServerSentEvents.</summary>
internal static class ServerSentEvents
{
    /// <summary>One event must fit: an image in a delta is the largest thing that any provider sends.</summary>
    internal const int MaxEventBytes = 32 * 1024 * 1024;

    /// <summary>All of them must fit into memory, where the answer is put together.</summary>
    internal const int MaxStreamBytes = 256 * 1024 * 1024;

    /// <param name="stream">The body.</param>
    /// <param name="head">Receives the fields that every event repeats.</param>
    internal static SseParser<ChatStreamEvent> Parse(GuardedStream stream, ChatHead head) =>
        SseParser.Create(stream, (type, data) =>
        {
            stream.EventRead();
            return ChatStreamEvent.Read(type, data, head);
        });

    /// <summary>A body without the UTF-8 byte order mark that some servers begin it with.</summary>
    internal static ReadOnlySpan<byte> SkipByteOrderMark(ReadOnlySpan<byte> body) =>
        HasMark(body) ? body.Slice(3) : body;

    /// <summary>A body without the UTF-8 byte order mark that some servers begin it with.</summary>
    internal static ReadOnlyMemory<byte> SkipByteOrderMark(ReadOnlyMemory<byte> body) => HasMark(body.Span) ? body.Slice(3) : body;

    private static bool HasMark(ReadOnlySpan<byte> body) => body.Length >= 3 && body[0] == 0xEF && body[1] == 0xBB && body[2] == 0xBF;
}
