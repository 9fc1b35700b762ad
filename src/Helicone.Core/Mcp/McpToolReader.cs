using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Helicone.Serialization;
using Helicone.Tools;

namespace Helicone.Mcp;

/// <summary>Reads a tool from a server's list. One that a model couldn't use, or that is made to do harm, is refused.</summary>
internal static class McpToolReader
{
    private const string NoParameters = "{\"type\":\"object\",\"properties\":{}}";

    /// <summary>Reads a tool.</summary>
    /// <returns>The tool; <see langword="null"/> with a problem for one that can't be used.</returns>
    internal static McpTool? Read(McpServer server, JsonElement item, McpToolNames names, HashSet<string> seen, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        if (JsonText.StringOf(item, "name") is not { Length: > 0 and <= 1_000 } name)
        {
            problem = "it has no name, or a name of more than 1,000 characters.";
            return null;
        }

        if (!seen.Add(name))
        {
            problem = $"there are two tools named '{name}', and the first one is used.";
            return null;
        }

        string schema = NoParameters;
        if (item.TryGetProperty("inputSchema", out JsonElement input) && input.ValueKind == JsonValueKind.Object)
        {
            schema = input.GetRawText();
            if (schema.Length > McpLimits.SchemaLength || Depth(input) > McpLimits.SchemaDepth)
            {
                problem = string.Format(CultureInfo.InvariantCulture, "the schema of '{0}' is longer than {1:N0} characters, or nested more than {2} deep.", name, McpLimits.SchemaLength, McpLimits.SchemaDepth);
                return null;
            }
        }

        string? description = JsonText.StringOf(item, "description");
        if (description?.Length > McpLimits.DescriptionLength)
        {
            description = description.Substring(0, McpLimits.DescriptionLength) + "…";
        }

        item.TryGetProperty("annotations", out JsonElement hints);
        string? output = item.TryGetProperty("outputSchema", out JsonElement result) && result.ValueKind == JsonValueKind.Object ? result.GetRawText() : null;
        return new McpTool(server, name, ToolDefinition.FromJsonSchema(names.Add(name), description, schema), output, new McpToolHints(
            (JsonText.StringOf(item, "title") ?? JsonText.StringOf(hints, "title")) is { } title ? TerminalText.ShowLine(title) : null,
            Flag(hints, "readOnlyHint"),
            Flag(hints, "destructiveHint"),
            Flag(hints, "idempotentHint"),
            Flag(hints, "openWorldHint")));
    }

    private static bool? Flag(JsonElement hints, string name) => hints.ValueKind == JsonValueKind.Object && hints.TryGetProperty(name, out JsonElement flag)
        ? flag.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null }
        : null;

    private static int Depth(JsonElement element)
    {
        int depth = 0;
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                depth = Math.Max(depth, Depth(property.Value));
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
            {
                depth = Math.Max(depth, Depth(item));
            }
        }

        return depth + 1;
    }
}
