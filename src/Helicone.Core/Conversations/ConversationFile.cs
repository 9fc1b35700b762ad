using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;
using Helicone.Attribution;
using Helicone.Chat;
using Helicone.Errors;
using Helicone.Serialization;

namespace Helicone.Conversations;

/// <summary>A conversation as JSON lines: one message a line, exactly as it was sent or received.</summary>
/// <remarks>
/// The first line may describe the conversation instead: <c>{"conversation":{"model","session","totalTokens","cost"}}</c>. A file of bare messages,
/// as other programs write it, is read as well.
/// </remarks>
public static class ConversationFile
{
    private const string Head = "conversation";

    /// <summary>Writes a conversation.</summary>
    public static void Save(Conversation conversation, TextWriter writer)
    {
        if (conversation is null)
        {
            throw new ArgumentNullException(nameof(conversation));
        }

        if (writer is null)
        {
            throw new ArgumentNullException(nameof(writer));
        }

        writer.Write(JsonText.Object(json =>
        {
            json.WriteStartObject(Head);
            if (conversation.Model is { } model)
            {
                json.WriteString("model", model.ToString());
            }

            if (conversation.Session is { } session)
            {
                json.WriteStartObject("session");
                json.WriteString("id", session.Id);
                json.WriteString("name", session.Name);
                json.WriteString("path", session.Path);
                json.WriteEndObject();
            }

            json.WriteNumber("totalTokens", conversation.TotalTokens);
            if (conversation.Cost is { } cost)
            {
                json.WriteNumber("cost", cost);
            }

            json.WriteEndObject();
        }));
        writer.Write('\n');
        foreach (ChatMessage message in conversation.Messages)
        {
            writer.Write(OneLine(message.Json));
            writer.Write('\n');
        }
    }

    /// <summary>Reads a conversation.</summary>
    /// <exception cref="FormatException">A line is not a message; the message of the exception names the line.</exception>
    public static Conversation Load(TextReader reader)
    {
        if (reader is null)
        {
            throw new ArgumentNullException(nameof(reader));
        }

        List<ChatMessage> messages = [];
        (ModelRoute? Model, HeliconeSession? Session, long Tokens, decimal? Cost) head = (null, null, 0, null);
        int number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            try
            {
                if (messages.Count == 0 && TryReadHead(line) is { } found)
                {
                    head = found;
                }
                else
                {
                    messages.Add(ChatMessage.FromJson(line.TrimStart('\uFEFF')));
                }
            }
            catch (Exception e) when (e is FormatException or ArgumentException)
            {
                string message = e is ArgumentException argument ? argument.MessageAlone() : e.Message;
                throw new FormatException(FormattableString.Invariant($"Line {number}: {message}"), e);
            }
        }

        return new Conversation(messages, head.Tokens, head.Cost) { Model = head.Model, Session = head.Session };
    }

    private static (ModelRoute? Model, HeliconeSession? Session, long Tokens, decimal? Cost)? TryReadHead(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line.TrimStart('\uFEFF'));
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty(Head, out JsonElement head) || head.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            HeliconeSession? session = head.TryGetProperty("session", out JsonElement s) && JsonText.StringOf(s, "id") is { } id
                ? new HeliconeSession(id, JsonText.StringOf(s, "name"), JsonText.StringOf(s, "path"))
                : null;
            long tokens = head.TryGetProperty("totalTokens", out JsonElement t) && t.ValueKind == JsonValueKind.Number && t.TryGetInt64(out long count) ? count : 0;
            decimal? cost = head.TryGetProperty("cost", out JsonElement c) && c.ValueKind == JsonValueKind.Number && c.TryGetDecimal(out decimal dollars) ? dollars : null;
            return (JsonText.StringOf(head, "model") is { } model ? ModelRoute.Parse(model) : null, session, tokens, cost);
        }
        catch (JsonException e)
        {
            throw new FormatException("The line isn't valid JSON: " + e.Message, e);
        }
    }

    // A server may format its JSON over many lines. Line breaks in JSON are only ever between tokens, so a message keeps its meaning without them.
    private static string OneLine(string json)
    {
        if (json.IndexOf('\n') < 0 && json.IndexOf('\r') < 0)
        {
            return json;
        }

        StringBuilder line = new(json.Length);
        foreach (char character in json)
        {
            line.Append(character is '\n' or '\r' ? ' ' : character);
        }

        return line.ToString();
    }
}
