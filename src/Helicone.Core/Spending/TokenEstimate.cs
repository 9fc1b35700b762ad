using System;
using Helicone.Chat;

namespace Helicone.Spending;

/// <summary>Estimates the tokens of text and messages without a tokenizer: right within some 20 % for English, on the high side for code and other scripts.</summary>
public static class TokenEstimate
{
    // Around every message: role, separators.
    private const int PerMessage = 4;

    // 765 for a square of 1,024 pixels with OpenAI's models, 1,400 with Anthropic's.
    private const int PerImage = 1_200;

    /// <summary>Estimates the tokens of a text.</summary>
    public static long Of(string? text)
    {
        if (text is null)
        {
            return 0;
        }

        long ascii = 0;
        long others = 0;
        foreach (char character in text)
        {
            if (character < 0x80)
            {
                ascii++;
            }
            else
            {
                others++;
            }
        }

        // Four characters of English make a token; a character of another script makes about one.
        return ((ascii + 3) / 4) + others;
    }

    /// <summary>Estimates the tokens of a message, including its tool calls, images, and files.</summary>
    /// <exception cref="ArgumentNullException">The message is <see langword="null"/>.</exception>
    public static long Of(ChatMessage message)
    {
        if (message is null)
        {
            throw new ArgumentNullException(nameof(message));
        }

        long tokens = PerMessage;
        foreach (ContentPart part in message.Parts)
        {
            tokens += part.Kind switch
            {
                ContentPartKind.Image => PerImage,

                // Ten tokens a second of sound at 16 bits and 24 kHz; base64 makes four characters of three bytes.
                ContentPartKind.Audio => Of(part.Text) + ((part.Data?.Length ?? 0) / 6_400),

                // A page of a PDF is some 30 KB and 1,500 tokens.
                ContentPartKind.File => (part.Data?.Length ?? 0) / 27,
                ContentPartKind.Other => Of(part.Json),
                _ => Of(part.Text),
            };
        }

        foreach (ToolCall call in message.ToolCalls)
        {
            tokens += PerMessage + Of(call.Name) + Of(call.Arguments);
        }

        return tokens + Of(message.Reasoning) + Of(message.Refusal);
    }
}
