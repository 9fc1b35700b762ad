using System.Text.Json;
using Helicone.Schemas;

namespace Helicone.Core.Tests.Schemas;

/// <summary>Every shape against every way in which models answer: the object that was asked for, or a problem, and never another object.</summary>
public sealed class ShapeMatrixTests
{
    public static TheoryData<string> Shapes => [.. ShapeCase.All.Select(shape => shape.Name)];

    [Fact]
    public void Matrix_HasFortyShapes() => Assert.True(ShapeCase.All.Count >= 40);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Fitting_BecomesTheValue(string name) => Fits(name, c => c.Fitting);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void WhiteSpaceAndTrailingCommas_DontMatter(string name) =>
        Fits(name, c => "\uFEFF \r\n" + c.Fitting.Substring(0, c.Fitting.Length - 1) + ",\n}\n\n");

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ProseAround_IsLeftOut(string name)
    {
        Fits(name, c => "Here you go:\n\n" + c.Fitting + "\n\nLet me know [whether] that's {right}!");
        Fits(name, c => "<think>Perhaps {\"A\": 1}? No.</think>\n" + c.Fitting);
        Fits(name, c => "First: " + c.Fitting + " Again: " + c.Fitting);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void CodeFences_AreLeftOut(string name)
    {
        Fits(name, c => "```json\n" + c.Fitting + "\n```");
        Fits(name, c => "```\r\n" + c.Fitting + "\r\n```\r\n");
        Fits(name, c => "Sure:\n```json\n" + c.Fitting + "\n```\nDone.");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Missing_IsAProblem(string name) => Fails(name, c => c.Missing);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Extra_IsAProblem(string name) => Fails(name, c => c.Extra);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void WrongType_IsAProblem(string name)
    {
        Fails(name, c => c.Wrong);
        Fails(name, c => c.Wrong is null ? null : "```json\n" + c.Wrong + "\n```");
        Fails(name, _ => "null");
        Fails(name, _ => "I can't answer that.");
        Fails(name, _ => string.Empty);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Truncated_AtAnyCharacter_IsAProblem(string name)
    {
        ShapeCase c = ShapeCase.All.Single(shape => shape.Name == name);
        AnswerShape shape = c.Read();
        string[] beginnings = ["", "Here you go: ", "```json\n"];
        foreach (string beginning in beginnings)
        {
            for (int length = 0; length < c.Fitting.Length; length++)
            {
                string text = beginning + c.Fitting.Substring(0, length);
                Assert.True(shape.Read(text, isComplete: true, out object? value).Count > 0, text);
                Assert.Null(value);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void OneCharacterMoreOrLess_NeverThrows(string name)
    {
        ShapeCase c = ShapeCase.All.Single(shape => shape.Name == name);
        AnswerShape shape = c.Read();
        for (int i = 0; i < c.Fitting.Length; i++)
        {
            Read(c.Fitting.Remove(i, 1));
            foreach (char inserted in "{}[]\",:\\`0e-.\ud800")
            {
                Read(c.Fitting.Insert(i, inserted.ToString()));
            }
        }

        void Read(string text)
        {
            IReadOnlyList<string> problems = shape.Read(text, isComplete: true, out object? value);
            Assert.True(problems.Count == 0 || value is null, text);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void DuplicateKeys_AreAProblem(string name) => Fails(name, c =>
    {
        using JsonDocument document = JsonDocument.Parse(c.Fitting);
        JsonProperty first = document.RootElement.EnumerateObject().First();
        return c.Fitting.Substring(0, c.Fitting.Length - 1) + "," + first + "}";
    });

    // The schema that the provider enforces and the reader that checks what it did are two pieces of code.
    [Theory]
    [MemberData(nameof(Shapes))]
    public void Schema_AcceptsWhatTheReaderAccepts(string name)
    {
        ShapeCase c = ShapeCase.All.Single(shape => shape.Name == name);
        AnswerShape shape = c.Read();
        Assert.Empty(CheckSchema(shape, c.Fitting, requireFormat: !LooserThanTheSchema.Contains(name)));
        if (c.Missing is not null)
        {
            Assert.NotEmpty(CheckSchema(shape, c.Missing, requireFormat: true));
        }

        if (c.Extra is not null)
        {
            Assert.NotEmpty(CheckSchema(shape, c.Extra, requireFormat: true));
        }
    }

    // Texts that people mean and that the formats of JSON Schema don't cover.
    private static readonly string[] LooserThanTheSchema = ["DateTimeUnspecified", "DateOnly", "TimeSpan", "Choice", "Enum"];

    private static IReadOnlyList<string> CheckSchema(AnswerShape shape, string json, bool requireFormat)
    {
        if (!requireFormat)
        {
            return [];
        }

        using JsonDocument schema = JsonDocument.Parse(shape.Schema);
        using JsonDocument answer = JsonDocument.Parse(json);
        AnswerProblems problems = new();
        SchemaValidator.Create(schema.RootElement).Check(answer.RootElement, problems);
        return problems.Sentences;
    }

    private static void Fits(string name, Func<ShapeCase, string> answer)
    {
        ShapeCase c = ShapeCase.All.Single(shape => shape.Name == name);
        Assert.Empty(c.Read().Read(answer(c), isComplete: true, out object? value));
        Assert.Equal(c.Value, Rendering.Of(value));
    }

    private static void Fails(string name, Func<ShapeCase, string?> answer)
    {
        ShapeCase c = ShapeCase.All.Single(shape => shape.Name == name);
        if (answer(c) is not { } text)
        {
            return;
        }

        IReadOnlyList<string> problems = c.Read().Read(text, isComplete: true, out object? value);
        Assert.True(problems.Count > 0, $"{text} became {Rendering.Of(value)}");
        Assert.Null(value);
    }
}
