using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Helicone.Chat;
using Helicone.Schemas;

namespace Helicone.Prompts;

/// <summary>A prompt in a file: a front matter in YAML with the model, its parameters, and the inputs, and a prompt that is a Liquid template.</summary>
/// <remarks>
/// What an input contains is text in one message. It can't become front matter, a template, or another message, because those are read before
/// the inputs are known.
/// </remarks>
public sealed class PromptFile
{
    /// <summary>The suffix of the names of prompt files.</summary>
    public const string Extension = ".prompt.md";

    private const int MaxBytes = 1024 * 1024;

    private readonly PromptTemplateText _body;
    private readonly PromptTemplateText? _system;
    private readonly (int Line, int Column) _schemaPlace;

    internal PromptFile(string path, PromptFields fields, PromptTemplateText body)
    {
        (Path, Name, _body, _system, _schemaPlace) = (path, NameOf(path), body, fields.System, fields.SchemaPlace);
        Description = fields.Description;
        Model = fields.Model;
        Temperature = fields.Temperature;
        TopP = fields.TopP;
        MaxTokens = fields.MaxTokens;
        Stop = fields.Stop;
        Seed = fields.Seed;
        ReasoningEffort = fields.ReasoningEffort;
        ResponseFormat = fields.ResponseFormat;
        Body = fields.Body;
        Schema = fields.Schema;
        Tools = TextList<string>.Of(fields.Tools);
        Inputs = TextList<PromptInput>.Of(fields.Inputs);
    }

    /// <summary>The name: that of the file without <see cref="Extension"/>.</summary>
    public string Name { get; }

    /// <summary>The description; <see langword="null"/> when there is none.</summary>
    public string? Description { get; }

    /// <summary>The inputs, in the order of the file.</summary>
    public IReadOnlyList<PromptInput> Inputs { get; }

    /// <summary>The models; <see langword="null"/> when the file names none.</summary>
    public ModelRoute? Model { get; }

    /// <summary>Randomness, 0 to 2.</summary>
    public double? Temperature { get; }

    /// <summary>Nucleus sampling, 0 to 1.</summary>
    public double? TopP { get; }

    /// <summary>The maximum number of tokens of the answer.</summary>
    public int? MaxTokens { get; }

    /// <summary>The texts at which the answer stops.</summary>
    public IReadOnlyList<string>? Stop { get; }

    /// <summary>A seed for more repeatable answers.</summary>
    public long? Seed { get; }

    /// <summary>The reasoning effort.</summary>
    public string? ReasoningEffort { get; }

    /// <summary><c>text</c>, <c>json_object</c>, or a dictionary.</summary>
    public object? ResponseFormat { get; }

    /// <summary>Other fields of the request's body, by their wire names.</summary>
    public IReadOnlyDictionary<string, object?>? Body { get; }

    /// <summary>The shape of the answer as it is in the file; <see langword="null"/> when there is none. <see cref="ReadShape"/> reads it.</summary>
    public object? Schema { get; }

    /// <summary>The names of the commands that the model may call.</summary>
    public IReadOnlyList<string> Tools { get; }

    /// <summary>The system prompt, a Liquid template; <see langword="null"/> when there is none.</summary>
    public string? System => _system?.Text;

    /// <summary>The prompt, a Liquid template.</summary>
    public string Template => _body.Text;

    /// <summary>The path of the file.</summary>
    public string Path { get; }

    /// <summary>The name of a prompt file's prompt.</summary>
    public static string NameOf(string path)
    {
        string name = global::System.IO.Path.GetFileName(path ?? throw new ArgumentNullException(nameof(path)));
        return name.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? name.Substring(0, name.Length - Extension.Length) : name;
    }

    /// <summary>Reads the front matter of a file. The templates are read when the prompt is checked or rendered.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="PromptFileException">The front matter isn't valid.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file can't be read.</exception>
    public static PromptFile Load(string path)
    {
        using FileStream file = File.OpenRead(path);
        if (file.Length > MaxBytes)
        {
            throw new PromptFileException(path, 1, 1, string.Format(CultureInfo.InvariantCulture, "The file is larger than {0:N0} bytes.", MaxBytes));
        }

        using StreamReader reader = new(file, Encoding.UTF8);
        return Parse(reader.ReadToEnd(), path);
    }

    /// <summary>Reads the text of a prompt file.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">The path of the file, for the name of the prompt and for errors.</param>
    /// <exception cref="PromptFileException">The front matter isn't valid.</exception>
    public static PromptFile Parse(string text, string path)
    {
        // The same prompt is the same bytes, whichever line ends Git has written.
        string[] lines = (text ?? throw new ArgumentNullException(nameof(text))).TrimStart('\uFEFF').Replace("\r\n", "\n").Split('\n');
        int bodyLine = 1;
        PromptFields fields = new(path, lines);
        if (IsFence(lines[0]))
        {
            int end = Array.FindIndex(lines, 1, IsFence);
            if (end < 0)
            {
                throw new PromptFileException(path, 1, 1, "The front matter has no end. Write a line '---' after its last field.");
            }

            // A method that uses YamlDotNet is compiled only after it is loaded.
            OptionalAssemblies.Load(OptionalAssemblies.Prompts);
            fields.Read(FrontMatter.Read(string.Join("\n", lines, 1, end - 1) + "\n", path, firstLine: 2));
            bodyLine = end + 2;
        }

        string body = string.Join("\n", lines, bodyLine - 1, lines.Length - bodyLine + 1);
        return string.IsNullOrWhiteSpace(body)
            ? throw new PromptFileException(path, Math.Min(bodyLine, lines.Length), 1, "The file has no prompt. Write it after the front matter.")
            : new PromptFile(path, fields, new PromptTemplateText(body, path, bodyLine, 1, isExact: true));
    }

    /// <summary>Writes the text of a new prompt file.</summary>
    /// <param name="draft">What it contains.</param>
    /// <param name="path">The path that the file will have, for errors.</param>
    /// <exception cref="PromptFileException">The draft isn't valid.</exception>
    public static string Compose(PromptDraft draft, string path)
    {
        string text = PromptFileWriter.Write(draft ?? throw new ArgumentNullException(nameof(draft)), draft.Inputs ?? []);
        PromptFile file = Parse(text, path);
        if (draft.Inputs is null && file.Variables().ToList() is { Count: > 0 } variables)
        {
            text = PromptFileWriter.Write(draft, [.. variables.Select(static name => new PromptInput(name))]);
            file = Parse(text, path);
        }

        file.Check();
        return text;
    }

    /// <summary>Checks the templates and the schema.</summary>
    /// <param name="options">What the caller's language adds to types.</param>
    /// <exception cref="PromptFileException">Something in the file isn't valid.</exception>
    public void Check(ShapeTypeOptions? options = null)
    {
        OptionalAssemblies.Load(OptionalAssemblies.Prompts);
        _system?.Check(Inputs);
        _body.Check(Inputs);
        _ = ReadShape(options);
    }

    /// <summary>Reads the shape of the answer.</summary>
    /// <param name="options">What the caller's language adds to types.</param>
    /// <returns>The shape; <see langword="null"/> when the file has none.</returns>
    /// <exception cref="PromptFileException">The shape isn't valid.</exception>
    public AnswerShape? ReadShape(ShapeTypeOptions? options = null)
    {
        if (Schema is null)
        {
            return null;
        }

        try
        {
            return Schema is string file && file.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
                ? AnswerShape.FromJsonSchema(File.ReadAllText(global::System.IO.Path.Combine(global::System.IO.Path.GetDirectoryName(Path) ?? string.Empty, file)))
                : AnswerShape.From(Schema, options);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new PromptFileException(Path, _schemaPlace.Line, _schemaPlace.Column, "The schema can't be used. " + e.Message, e);
        }
    }

    /// <summary>Makes a request of the prompt.</summary>
    /// <param name="values">The values of the inputs. An input that is missing or <see langword="null"/> has its default.</param>
    /// <returns>The request, without the model and the shape.</returns>
    /// <exception cref="PromptFileException">A template isn't valid.</exception>
    /// <exception cref="FormatException">A value is missing or isn't allowed, or the prompt is empty or too long.</exception>
    public ChatRequest Render(IReadOnlyDictionary<string, object?> values)
    {
        OptionalAssemblies.Load(OptionalAssemblies.Prompts);
        Dictionary<string, object?> all = [];
        foreach (PromptInput input in Inputs)
        {
            all[input.Name] = Value(input, values);
        }

        List<ChatMessage> messages = [];
        if (_system?.Render(Inputs, all) is { Length: > 0 } system)
        {
            messages.Add(new ChatMessage("system", system));
        }

        string prompt = _body.Render(Inputs, all);
        if (prompt.Length == 0)
        {
            throw new FormatException($"The prompt '{Name}' is empty with these inputs.");
        }

        messages.Add(new ChatMessage("user", prompt));
        return new ChatRequest(messages)
        {
            Model = Model,
            Temperature = Temperature,
            TopP = TopP,
            MaxTokens = MaxTokens,
            Stop = Stop,
            Seed = Seed,
            ReasoningEffort = ReasoningEffort,
            ResponseFormat = ResponseFormat,
            Body = Body,
        };
    }

    /// <summary>The name of the prompt.</summary>
    public override string ToString() => Name;

    private static bool IsFence(string line) => line.TrimEnd() == "---";

    private IEnumerable<string> Variables()
    {
        OptionalAssemblies.Load(OptionalAssemblies.Prompts);
        return (_system?.Variables ?? []).Concat(_body.Variables).Distinct();
    }

    private object? Value(PromptInput input, IReadOnlyDictionary<string, object?> values)
    {
        if (!values.TryGetValue(input.Name, out object? value) || value is null)
        {
            return input.Default is null && input.IsRequired ? throw new FormatException($"The input '{input.Name}' of the prompt '{Name}' has no value.") : input.Default;
        }

        if (input.Choices.Count == 0)
        {
            return value;
        }

        // As PowerShell compares them; the template sees the value as the file writes it.
        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;
        return input.Choices.FirstOrDefault(choice => choice.Equals(text, StringComparison.OrdinalIgnoreCase))
            ?? throw new FormatException($"The input '{input.Name}' of the prompt '{Name}' must be one of: {string.Join(", ", input.Choices)}. It is '{text}'.");
    }
}
