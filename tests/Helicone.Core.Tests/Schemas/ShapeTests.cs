using System.Collections;
using System.Text.Json;
using Helicone.Schemas;

namespace Helicone.Core.Tests.Schemas;

/// <summary>What is a shape, what isn't, and the schema that becomes of it.</summary>
public sealed class ShapeTests
{
    [Fact]
    public void Shape_BecomesAStrictSchema()
    {
        AnswerShape shape = AnswerShape.From(ShapeCase.Of(
            ("Severity", new[] { "error", "info" }),
            ("Count", typeof(int)),
            ("When", "datetime?"),
            ("Hosts", new[] { "string" }),
            ("Detail?", ShapeCase.Of(("Link", typeof(Uri))))));

        Assert.True(shape.IsStrict);
        Assert.Equal(
            """{"type":"object","properties":{"Severity":{"type":"string","enum":["error","info"]},"Count":{"type":"integer"},"When":{"description":"An ISO 8601 date and time.","type":["string","null"],"format":"date-time"},"Hosts":{"type":"array","items":{"type":"string"}},"Detail":{"anyOf":[{"type":"object","properties":{"Link":{"description":"An absolute URI.","type":"string"}},"required":["Link"],"additionalProperties":false},{"type":"null"}]}},"required":["Severity","Count","When","Hosts","Detail"],"additionalProperties":false}""",
            shape.Schema);
    }

    [Fact]
    public void Class_IsNamed_AndDescribesItsProperties()
    {
        AnswerShape shape = AnswerShape.From(typeof(ShapeCase.Ticket));

        Assert.Equal("Ticket", shape.Name);
        Assert.Contains("\"Id\":{\"description\":\"The id of the ticket. (a UUID)\",\"type\":\"string\",\"format\":\"uuid\"}", shape.Schema, StringComparison.Ordinal);
        Assert.DoesNotContain("TagCount", shape.Schema, StringComparison.Ordinal);
        Assert.Equal(["Id", "Owner", "Tags", "Score"], shape.Members);
    }

    [Fact]
    public void RecursiveClass_RefersToItsDefinition()
    {
        AnswerShape shape = AnswerShape.From(typeof(ShapeCase.Branch));

        Assert.True(shape.IsStrict);
        Assert.Contains("\"items\":{\"$ref\":\"#/$defs/Branch\"}", shape.Schema, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("object")]
    [InlineData("object[]")]
    public void Any_IsNotStrict(string type) => Assert.False(AnswerShape.From(ShapeCase.Of(("A", type))).IsStrict);

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""", true)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{}},"required":["a"],"additionalProperties":false}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{"oneOf":[{"type":"string"}]}},"required":["a"],"additionalProperties":false}""", false)]
    public void JsonSchema_IsStrict_WhereItAllowsNothingElse(string schema, bool isStrict) => Assert.Equal(isStrict, AnswerShape.FromJsonSchema(schema).IsStrict);

    [Fact]
    public void List_IsWrapped_AndABareListIsRead()
    {
        AnswerShape shape = AnswerShape.From(new[] { typeof(int) });

        Assert.True(shape.IsList);
        Assert.Equal("""{"type":"object","properties":{"items":{"type":"array","items":{"type":"integer"}}},"required":["items"],"additionalProperties":false}""", shape.Schema);
        Assert.Empty(shape.Read("[1, 2]", isComplete: true, out object? value));
        Assert.Equal("[Int32:1, Int32:2]", Rendering.Of(value));
    }

    [Fact]
    public void JsonSchema_ThatIsNoObject_IsWrapped_WithItsDefinitionsAtTheRoot()
    {
        AnswerShape shape = AnswerShape.FromJsonSchema("""{"type":"array","items":{"$ref":"#/$defs/n"},"$defs":{"n":{"type":"integer"}}}""");

        Assert.Equal("""{"type":"object","properties":{"items":{"type":"array","items":{"$ref":"#/$defs/n"}}},"required":["items"],"additionalProperties":false,"$defs":{"n":{"type":"integer"}}}""", shape.Schema);
        Assert.True(shape.IsStrict);
        Assert.Empty(shape.Read("[7]", isComplete: true, out object? value));
        Assert.Equal("[Int64:7]", Rendering.Of(value));
        Assert.NotEmpty(shape.Read("""["7"]""", isComplete: true, out _));
    }

    [Fact]
    public void JsonSchema_FillsWhatMayBeMissing()
    {
        AnswerShape shape = AnswerShape.FromJsonSchema("""{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"object","properties":{"c":{"type":"integer"}}}}}""");

        Assert.Empty(shape.Read("""{"z":1,"b":{}}""", isComplete: true, out object? value));
        Assert.Equal("{a=null, b={c=null}, z=Int64:1}", Rendering.Of(value));
    }

    [Theory]
    [InlineData("[1", "isn't valid JSON")]
    [InlineData("[1]", "is a JSON object")]
    [InlineData("""{"type":"nonsense"}""", "isn't valid")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"https://example.com/a.json"}}}""", "'https://example.com/a.json'")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#/$defs/gone"}}}""", "'#/$defs/gone'")]
    [InlineData("""{"type":"array","items":{"$ref":"#"}}""", "refers to its own root")]
    public void JsonSchema_ThatCantBeChecked_IsRefused(string schema, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => AnswerShape.FromJsonSchema(schema)).Message, StringComparison.Ordinal);

    public static TheoryData<string, object, string> Refused => new()
    {
        { "Unknown word", ShapeCase.Of(("Severity", "error")), "'Severity' of the shape is 'error', which isn't a type" },
        { "List of an unknown word", ShapeCase.Of(("Severity", new[] { "error" })), "'Severity' of the shape is a list of 'error'" },
        { "Number", ShapeCase.Of(("A", ShapeCase.Of(("B", 5)))), "'A.B' of the shape is 5 (Int32)" },
        { "Null", new Hashtable { ["A"] = null }, "'A' of the shape is null" },
        { "Empty array", ShapeCase.Of(("A", Array.Empty<object>())), "'A' of the shape is an empty array" },
        { "Empty object", ShapeCase.Of(("A", new Hashtable())), "'A' of the shape has no properties" },
        { "Several types", ShapeCase.Of(("A", new[] { typeof(int), typeof(string) })), "'A' of the shape is an array of several types" },
        { "Several names of types", ShapeCase.Of(("A", new[] { "int", "string" })), "'A' of the shape is ambiguous" },
        { "Several hashtables", ShapeCase.Of(("A", new object[] { new Hashtable(), new Hashtable() })), "'A' of the shape is an array of several hashtables" },
        { "Mixed values", ShapeCase.Of(("A", new object[] { "x", 1 })), "'A' of the shape mixes values" },
        { "Same name twice", ShapeCase.Of(("A", "int"), ("A?", "int")), "the property 'A' twice" },
        { "No constructor", ShapeCase.Of(("A", typeof(FileInfo))), "'A' of the shape has the type System.IO.FileInfo, which has no constructor without parameters" },
        { "Delegate", ShapeCase.Of(("A", typeof(Action))), "'A' of the shape has the type System.Action" },
        { "Keys that aren't text", ShapeCase.Of(("A", typeof(Dictionary<int, string>))), "keys of a JSON object are text" },
        { "Two dimensions", ShapeCase.Of(("A", typeof(int[,]))), "lists of one dimension" },
        { "Schema or shape", new Hashtable { ["type"] = "string", ["enum"] = new[] { "a", "b" } }, "it could be a JSON Schema" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void ShapeThatIsNone_IsRefused_NamingTheProperty(string name, object shape, string reason)
    {
        _ = name;
        Assert.Contains(reason, Assert.Throws<FormatException>(() => AnswerShape.From(shape)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ShapeThatContainsItself_IsRefused()
    {
        Hashtable shape = [];
        shape["A"] = shape;

        Assert.Contains("contains itself", Assert.Throws<FormatException>(() => AnswerShape.From(shape)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PropertyCalledType_IsAProperty()
    {
        AnswerShape shape = AnswerShape.From(ShapeCase.Of(("type", "string"), ("title", "string"), ("description", "string")));

        Assert.Equal(["type", "title", "description"], shape.Members);
    }

    [Theory]
    [InlineData("[string]", "String")]
    [InlineData("[int]", "Int32")]
    [InlineData("Guid", "Guid")]
    public void NameOfAType_MayHaveBrackets(string name, string type) => Assert.Equal(type, AnswerShape.From(name).Root!.Type!.Name);

    [Fact]
    public void SeveralDifferentAnswers_AreAProblem()
    {
        AnswerShape shape = AnswerShape.From(ShapeCase.Of(("A", "int")));

        Assert.Contains("several", Assert.Single(shape.Read("""Either {"A":1} or {"A":2}.""", isComplete: true, out _)), StringComparison.Ordinal);
        Assert.Empty(shape.Read("""From {"B":1} follows {"A":2}.""", isComplete: true, out object? value));
        Assert.Equal("{A=Int32:2}", Rendering.Of(value));
    }

    // A draft that fits, and then the limit: what was to follow is unknown.
    [Fact]
    public void AnswerThatWasCutOff_MustBeJsonAndNothingElse()
    {
        AnswerShape shape = AnswerShape.From(ShapeCase.Of(("A", "int")));

        Assert.NotEmpty(shape.Read("""Perhaps {"A":1}, but on""", isComplete: false, out _));
        Assert.Empty(shape.Read("""{"A":1}""", isComplete: false, out _));
    }

    [Theory]
    [InlineData("<think>{\"A\":\"x\"}")]
    [InlineData("{\"A\":\"\\ud800\"}")]
    [InlineData("{\"A\":\"x\",\"\\u0041\":\"y\"}")]
    public void TextThatCantBeTrusted_IsAProblem(string json) => Assert.NotEmpty(AnswerShape.From(ShapeCase.Of(("A", "string"))).Read(json, isComplete: true, out _));

    [Fact]
    public void KeysThatDifferByCase_AreAProblem_WherePropertiesDont() =>
        Assert.NotEmpty(AnswerShape.FromJsonSchema("""{"type":"object"}""").Read("""{"a":1,"A":2}""", isComplete: true, out _));

    [Fact]
    public void Problems_AreBounded()
    {
        string json = JsonSerializer.Serialize(new { items = Enumerable.Repeat(new string('x', 1000), 1000) });

        IReadOnlyList<string> problems = AnswerShape.From(new[] { typeof(int) }).Read(json, isComplete: true, out _);

        Assert.Equal("There are 992 more problems.", problems[^1]);
        Assert.True(string.Concat(problems).Length < 2000);
    }
}
