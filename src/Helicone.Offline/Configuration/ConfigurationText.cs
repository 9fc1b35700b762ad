using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Json;

namespace Helicone.Offline.Configuration;

/// <summary>The text of a gateway.json. Comments and trailing commas are welcome.</summary>
internal sealed class ConfigurationText
{
    private static readonly JsonReaderOptions s_options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly string _path;
    private readonly bool _hasPlaces;

    /// <param name="path">Where it was read.</param>
    /// <param name="bytes">All of it.</param>
    /// <param name="hasPlaces">Indicates whether a person sees it with lines and columns.</param>
    public ConfigurationText(string path, ReadOnlyMemory<byte> bytes, bool hasPlaces = true)
    {
        _path = path;
        _hasPlaces = hasPlaces;
        Bytes = bytes.Span.StartsWith("\uFEFF"u8) ? bytes.Slice(3) : bytes;
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <exception cref="ConfigurationException">It isn't valid JSON; the message contains the place.</exception>
    public ConfigurationNode Parse()
    {
        Utf8JsonReader reader = new(Bytes.Span, s_options);
        try
        {
            reader.Read();
            ConfigurationNode root = ReadValue(ref reader, string.Empty);

            // Anything except white space after it is an error, which only reading on reveals.
            reader.Read();
            return root;
        }
        catch (JsonException e)
        {
            string reason = e.Message.Split([" LineNumber:"], 2, StringSplitOptions.None)[0];
            throw new ConfigurationException($"{_path} line {(e.LineNumber ?? 0) + 1}, column {ColumnOf(e)}: {reason}", e);
        }
    }

    /// <summary>An error at that byte.</summary>
    public ConfigurationException WrongAt(int position, string reason)
    {
        if (!_hasPlaces)
        {
            return new ConfigurationException($"{_path}: {reason}");
        }

        ReadOnlySpan<byte> before = Bytes.Span.Slice(0, position);
        int line = before.Count((byte)'\n') + 1;
        int column = Encoding.UTF8.GetCharCount(before.Slice(before.LastIndexOf((byte)'\n') + 1)) + 1;
        return new ConfigurationException($"{_path} line {line}, column {column}: {reason}");
    }

    private ConfigurationNode ReadValue(ref Utf8JsonReader reader, string path)
    {
        int start = (int)reader.TokenStartIndex;
        JsonTokenType type = reader.TokenType;
        if (type is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return new ConfigurationNode(this, path, type, start, (int)reader.BytesConsumed);
        }

        Dictionary<string, ConfigurationNode> members = [];
        List<ConfigurationNode> items = [];
        while (reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
        {
            if (type == JsonTokenType.StartArray)
            {
                items.Add(ReadValue(ref reader, $"{path}[{items.Count}]"));
                continue;
            }

            string name = reader.GetString()!;
            int place = (int)reader.TokenStartIndex;
            reader.Read();
            if (!members.TryAdd(name, ReadValue(ref reader, path.Length == 0 ? name : path + "." + name)))
            {
                throw WrongAt(place, $"'{name}' is specified more than once.");
            }
        }

        ConfigurationNode node = new(this, path, type, start, (int)reader.BytesConsumed);
        node.Items.AddRange(items);
        foreach (KeyValuePair<string, ConfigurationNode> member in members)
        {
            node.Members.Add(member.Key, member.Value);
        }

        return node;
    }

    /// <summary>In characters, as an editor counts; the reader counts bytes.</summary>
    private int ColumnOf(JsonException e)
    {
        ReadOnlySpan<byte> rest = Bytes.Span;
        for (long line = e.LineNumber ?? 0; line > 0; line--)
        {
            rest = rest.Slice(rest.IndexOf((byte)'\n') + 1);
        }

        return Encoding.UTF8.GetCharCount(rest.Slice(0, (int)Math.Min(e.BytePositionInLine ?? 0, rest.Length))) + 1;
    }
}
