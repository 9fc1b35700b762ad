using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Helicone.Chat;

namespace Helicone.Prompts;

/// <summary>The fields of a front matter. Their names are those of Invoke-HeliconeChat's parameters or of the wire: <c>maxTokens</c>, <c>max_tokens</c>.</summary>
/// <param name="path">The file.</param>
/// <param name="lines">The lines of the file.</param>
internal sealed class PromptFields(string path, string[] lines)
{
    private const string Known = "description, model, temperature, topP, maxTokens, stop, seed, reasoningEffort, responseFormat, body, system, schema, tools, and inputs";

    private static readonly Dictionary<string, PromptInputType> s_types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["string"] = PromptInputType.Text,
        ["integer"] = PromptInputType.Whole,
        ["int"] = PromptInputType.Whole,
        ["number"] = PromptInputType.Number,
        ["boolean"] = PromptInputType.Boolean,
        ["bool"] = PromptInputType.Boolean,
        ["array"] = PromptInputType.Array,
        ["object"] = PromptInputType.Any,
    };

    internal string? Description { get; private set; }

    internal ModelRoute? Model { get; private set; }

    internal double? Temperature { get; private set; }

    internal double? TopP { get; private set; }

    internal int? MaxTokens { get; private set; }

    internal IReadOnlyList<string>? Stop { get; private set; }

    internal long? Seed { get; private set; }

    internal string? ReasoningEffort { get; private set; }

    internal object? ResponseFormat { get; private set; }

    internal IReadOnlyDictionary<string, object?>? Body { get; private set; }

    internal PromptTemplateText? System { get; private set; }

    internal object? Schema { get; private set; }

    internal (int Line, int Column) SchemaPlace { get; private set; } = (1, 1);

    internal IReadOnlyList<string> Tools { get; private set; } = [];

    internal IReadOnlyList<PromptInput> Inputs { get; private set; } = [];

    /// <exception cref="PromptFileException">A field isn't known, or its value isn't valid.</exception>
    internal void Read(List<KeyValuePair<PromptNode, PromptNode>> members)
    {
        HashSet<string> names = [];
        foreach ((PromptNode key, PromptNode value) in members.Select(static member => (member.Key, member.Value)))
        {
            string name = Plain(key.Text!);
            if (!names.Add(name))
            {
                throw Problem(key, $"The field '{key.Text}' appears twice.");
            }

            Read(name, key, value);
        }
    }

    private void Read(string name, PromptNode key, PromptNode value)
    {
        switch (name)
        {
            case "description":
                Description = Text(key, value);
                break;
            case "model":
                try
                {
                    Model = ModelRoute.Parse(string.Join(",", Texts(key, value)));
                }
                catch (FormatException e)
                {
                    throw Problem(value, e.Message, e);
                }

                break;
            case "temperature":
                Temperature = Number(key, value, 0, 2);
                break;
            case "topp":
                TopP = Number(key, value, 0, 1);
                break;
            case "maxtokens" or "maxcompletiontokens":
                MaxTokens = (int)Whole(key, value, 1, int.MaxValue);
                break;
            case "stop":
                Stop = Texts(key, value);
                break;
            case "seed":
                Seed = Whole(key, value, long.MinValue, long.MaxValue);
                break;
            case "reasoningeffort":
                ReasoningEffort = Text(key, value);
                break;
            case "responseformat":
                ResponseFormat = value.Text is null && value.Members is null ? throw Problem(value, "'responseFormat' must be text, json, or an object with a type.") : value.Text == "json" ? "json_object" : value.Value;
                break;
            case "body":
                Body = value.Members is null ? throw Problem(value, "'body' must be an object with fields of the request, such as 'frequency_penalty: 0.5'.") : CheckBody(value);
                break;
            case "system":
                string text = Text(key, value);
                int column = value.ContentLine is { } first ? Indent(first) + 1 : value.Column;
                System = new PromptTemplateText(text, path, value.ContentLine ?? value.Line, column, value.ContentLine is not null);
                break;
            case "schema":
                Schema = value.Value ?? throw Problem(value, "'schema' is empty.");
                SchemaPlace = (value.Line, value.Column);
                break;
            case "tools":
                Tools = Texts(key, value);
                break;
            case "inputs":
                Inputs = [.. (value.Members ?? throw Problem(value, "'inputs' must be an object with a name and a type for each input, such as 'language: string'.")).Select(static member => (member.Key, member.Value)).Select(input => Input(input.Key, input.Value))];
                CheckNames();
                break;
            default:
                throw Problem(key, $"The field '{key.Text}' isn't known. Fields are {Known}. Other fields of the request go into 'body'.");
        }
    }

    private Dictionary<string, object?> CheckBody(PromptNode value)
    {
        foreach (KeyValuePair<PromptNode, PromptNode> member in value.Members!)
        {
            if (member.Key.Text is "messages" or "model" or "stream" or "tools" or "response_format" or "prompt_id")
            {
                throw Problem(member.Key, $"'{member.Key.Text}' can't be in 'body'.");
            }
        }

        return (Dictionary<string, object?>)value.Value!;
    }

    private PromptInput Input(PromptNode key, PromptNode value)
    {
        string name = key.Text!;
        if (name.Length == 0 || !(char.IsLetter(name[0]) || name[0] == '_') || !name.All(static c => char.IsLetterOrDigit(c) || c == '_'))
        {
            throw Problem(key, $"The name '{name}' of an input isn't valid. Use letters, digits, and '_'.");
        }

        PromptInput input = new(name) { Line = key.Line, Column = key.Column };
        if (value.Members is null)
        {
            return value.Value is null ? input : input with { Type = Type(key, value) };
        }

        PromptNode? initial = null;
        bool? required = null;
        foreach ((PromptNode field, PromptNode of) in value.Members.Select(static member => (member.Key, member.Value)))
        {
            switch (Plain(field.Text!))
            {
                case "type":
                    input = input with { Type = Type(field, of) };
                    break;
                case "description":
                    input = input with { Description = Text(field, of) };
                    break;
                case "default":
                    initial = of;
                    break;
                case "required":
                    required = of.Value as bool? ?? throw Problem(of, "'required' must be true or false.");
                    break;
                case "enum":
                    input = input with { Choices = Texts(field, of) };
                    break;
                default:
                    throw Problem(field, $"The field '{field.Text}' of an input isn't known. Fields are type, description, default, required, and enum.");
            }
        }

        if (input.Choices.Count > 0 && input.Type != PromptInputType.Text)
        {
            throw Problem(key, "'enum' is for inputs of the type string.");
        }

        object? value1 = initial?.Value is null ? null : Default(input, initial);
        return input with { Default = value1, IsRequired = required ?? initial is null };
    }

    private object? Default(PromptInput input, PromptNode value)
    {
        object? fit = (input.Type, value.Value) switch
        {
            (PromptInputType.Text, _) when value.Text is { } text => text,
            (PromptInputType.Whole, long whole) => whole,
            (PromptInputType.Number, long whole) => (double)whole,
            (PromptInputType.Number, double number) => number,
            (PromptInputType.Boolean, bool flag) => flag,
            (PromptInputType.Array, List<object?>) => value.Items!.Select(item => item.Text ?? throw Problem(item, "The items of the default must be texts.")).ToArray(),
            (PromptInputType.Any, { } any) => any,
            _ => throw Problem(value, $"The default of '{input.Name}' isn't of its type."),
        };
        return input.Choices.Count == 0 || input.Choices.Contains((string)fit!) ? fit : throw Problem(value, $"The default '{fit}' isn't one of the values of 'enum'.");
    }

    private void CheckNames()
    {
        // PowerShell's parameters have no case.
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        foreach (PromptInput input in Inputs)
        {
            if (!names.Add(input.Name))
            {
                throw new PromptFileException(path, input.Line, input.Column, $"Two inputs are named '{input.Name}'. Case doesn't distinguish them.");
            }
        }
    }

    private PromptInputType Type(PromptNode key, PromptNode value) =>
        value.Text is { } text && s_types.TryGetValue(text, out PromptInputType type) ? type : throw Problem(value.Text is null ? key : value, "The type must be string, integer, number, boolean, array, or object.");

    private string Text(PromptNode key, PromptNode value) => value.Text is { Length: > 0 } text ? text : throw Problem(value, $"'{key.Text}' must be text.");

    private List<string> Texts(PromptNode key, PromptNode value)
    {
        List<PromptNode> items = value.Items ?? [value];
        return items.Count > 0 && items.TrueForAll(static item => item.Text is { Length: > 0 }) ? items.ConvertAll(static item => item.Text!) : throw Problem(value, $"'{key.Text}' must be text or a list of texts.");
    }

    private double Number(PromptNode key, PromptNode value, double least, double most)
    {
        double? number = value.Value switch { long whole => whole, double real => real, _ => null };
        return number >= least && number <= most ? number.Value : throw Problem(value, string.Format(CultureInfo.InvariantCulture, "'{0}' must be a number from {1} to {2}.", key.Text, least, most));
    }

    private long Whole(PromptNode key, PromptNode value, long least, long most) =>
        value.Value is long whole && whole >= least && whole <= most ? whole : throw Problem(value, least == 1 ? $"'{key.Text}' must be a whole number of at least 1." : $"'{key.Text}' must be a whole number.");

    private int Indent(int line)
    {
        string text = line <= lines.Length ? lines[line - 1] : string.Empty;
        return text.Length - text.TrimStart(' ').Length;
    }

    private static string Plain(string name) => name.Replace("_", string.Empty).Replace("-", string.Empty).ToLowerInvariant();

    private PromptFileException Problem(PromptNode node, string problem, Exception? cause = null) => new(path, node.Line, node.Column, problem, cause);
}
