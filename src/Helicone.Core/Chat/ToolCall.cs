using System.Linq;
using System.Text.Json;

namespace Helicone.Chat;

/// <summary>A call that the model wants made. In a stream, <see cref="Arguments"/> of a chunk is the piece that arrived.</summary>
public sealed record ToolCall
{
    /// <summary>The position among the calls of one answer; pieces of a stream belong together by it.</summary>
    public int Index { get; init; }

    /// <summary>The id that the result must name; on a stream only the first piece has it.</summary>
    public string? Id { get; init; }

    /// <summary><c>function</c>, or <c>custom</c> for a tool that takes free text instead of JSON.</summary>
    public string Type { get; init; } = "function";

    /// <summary>The name of the tool.</summary>
    public string? Name { get; init; }

    /// <summary>The arguments as JSON text; the free text of a custom tool.</summary>
    public string Arguments { get; init; } = string.Empty;

    /// <summary>Fields in addition to these as JSON text, such as Gemini's thought signature, which must be sent back; otherwise <see langword="null"/>.</summary>
    public string? ExtraContent { get; init; }

    /// <summary>The call as a person would write it: <c>get_weather(city: "Oslo")</c>.</summary>
    public override string ToString() => $"{Name}({ArgumentText()})";

    private string ArgumentText()
    {
        try
        {
            using JsonDocument arguments = JsonDocument.Parse(Arguments);
            return arguments.RootElement.ValueKind == JsonValueKind.Object
                ? string.Join(", ", arguments.RootElement.EnumerateObject().Select(argument => $"{argument.Name}: {argument.Value.GetRawText()}"))
                : Arguments;
        }
        catch (JsonException)
        {
            // A piece of a stream, or what a model got wrong.
            return Arguments;
        }
    }
}
