using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Tools;

/// <summary>A tool as a model sees it: its name, what it does, and the JSON Schema of its parameters. Immutable.</summary>
public sealed class ToolDefinition
{
    /// <summary>The maximum length of a name.</summary>
    public const int MaxNameLength = 64;

    private readonly byte[] _json;
    private readonly IReadOnlyDictionary<string, object?>? _parameters;
    private readonly bool _isSchema;

    /// <summary>Creates the definition of a function.</summary>
    /// <param name="name">The name: up to 64 letters, digits, hyphens, and underscores.</param>
    /// <param name="description">What the tool does.</param>
    /// <param name="parameters">The JSON Schema of the parameters, as plain values; no parameters when <see langword="null"/>.</param>
    /// <exception cref="FormatException">The name is invalid, or a value of the schema has no JSON form.</exception>
    public ToolDefinition(string name, string? description, IReadOnlyDictionary<string, object?>? parameters)
    {
        Name = IsName(name) ? name : throw new FormatException($"'{name}' isn't a valid tool name. Use up to {MaxNameLength} letters, digits, hyphens, and underscores.");
        Description = description;
        _parameters = parameters ?? Nothing();
        ParametersJson = Encoding.UTF8.GetString(JsonText.Utf8(writer => PlainJson.Write(writer, _parameters, "Parameters")));
        _json = Function(name, description, ParametersJson);
    }

    private ToolDefinition(string name, string? description, string parametersJson, byte[] json, bool isSchema = false) =>
        (Name, Description, ParametersJson, _json, _isSchema) = (name, description, parametersJson, json, isSchema);

    /// <summary>The name that the model calls the tool by.</summary>
    public string Name { get; }

    /// <summary>The description for the model.</summary>
    public string? Description { get; }

    /// <summary>The JSON Schema of the parameters.</summary>
    public string ParametersJson { get; }

    /// <summary>The definition as it is sent: an entry of <c>tools</c>.</summary>
    public string Json => Encoding.UTF8.GetString(_json);

    /// <summary>Creates the definition of a function with a JSON Schema that is sent as it is.</summary>
    /// <param name="name">The name: up to 64 letters, digits, hyphens, and underscores.</param>
    /// <param name="description">What the tool does.</param>
    /// <param name="schema">The JSON Schema of the parameters: a valid JSON object.</param>
    internal static ToolDefinition FromJsonSchema(string name, string? description, string schema) =>
        new(name, description, schema, Function(name, description, schema), isSchema: true);

    /// <summary>Reads a definition in OpenAI's form, such as <c>{ type: function, function: { name: …, parameters: … } }</c>. Tools of other types are kept as they are.</summary>
    /// <exception cref="FormatException">The definition has no valid name, or a value has no JSON form.</exception>
    public static ToolDefinition FromDictionary(IDictionary fields)
    {
        if (fields is null)
        {
            throw new ArgumentNullException(nameof(fields));
        }

        byte[] json = JsonText.Utf8(writer => PlainJson.Write(writer, fields, "Tool"));
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement tool = document.RootElement;
        bool isBare = JsonText.StringOf(tool, "name") is not null;
        if (isBare && JsonText.StringOf(tool, "type") is null or "function")
        {
            // The function alone, without the object around it.
            JsonElement function = tool;
            json = JsonText.Utf8(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("type", "function");
                writer.WriteStartObject("function");
                foreach (JsonProperty field in function.EnumerateObject().Where(static field => !field.NameEquals("type")))
                {
                    field.WriteTo(writer);
                }

                writer.WriteEndObject();
                writer.WriteEndObject();
            });
        }

        string type = JsonText.StringOf(tool, "type") ?? "function";
        JsonElement body = !isBare && tool.TryGetProperty(type, out JsonElement inner) && inner.ValueKind == JsonValueKind.Object ? inner : tool;
        string name = JsonText.StringOf(body, "name") ?? (type == "function" ? string.Empty : type);
        if (!IsName(name))
        {
            throw new FormatException(name.Length == 0
                ? "The tool has no name. A tool looks like @{ type = 'function'; function = @{ name = 'get_weather'; parameters = @{ type = 'object'; properties = @{} } } }."
                : $"'{name}' isn't a valid tool name. Use up to {MaxNameLength} letters, digits, hyphens, and underscores.");
        }

        return new ToolDefinition(name, JsonText.StringOf(body, "description"), body.TryGetProperty("parameters", out JsonElement parameters) ? parameters.GetRawText() : "{}", json);
    }

    /// <summary>The same tool under another name.</summary>
    /// <exception cref="FormatException">The name is invalid, or the tool was given in OpenAI's form, whose name its caller chose.</exception>
    public ToolDefinition WithName(string name) => name == Name ? this
        : _isSchema ? FromJsonSchema(name, Description, ParametersJson)
        : _parameters is null ? throw new FormatException($"The tool '{Name}' can't be renamed.")
        : new ToolDefinition(name, Description, _parameters);

    /// <summary>Indicates whether providers accept the text as the name of a tool.</summary>
    public static bool IsName(string? name) => name is { Length: > 0 and <= MaxNameLength } && name.All(IsNameCharacter);

    /// <summary>The text with everything replaced that the name of a tool can't contain, cut to the maximum length.</summary>
    public static string ToName(string text)
    {
        string name = new((text ?? string.Empty).Select(static c => IsNameCharacter(c) ? c : '_').Take(MaxNameLength).ToArray());
        return name.Length == 0 ? "tool" : name;
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal void WriteTo(Utf8JsonWriter writer) => writer.WriteRawValue(_json, skipInputValidation: true);

    private static byte[] Function(string name, string? description, string parameters) => JsonText.Utf8(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", name);
        if (!string.IsNullOrEmpty(description))
        {
            writer.WriteString("description", description);
        }

        writer.WritePropertyName("parameters");
        writer.WriteRawValue(parameters, skipInputValidation: true);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private static bool IsNameCharacter(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_' or '-';

    private static Dictionary<string, object?> Nothing() => new() { ["type"] = "object", ["properties"] = new Dictionary<string, object?>() };
}
