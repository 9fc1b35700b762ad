using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Prompts;

/// <summary>Writes prompt files. JSON is YAML, so values are written as JSON where plain text could mean something else.</summary>
internal static class PromptFileWriter
{
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="ArgumentException">A value of the schema has no JSON form.</exception>
    internal static string Write(PromptDraft draft, IReadOnlyList<PromptInput> inputs)
    {
        StringBuilder text = new("---\n");
        Field(text, "description", draft.Description);
        Field(text, "model", draft.Model);
        Line(text, "temperature", draft.Temperature?.ToString("R", CultureInfo.InvariantCulture));
        Line(text, "maxTokens", draft.MaxTokens?.ToString(CultureInfo.InvariantCulture));
        Block(text, "system", draft.System);
        Line(text, "schema", draft.Schema is null ? null : Json(draft.Schema));
        Line(text, "tools", draft.Tools.Count == 0 ? null : "[" + string.Join(", ", draft.Tools.Select(Scalar)) + "]");
        if (inputs.Count > 0)
        {
            _ = text.Append("inputs:\n");
        }

        foreach (PromptInput input in inputs)
        {
            Input(text, input);
        }

        return text.Append("---\n").Append(draft.Template.Replace("\r\n", "\n").Trim('\n')).Append('\n').ToString();
    }

    private static void Input(StringBuilder text, PromptInput input)
    {
        string type = input.Type switch
        {
            PromptInputType.Whole => "integer",
            PromptInputType.Number => "number",
            PromptInputType.Boolean => "boolean",
            PromptInputType.Array => "array",
            PromptInputType.Any => "object",
            _ => "string",
        };
        _ = text.Append("  ").Append(Scalar(input.Name)).Append(":\n    type: ").Append(type).Append('\n');
        Field(text, "    description", input.Description);
        Line(text, "    default", input.Default is null ? null : Json(input.Default));
        Line(text, "    required", input.Default is null && !input.IsRequired ? "false" : null);
        Line(text, "    enum", input.Choices.Count == 0 ? null : "[" + string.Join(", ", input.Choices.Select(Scalar)) + "]");
    }

    private static void Field(StringBuilder text, string name, string? value) => Line(text, name, value is null ? null : Scalar(value));

    private static void Line(StringBuilder text, string name, string? value)
    {
        if (value is not null)
        {
            _ = text.Append(name).Append(": ").Append(value).Append('\n');
        }
    }

    private static void Block(StringBuilder text, string name, string? value)
    {
        string? lines = value?.Replace("\r\n", "\n");
        if (lines is null || lines.IndexOf('\n') < 0 || lines[0] is ' ' or '\n' || lines[lines.Length - 1] == '\n' || lines.Any(static c => c != '\n' && (char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF')))
        {
            Field(text, name, lines);
            return;
        }

        _ = text.Append(name).Append(": |-\n");
        foreach (string line in lines.Split('\n'))
        {
            _ = text.Append(line.Length == 0 ? string.Empty : "  ").Append(line).Append('\n');
        }
    }

    // Words in the middle of a sentence; anything that could be another type or has a meaning in YAML is quoted.
    private static string Scalar(string value)
    {
        bool isPlain = value.Length > 0 && char.IsLetter(value[0]) && value.All(static c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '.' or '/' or '_')
            && value[value.Length - 1] != ' ' && value.ToLowerInvariant() is not ("null" or "true" or "false");
        return isPlain ? value : Json(value);
    }

    private static string Json(object value)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, s_json))
        {
            PlainJson.Write(writer, value, "Schema");
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
