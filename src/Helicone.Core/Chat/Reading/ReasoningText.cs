using System.Text;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Chat;

/// <summary>The readable text of a reasoning entry, whatever the provider calls it.</summary>
/// <remarks>
/// Mistral: <c>{type: thinking, thinking: [{type: text, text}]}</c>. Anthropic and Helicone: <c>{thinking, signature}</c>.
/// OpenRouter: <c>{type: reasoning.text, text}</c>, <c>{type: reasoning.summary, summary}</c>, <c>{type: reasoning.encrypted, data}</c>.
/// </remarks>
internal static class ReasoningText
{
    /// <returns>The text; <see langword="null"/> when the entry has none, such as encrypted reasoning.</returns>
    internal static string? Of(JsonElement entry)
    {
        switch (entry.ValueKind)
        {
            case JsonValueKind.String:
                return JsonText.StringOf(entry);
            case JsonValueKind.Array:
                StringBuilder? all = null;
                foreach (JsonElement item in entry.EnumerateArray())
                {
                    if (Of(item) is { } text)
                    {
                        (all ??= new StringBuilder()).Append(text);
                    }
                }

                return all?.ToString();
            case JsonValueKind.Object:
                foreach (string name in s_names)
                {
                    if (entry.TryGetProperty(name, out JsonElement value) && Of(value) is { Length: > 0 } text)
                    {
                        return text;
                    }
                }

                return null;
            default:
                return null;
        }
    }

    private static readonly string[] s_names = ["thinking", "text", "summary", "reasoning", "content"];
}
