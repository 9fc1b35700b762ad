using System.Collections.Generic;
using System.Text;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Chat;

/// <summary>Puts the events of a stream together to the answer that they are pieces of, without losing a field.</summary>
internal sealed class ChatAssembler
{
    private readonly MessageAssembler _first = new(0);
    private List<MessageAssembler>? _more;
    private JsonPieces? _fields;
    private byte[]? _usageJson;
    private bool _spoke;

    /// <summary>The fields that every event repeats.</summary>
    internal ChatHead Head { get; } = new();

    internal string? Model { get; private set; }

    internal ChatUsage? Usage { get; private set; }

    /// <summary>The first choice.</summary>
    internal MessageAssembler First => _first;

    /// <summary>Indicates that every choice that began has a finish reason.</summary>
    internal bool IsFinished => _first.FinishReason is not null && _more?.TrueForAll(choice => choice.FinishReason is not null) != false;

    /// <summary>
    /// Indicates that something of an answer came, that one event reported the usage, and that no text and no tool call came after it. Servers that leave
    /// the finish reason out (OpenAI's audio models, Snowflake) count the tokens when the model is done. OpenAI's audio models then still send the date
    /// at which the sound expires (recorded in openai/openai-dotnet, ChatWithBasicAudioOutput). A server that counts with every event proves nothing,
    /// nor does usage without an answer.
    /// </summary>
    internal bool EndsWithUsage { get; private set; }

    /// <summary>Indicates that nothing has come.</summary>
    internal bool IsEmpty { get; private set; } = true;

    /// <summary>The text so far; <see langword="null"/> for none.</summary>
    internal string? PartialText => _first.HasText ? _first.Text : null;

    /// <summary>The choices in the order of their index.</summary>
    internal IReadOnlyList<ChatChoice> Choices
    {
        get
        {
            List<ChatChoice> choices = [];
            foreach (MessageAssembler choice in All())
            {
                choices.Add(new ChatChoice(choice.Index, choice.ToMessage(), choice.FinishReason, choice.LogProbs));
            }

            return choices;
        }
    }

    internal void Add(ChatEvent part)
    {
        IsEmpty = false;

        // The first event of Azure has the results of the prompt's filter, and an empty name.
        Model = string.IsNullOrEmpty(Model) ? part.Model : Model;
        bool isFirstUsage = part.Usage is not null && Usage is null;
        if (part.Usage is not null)
        {
            Usage = part.Usage;
            _usageJson = part.UsageJson;
        }

        if (part.Extra is { } extra)
        {
            foreach (KeyValuePair<string, JsonElement> field in extra)
            {
                // Lists such as citations come whole with every event.
                (_fields ??= JsonPieces.Object()).Replace(field.Key, field.Value);
            }
        }

        if (part.Choice is { } first)
        {
            Add(first);
            foreach (ChatDelta choice in part.MoreChoices)
            {
                Add(choice);
            }
        }

        EndsWithUsage = part.Usage is not null ? isFirstUsage && _spoke : EndsWithUsage && !GoesOn(part);
    }

    /// <summary>The answer as OpenAI's JSON, including unknown fields.</summary>
    /// <param name="id">The id to write where the stream had none.</param>
    internal string ToJson(string? id) => Encoding.UTF8.GetString(JsonText.Utf8(writer => WriteTo(writer, id)));

    /// <summary>Writes the answer as OpenAI's JSON, including unknown fields.</summary>
    internal void WriteTo(Utf8JsonWriter writer, string? id)
    {
        writer.WriteStartObject();
        WriteMembersTo(writer, id);
        writer.WriteEndObject();
    }

    /// <summary>Writes the members of that object alone, so that others can follow.</summary>
    internal void WriteMembersTo(Utf8JsonWriter writer, string? id)
    {
        Head.WriteTo(writer, id);
        writer.WriteStartArray("choices");
        foreach (MessageAssembler choice in All())
        {
            // A stream that had only other choices, or none, has no first one.
            if (choice.HasBegun)
            {
                choice.WriteTo(writer);
            }
        }

        writer.WriteEndArray();
        if (_usageJson is not null)
        {
            writer.WritePropertyName("usage");
            writer.WriteRawValue(_usageJson, skipInputValidation: true);
        }

        _fields?.WriteMembersTo(writer);
    }

    private static bool GoesOn(ChatEvent part)
    {
        if (part.Choice is not { } first)
        {
            return false;
        }

        bool goesOn = first.HasPieces;
        foreach (ChatDelta choice in part.MoreChoices)
        {
            goesOn |= choice.HasPieces;
        }

        return goesOn;
    }

    private void Add(ChatDelta choice)
    {
        _spoke |= choice.Speaks;
        Of(choice.Index).Add(choice);
    }

    private MessageAssembler Of(int index)
    {
        if (index == 0)
        {
            return _first;
        }

        _more ??= [];
        int position = _more.FindIndex(choice => choice.Index >= index);
        if (position >= 0 && _more[position].Index == index)
        {
            return _more[position];
        }

        MessageAssembler made = new(index);
        _more.Insert(position < 0 ? _more.Count : position, made);
        return made;
    }

    private IEnumerable<MessageAssembler> All()
    {
        yield return _first;
        foreach (MessageAssembler choice in _more ?? [])
        {
            yield return choice;
        }
    }
}
