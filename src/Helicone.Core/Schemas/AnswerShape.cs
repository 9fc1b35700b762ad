using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace Helicone.Schemas;

/// <summary>The shape that an answer must have: what is sent to the model, and how its answer is read.</summary>
/// <remarks>
/// A shape of names and types is checked while it is read, because its values become exactly these .NET types. A JSON Schema that was passed
/// as such is checked by JsonSchema.Net.
/// </remarks>
public sealed class AnswerShape
{
    private readonly SchemaDocument? _document;
    private readonly string? _wrapper;

    private AnswerShape(ShapeNode root)
    {
        Root = root;
        _wrapper = root.IsOptional ? "value" : root.Kind switch
        {
            ShapeKind.Record or ShapeKind.Map => null,
            ShapeKind.List => "items",
            _ => "value",
        };
        (Schema, IsStrict) = SchemaWriter.Write(root, _wrapper);
        IsList = root.Kind == ShapeKind.List;
        Name = root is { Type: { } type, Kind: not ShapeKind.List } ? SchemaName.Of(type.Name) : SchemaName.Default;
        Members = [.. root.Members.Select(static member => member.Name)];
    }

    private AnswerShape(SchemaDocument document)
    {
        _document = document;
        _wrapper = document.Wrapper;
        (Schema, IsStrict, IsList, Name) = (document.Json, document.IsStrict, document.IsList, document.Name);
        Members = document.Wrapper is null ? [.. document.Members] : [];
    }

    /// <summary>The name of the schema in the request.</summary>
    public string Name { get; }

    /// <summary>The JSON Schema that is sent. Its root is an object: a list is in its property <c>items</c>, and a single value in its property <c>value</c>.</summary>
    public string Schema { get; }

    /// <summary>Indicates whether the provider is asked to enforce the schema (<c>strict</c>).</summary>
    public bool IsStrict { get; }

    /// <summary>Indicates whether the answer is a list.</summary>
    public bool IsList { get; }

    /// <summary>The shape; <see langword="null"/> for a JSON Schema.</summary>
    public ShapeNode? Root { get; }

    /// <summary>The names of the answer's properties, as far as they are known; empty for a list and for a single value.</summary>
    public IReadOnlyList<string> Members { get; }

    /// <summary>Reads a shape.</summary>
    /// <param name="shape">A dictionary of names and types, a type, the name of a type, or a JSON Schema as a dictionary.</param>
    /// <param name="options">What the caller's language adds to types.</param>
    /// <exception cref="FormatException">It isn't a shape, or it is ambiguous; the message names the property.</exception>
    public static AnswerShape From(object shape, ShapeTypeOptions? options = null)
    {
        if (shape is null)
        {
            throw new ArgumentNullException(nameof(shape));
        }

        return shape is IDictionary dictionary && SchemaDocument.Is(dictionary)
            ? FromJsonSchema(SchemaDocument.Write(dictionary))
            : new AnswerShape(new ShapeReader(options ?? new ShapeTypeOptions()).Read(shape));
    }

    /// <summary>Reads a JSON Schema.</summary>
    /// <exception cref="FormatException">The text isn't a self-contained JSON Schema.</exception>
    public static AnswerShape FromJsonSchema(string json) => new(new SchemaDocument(json ?? throw new ArgumentNullException(nameof(json))));

    /// <summary>The <c>response_format</c> of a request; <see langword="null"/> when there is none.</summary>
    internal object? ResponseFormat(ShapeForm form)
    {
        if (form >= ShapeForm.JsonObject)
        {
            return form == ShapeForm.JsonObject ? "json_object" : null;
        }

        using JsonDocument schema = JsonDocument.Parse(Schema);
        return new Dictionary<string, object?>
        {
            ["type"] = "json_schema",
            ["json_schema"] = new Dictionary<string, object?> { ["name"] = Name, ["strict"] = IsStrict && form == ShapeForm.JsonSchema, ["schema"] = schema.RootElement.Clone() },
        };
    }

    /// <summary>Finds what of a text doesn't fit the shape.</summary>
    /// <param name="text">The text: JSON, or an answer with JSON in it.</param>
    /// <returns>The problems; empty when the text fits.</returns>
    public IReadOnlyList<string> FindProblems(string text) => Read(text ?? throw new ArgumentNullException(nameof(text)), isComplete: true, out _);

    /// <summary>Reads the text of an answer.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isComplete">Indicates whether the model ended the answer itself. If not, the text must be JSON and nothing else.</param>
    /// <param name="value">The value, when there are no problems.</param>
    /// <returns>The problems; empty when the answer fits.</returns>
    internal IReadOnlyList<string> Read(string text, bool isComplete, out object? value)
    {
        value = null;
        IReadOnlyList<JsonDocument> found = AnswerText.Find(text, out bool isWhole, out string? problem);
        try
        {
            if (problem is not null)
            {
                return [problem];
            }

            if (!isWhole && !isComplete)
            {
                return ["The answer is cut off."];
            }

            AnswerProblems problems = new();
            List<(object? Value, string Json)> fits = [];
            foreach (JsonDocument document in found)
            {
                problems = new AnswerProblems();
                object? read = Read(document.RootElement, problems);
                if (!problems.HasAny)
                {
                    fits.Add((read, document.RootElement.GetRawText()));
                }
            }

            if (fits.Count == 0)
            {
                return problems.Sentences;
            }

            if (fits.Exists(fit => fit.Json != fits[0].Json))
            {
                return ["The answer contains several JSON values that fit, and they are different."];
            }

            value = fits[0].Value;
            return [];
        }
        finally
        {
            foreach (JsonDocument document in found)
            {
                document.Dispose();
            }
        }
    }

    private object? Read(JsonElement value, AnswerProblems problems)
    {
        if (_document is not null)
        {
            return _document.Read(value, problems);
        }

        if (_wrapper is null || value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(_wrapper, out _))
        {
            // Models that only have the prompt to go by often answer with the bare list.
            return new AnswerReader(problems).Read(value, Root!, string.Empty);
        }

        ShapeNode outer = new(ShapeKind.Record);
        outer.Add(new ShapeMember(_wrapper, Root!));
        return (new AnswerReader(problems).Read(value, outer, string.Empty) as AnswerObject)?.Members[0].Value;
    }
}
