using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Mcp;

/// <summary>Questions of a server to the user, from and to JSON.</summary>
internal static class McpElicitation
{
    private const int MaxFields = 50;

    internal const string Declined = "{\"action\":\"decline\"}";

    /// <summary>Reads the parameters of <c>elicitation/create</c>.</summary>
    internal static McpQuestion Read(string server, JsonElement parameters)
    {
        List<McpQuestionField> fields = [];
        if (parameters.TryGetProperty("requestedSchema", out JsonElement schema) && schema.ValueKind == JsonValueKind.Object
            && schema.TryGetProperty("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object)
        {
            HashSet<string> required = schema.TryGetProperty("required", out JsonElement list) && list.ValueKind == JsonValueKind.Array
                ? [.. list.EnumerateArray().Select(static name => JsonText.StringOf(name) ?? string.Empty)]
                : [];
            fields.AddRange(properties.EnumerateObject().Take(MaxFields).Where(static field => field.Value.ValueKind == JsonValueKind.Object).Select(field => Field(field, required.Contains(field.Name))));
        }

        return new McpQuestion(server, JsonText.StringOf(parameters, "message") ?? string.Empty, JsonText.StringOf(parameters, "mode") == "url" ? JsonText.StringOf(parameters, "url") : null, fields);
    }

    /// <summary>The result of <c>elicitation/create</c>.</summary>
    internal static string Write(McpAnswer answer) => JsonText.Object(writer =>
    {
        writer.WriteString("action", "accept");
        writer.WritePropertyName("content");
        PlainJson.Write(writer, answer.Values.Where(static value => value.Value is not null).ToDictionary(static value => value.Key, static value => value.Value), "content");
    });

    private static McpQuestionField Field(JsonProperty field, bool isRequired)
    {
        JsonElement schema = field.Value;
        JsonElement choices = schema.TryGetProperty("items", out JsonElement items) && items.ValueKind == JsonValueKind.Object ? items : schema;
        return new McpQuestionField(
            field.Name,
            JsonText.StringOf(schema, "title"),
            JsonText.StringOf(schema, "description"),
            JsonText.StringOf(schema, "type") ?? "string",
            isRequired,
            Choices(choices),
            schema.TryGetProperty("default", out JsonElement value) ? PlainJson.Read(value) : null);
    }

    private static string[] Choices(JsonElement schema)
    {
        foreach (string name in new[] { "enum", "oneOf", "anyOf" })
        {
            if (schema.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array)
            {
                return [.. list.EnumerateArray().Select(static item => JsonText.StringOf(item) ?? JsonText.StringOf(item, "const")).Where(static item => item is not null).Select(static item => item!)];
            }
        }

        return [];
    }
}
