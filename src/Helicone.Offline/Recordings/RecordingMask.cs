using System;
using System.Collections.Generic;
using System.Linq;
using System.Security;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Helicone.Http;

namespace Helicone.Offline.Recordings;

/// <summary>Masks keys in what is recorded, also where JSON escapes a part of one, and where a stream brings one in pieces.</summary>
/// <param name="key">The key of the connection, which is masked whatever it looks like.</param>
internal sealed class RecordingMask(SecureString? key)
{
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptText.Instance };

    // JSON in a string of JSON, as in the arguments of a tool call. Deeper, nothing is escaped by anyone.
    private const int MostDepth = 4;

    private static readonly Regex s_literal = new(@"""[^""\\]*(?:\\.[^""\\]*)*""", RegexOptions.CultureInvariant | RegexOptions.Singleline, TimeSpan.FromSeconds(5));

    /// <summary>Masks the keys in a text, which may be JSON.</summary>
    public string Mask(string text) => Mask(text, 0);

    /// <summary>Masks the keys in the events of a stream.</summary>
    public IReadOnlyList<string> MaskEvents(IReadOnlyList<string> events)
    {
        string[] masked = [.. events.Select(item => Mask(item))];
        Dictionary<string, List<Piece>> texts = [];
        JsonNode?[] nodes = new JsonNode?[masked.Length];
        for (int i = 0; i < masked.Length; i++)
        {
            nodes[i] = DataOf(masked[i]);
            Collect(nodes[i], string.Empty, isDelta: false, i, texts);
        }

        HashSet<int> changed = [];
        foreach (List<Piece> pieces in texts.Values.Where(static pieces => pieces.Count > 1))
        {
            string text = string.Concat(pieces.Select(static piece => piece.Text));
            string whole = Mask(text);
            if (whole == text)
            {
                continue;
            }

            // A masked key has another length than its pieces: the text comes with the first of them.
            for (int i = 0; i < pieces.Count; i++)
            {
                pieces[i].Parent[pieces[i].Name] = i == 0 ? whole : string.Empty;
                changed.Add(pieces[i].Event);
            }
        }

        foreach (int i in changed)
        {
            masked[i] = "data: " + nodes[i]!.ToJsonString(s_plain) + "\n\n";
        }

        return masked;
    }

    private string Mask(string text, int depth)
    {
        // Unescaped first: of a key with an escape in it, the part before the escape alone looks like a key.
        if (depth < MostDepth && text.IndexOf('\\') >= 0)
        {
            text = s_literal.Replace(text, literal => literal.Value.IndexOf('\\') >= 0 && Decode(literal.Value) is { } decoded && Mask(decoded, depth + 1) is { } masked && masked != decoded
                ? Encode(masked)
                : literal.Value);
        }

        return Redaction.Scrub(text, key);
    }

    private static string? Decode(string literal)
    {
        try
        {
            Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(literal));
            return reader.Read() ? reader.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Quotation marks of a text that isn't JSON.
            return null;
        }
    }

    private static string Encode(string text) => OfflineJson.Text(json => json.WriteStringValue(text));

    private static JsonNode? DataOf(string item)
    {
        if (!item.StartsWith("data: {", StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(item.Substring("data: ".Length), documentOptions: OfflineJson.DocumentOptions);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Collects the texts that a stream brings in pieces: those in a choice's delta, each choice and each tool call apart.</summary>
    private static void Collect(JsonNode? node, string path, bool isDelta, int item, Dictionary<string, List<Piece>> texts)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (KeyValuePair<string, JsonNode?> member in members.ToArray())
                {
                    string at = path + "." + member.Key;
                    if (isDelta && member.Value is JsonValue value && value.TryGetValue(out string? text))
                    {
                        if (!texts.TryGetValue(at, out List<Piece>? pieces))
                        {
                            texts[at] = pieces = [];
                        }

                        pieces.Add(new Piece(item, members, member.Key, text));
                    }
                    else
                    {
                        Collect(member.Value, at, isDelta || member.Key == "delta", item, texts);
                    }
                }

                break;
            case JsonArray items:
                for (int i = 0; i < items.Count; i++)
                {
                    string index = items[i] is JsonObject entry && entry["index"] is JsonValue number ? number.ToJsonString() : FormattableString.Invariant($"{i}");
                    Collect(items[i], $"{path}[{index}]", isDelta, item, texts);
                }

                break;
        }
    }

    private sealed record Piece(int Event, JsonObject Parent, string Name, string Text);
}
