using System.Collections.Generic;
using System.Text.Json;

namespace Helicone.Chat;

/// <summary>One entry of <c>tool_calls</c> as it came: a whole call, or a piece of one.</summary>
internal sealed class ToolCallPiece
{
    /// <summary>The index on the wire; <see langword="null"/> where the server left it out (Gemini, some versions of Ollama and vLLM).</summary>
    internal int? Index { get; set; }

    internal string? Id { get; set; }

    internal string? Type { get; set; }

    internal string? Name { get; set; }

    /// <summary>The arguments, or the next piece of them; <see langword="null"/> when missing.</summary>
    internal string? Arguments { get; set; }

    /// <summary>Indicates that the arguments came as an object instead of text, so they are complete.</summary>
    internal bool ArgumentsAreWhole { get; set; }

    /// <summary>Unknown fields of the call, such as <c>extra_content</c>.</summary>
    internal List<KeyValuePair<string, JsonElement>>? Extra { get; set; }

    /// <summary>The position of the call that the piece turned out to belong to.</summary>
    internal int Position { get; set; }

    /// <summary>The piece as a chunk shows it.</summary>
    internal ToolCall ToCall() => new()
    {
        Index = Position,
        Id = Id,
        Type = Type ?? "function",
        Name = Name,
        Arguments = Arguments ?? string.Empty,
        ExtraContent = ToolCallAssembler.ExtraContentOf(Extra),
    };
}
