using System;
using System.Text.Json;

namespace Helicone.Chat;

/// <summary>One event of a stream: a piece of the answer, the end, an error in its place, or something to skip.</summary>
internal readonly struct ChatStreamEvent
{
    private ChatStreamEvent(ChatEvent? part, bool done, byte[]? error)
    {
        Part = part;
        IsDone = done;
        Error = error;
    }

    /// <summary>A piece of the answer; <see langword="null"/> for anything else.</summary>
    internal ChatEvent? Part { get; }

    /// <summary><c>[DONE]</c>. It proves nothing: the gateway appends it to a stream that was cut as well.</summary>
    internal bool IsDone { get; }

    /// <summary>The JSON of an error that came in place of an answer.</summary>
    internal byte[]? Error { get; }

    /// <exception cref="JsonException">An event of the answer is not JSON.</exception>
    internal static ChatStreamEvent Read(string type, ReadOnlySpan<byte> data, ChatHead head)
    {
        ReadOnlySpan<byte> trimmed = Trim(data);
        if (trimmed.SequenceEqual("[DONE]"u8))
        {
            return new ChatStreamEvent(null, true, null);
        }

        bool isMessage = type == "message";
        bool isError = type == "error";
        if (trimmed.Length == 0 || (!isMessage && !isError && trimmed[0] != (byte)'{'))
        {
            return default;
        }

        ChatEvent part;
        try
        {
            part = ChatJson.Read(trimmed, head);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException && !isMessage)
        {
            // An unknown kind of event may contain anything; an error may be plain text.
            return isError ? new ChatStreamEvent(null, false, trimmed.ToArray()) : default;
        }

        if (part.HasError || isError)
        {
            return new ChatStreamEvent(null, false, trimmed.ToArray());
        }

        return part.HasChoices || part.Usage is not null ? new ChatStreamEvent(part, false, null) : default;
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> data)
    {
        int start = 0;
        int end = data.Length;
        while (start < end && data[start] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            start++;
        }

        while (end > start && data[end - 1] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            end--;
        }

        return data.Slice(start, end - start);
    }
}
