using System.Collections;
using System.Collections.Specialized;
using System.ComponentModel;
using System.Numerics;
using Helicone.Schemas;

namespace Helicone.Core.Tests.Schemas;

/// <summary>One shape, an answer that fits it, and answers that don't.</summary>
/// <param name="Name">The name of the test case.</param>
/// <param name="Shape">The shape, as a caller passes it: a JSON Schema when it is text that starts with a brace.</param>
/// <param name="Fitting">An answer.</param>
/// <param name="Value">What the answer becomes, as <see cref="Rendering"/> writes it.</param>
/// <param name="Wrong">The same answer with a value of the wrong type or out of range.</param>
/// <param name="Missing">The same answer without something that is required; <see langword="null"/> for a shape that requires nothing.</param>
/// <param name="Extra">The same answer with something that the shape doesn't have; <see langword="null"/> for a shape that allows anything.</param>
public sealed record ShapeCase(string Name, object Shape, string Fitting, string Value, string? Wrong, string? Missing, string? Extra)
{
    public static IReadOnlyList<ShapeCase> All { get; } =
    [
        new("Text", Of(("A", "string")), """{"A":"x"}""", "{A=String:x}", """{"A":1}""", "{}", """{"A":"x","B":1}"""),
        new("TextWithBraces", Of(("A", "string")), """{"A":"} \" ] {[\\ ```"}""", "{A=String:} \" ] {[\\ ```}", """{"A":["x"]}""", "{}", """{"A":"x","a":"y"}"""),
        new("OptionalText", Of(("A", "string?"), ("B", "int")), """{"A":null,"B":1}""", "{A=null, B=Int32:1}", """{"A":7,"B":1}""", """{"A":"x"}""", """{"A":null,"B":1,"C":null}"""),
        new("OptionalByKey", Of(("A?", new Hashtable { ["X"] = "int" }), ("B", "int")), """{"A":null,"B":1}""", "{A=null, B=Int32:1}", """{"A":{"X":null},"B":1}""", """{"A":null}""", """{"A":null,"B":1,"A?":null}"""),
        new("Int", Of(("A", typeof(int))), """{"A":2147483647}""", "{A=Int32:2147483647}", """{"A":2147483648}""", "{}", """{"A":1,"B":2}"""),
        new("IntNotText", Of(("A", "int")), """{"A":5.0}""", "{A=Int32:5}", """{"A":"5"}""", "{}", """{"A":1,"B":2}"""),
        new("IntNotFraction", Of(("A", "integer")), """{"A":1e3}""", "{A=Int64:1000}", """{"A":1.5}""", "{}", """{"A":1,"B":2}"""),
        new("Long", Of(("A", typeof(long))), """{"A":9007199254740993}""", "{A=Int64:9007199254740993}", """{"A":9223372036854775808}""", "{}", """{"A":1,"B":2}"""),
        new("ULong", Of(("A", typeof(ulong))), """{"A":18446744073709551615}""", "{A=UInt64:18446744073709551615}", """{"A":-1}""", "{}", """{"A":1,"B":2}"""),
        new("Byte", Of(("A", typeof(byte))), """{"A":255}""", "{A=Byte:255}", """{"A":256}""", "{}", """{"A":1,"B":2}"""),
        new("BigInteger", Of(("A", typeof(BigInteger))), """{"A":123456789012345678901234567890}""", "{A=BigInteger:123456789012345678901234567890}", """{"A":true}""", "{}", """{"A":1,"B":2}"""),
        new("Double", Of(("A", typeof(double))), """{"A":0.1}""", "{A=Double:0.1}", """{"A":1e400}""", "{}", """{"A":1,"B":2}"""),
        new("Float", Of(("A", typeof(float))), """{"A":1.5}""", "{A=Single:1.5}", """{"A":1e39}""", "{}", """{"A":1,"B":2}"""),
        new("Decimal", Of(("A", typeof(decimal))), """{"A":79228162514264337593543950335}""", "{A=Decimal:79228162514264337593543950335}", """{"A":"1.10"}""", "{}", """{"A":1,"B":2}"""),
        new("DecimalDigits", Of(("A", "decimal")), """{"A":1.10}""", "{A=Decimal:1.10}", """{"A":1e-40}""", "{}", """{"A":1,"B":2}"""),
        new("Number", Of(("A", "number")), """{"A":0.30000000000000004}""", "{A=Decimal:0.30000000000000004}", """{"A":false}""", "{}", """{"A":1,"B":2}"""),
        new("Boolean", Of(("A", typeof(bool))), """{"A":true}""", "{A=Boolean:True}", """{"A":"true"}""", "{}", """{"A":true,"B":2}"""),
        new("DateTimeUtc", Of(("A", typeof(DateTime))), """{"A":"2026-01-31T08:00:00+02:00"}""", "{A=DateTime:2026-01-31T06:00:00.0000000Z}", """{"A":"yesterday"}""", "{}", """{"A":"2026-01-31","B":2}"""),
        new("DateTimeUnspecified", Of(("A", "datetime")), """{"A":"2026-01-31 08:00"}""", "{A=DateTime:2026-01-31T08:00:00.0000000}", """{"A":"2026-02-30T08:00:00"}""", "{}", """{"A":"2026-01-31","B":2}"""),
        new("DateTimeOffset", Of(("A", typeof(DateTimeOffset))), """{"A":"2026-01-31T08:00:00.123456789+02:00"}""", "{A=DateTimeOffset:2026-01-31T08:00:00.1234567+02:00}", """{"A":"2026-01-31T08:00:00"}""", "{}", """{"A":"2026-01-31T08:00:00Z","B":2}"""),
        new("DateOnly", Of(("A", typeof(DateOnly)), ("B", typeof(TimeOnly))), """{"A":"2026-01-31","B":"23:59"}""", "{A=DateOnly:2026-01-31, B=TimeOnly:23:59:00}", """{"A":"31.01.2026","B":"23:59"}""", """{"A":"2026-01-31"}""", """{"A":"2026-01-31","B":"23:59","C":0}"""),
        new("TimeSpan", Of(("A", typeof(TimeSpan)), ("B", "timespan")), """{"A":"PT1H30M","B":"1.02:03:04"}""", "{A=TimeSpan:01:30:00, B=TimeSpan:1.02:03:04}", """{"A":"P1M","B":"00:00:01"}""", """{"A":"PT1H"}""", """{"A":"PT1H","B":"PT1S","C":0}"""),
        new("Guid", Of(("A", typeof(Guid))), """{"A":"0f8fad5b-d9cb-469f-a165-70867728950e"}""", "{A=Guid:0f8fad5b-d9cb-469f-a165-70867728950e}", """{"A":"0f8fad5b"}""", "{}", """{"A":"0f8fad5b-d9cb-469f-a165-70867728950e","B":2}"""),
        new("Uri", Of(("A", typeof(Uri))), """{"A":"https://example.com/a?b=c"}""", "{A=Uri:https://example.com/a?b=c}", """{"A":"/etc/passwd"}""", "{}", """{"A":"https://example.com/","B":2}"""),
        new("Version", Of(("A", typeof(Version))), """{"A":"1.2.3"}""", "{A=Version:1.2.3}", """{"A":"1"}""", "{}", """{"A":"1.2","B":2}"""),
        new("Char", Of(("A", typeof(char))), """{"A":"x"}""", "{A=Char:x}", """{"A":"xy"}""", "{}", """{"A":"x","B":2}"""),
        new("IPAddress", Of(("A", typeof(System.Net.IPAddress))), """{"A":"10.0.0.1"}""", "{A=IPAddress:10.0.0.1}", """{"A":"5"}""", "{}", """{"A":"::1","B":2}"""),
        new("Choice", Of(("A", new[] { "error", "warning", "info" })), """{"A":"Warning"}""", "{A=String:warning}", """{"A":"fatal"}""", "{}", """{"A":"info","B":2}"""),
        new("ChoiceByCase", Of(("A", new[] { "a", "A" })), """{"A":"A"}""", "{A=String:A}", """{"A":1}""", "{}", """{"A":"a","B":2}"""),
        new("ChoiceOfNumbers", Of(("A", new object[] { 1, 2, 3 })), """{"A":2.0}""", "{A=Int64:2}", """{"A":4}""", "{}", """{"A":1,"B":2}"""),
        new("OptionalChoice", Of(("A", new object?[] { "x", "y", null })), """{"A":null}""", "{A=null}", """{"A":"null"}""", null, """{"A":null,"B":2}"""),
        new("Enum", Of(("A", typeof(Level))), """{"A":"high"}""", "{A=Level:High}", """{"A":2}""", "{}", """{"A":"Low","B":2}"""),
        new("ListOfText", Of(("A", new[] { "string" })), """{"A":["x","y"]}""", "{A=[String:x, String:y]}", """{"A":"x"}""", "{}", """{"A":[],"B":2}"""),
        new("ListOfLists", Of(("A", "int[][]")), """{"A":[[1],[]]}""", "{A=[[Int32:1], []]}", """{"A":[1]}""", "{}", """{"A":[[1,null]]}"""),
        new("ListOfObjects", Of(("A", new object[] { Of(("B", "int")) })), """{"A":[{"B":1},{"B":2}]}""", "{A=[{B=Int32:1}, {B=Int32:2}]}", """{"A":[{"B":1},{"B":"2"}]}""", """{"A":[{}]}""", """{"A":[{"B":1,"C":2}]}"""),
        new("Nested", Of(("A", Of(("B", Of(("C", "int"))))), ("D", "string")), """{"D":"x","A":{"B":{"C":1}}}""", "{A={B={C=Int32:1}}, D=String:x}", """{"D":"x","A":{"B":1}}""", """{"D":"x","A":{"B":{}}}""", """{"D":"x","A":{"B":{"C":1,"E":1}}}"""),
        new("PlainHashtable", new Hashtable { ["b"] = "int", ["a"] = "int", ["c"] = "int" }, """{"c":3,"b":2,"a":1}""", "{a=Int32:1, b=Int32:2, c=Int32:3}", """{"c":3,"b":2,"a":"1"}""", """{"c":3,"b":2}""", """{"c":3,"b":2,"a":1,"d":4}"""),
        new("Class", typeof(Ticket), """{"Id":"0f8fad5b-d9cb-469f-a165-70867728950e","Owner":{"Name":"Ann"},"Tags":["x"],"Score":null}""", "{Id=Guid:0f8fad5b-d9cb-469f-a165-70867728950e, Owner={Name=String:Ann}, Tags=[String:x], Score=null}", """{"Id":"0f8fad5b-d9cb-469f-a165-70867728950e","Owner":{"Name":1},"Tags":["x"],"Score":null}""", """{"Id":"0f8fad5b-d9cb-469f-a165-70867728950e","Owner":{"Name":"Ann"}}""", """{"Id":"0f8fad5b-d9cb-469f-a165-70867728950e","Owner":{"Name":"Ann","Hidden":1},"Tags":["x"],"Score":null}"""),
        new("RecursiveClass", typeof(Branch), """{"Name":"a","Children":[{"Name":"b","Children":[]}]}""", "{Name=String:a, Children=[{Name=String:b, Children=[]}]}", """{"Name":"a","Children":[{"Name":2,"Children":[]}]}""", """{"Name":"a","Children":[{"Name":"b"}]}""", """{"Name":"a","Children":[{"Name":"b","Children":[],"More":1}]}"""),
        new("Map", Of(("A", typeof(Dictionary<string, int>))), """{"A":{"x":1,"y":2}}""", "{A={x=Int32:1, y=Int32:2}}", """{"A":{"x":"1"}}""", "{}", """{"A":{},"B":{}}"""),
        new("Any", Of(("A", "object")), """{"A":[1,{"b":null}]}""", "{A=[Int64:1, {b=null}]}", null, "{}", """{"A":1,"B":2}"""),
        new("TopList", new object[] { Of(("A", "int")) }, """{"items":[{"A":1},{"A":2}]}""", "[{A=Int32:1}, {A=Int32:2}]", """{"items":[{"A":1},{"A":null}]}""", "{}", """{"items":[],"more":1}"""),
        new("TopScalar", "int", """{"value":42}""", "Int32:42", """{"value":"42"}""", "{}", """{"value":1,"more":1}"""),
        new("TopChoice", new[] { "spam", "ham" }, """{"value":"ham"}""", "String:ham", """{"value":"eggs"}""", "{}", """{"value":"ham","more":1}"""),
        new("TopEnum", typeof(Level), """{"value":"Low"}""", "Level:Low", """{"value":"Medium"}""", "{}", """{"value":"Low","more":1}"""),
        new("JsonSchema", """{"type":"object","properties":{"b":{"type":"integer","minimum":1},"a":{"type":"string","format":"date-time"}},"required":["b"],"additionalProperties":false}""", """{"a":"2026-01-31T08:00:00Z","b":2}""", "{b=Int64:2, a=String:2026-01-31T08:00:00Z}", """{"b":0}""", """{"a":"2026-01-31T08:00:00Z"}""", """{"b":1,"c":1}"""),
        new("JsonSchemaOfList", """{"type":"array","items":{"$ref":"#/$defs/item"},"minItems":1,"$defs":{"item":{"type":"object","properties":{"n":{"type":"number"}},"required":["n"],"additionalProperties":false}}}""", """{"items":[{"n":1.5}]}""", "[{n=Decimal:1.5}]", """{"items":[]}""", "{}", """{"items":[{"n":1,"m":1}]}"""),
        new("JsonSchemaHashtable", new Hashtable { ["type"] = "object", ["properties"] = new Hashtable { ["x"] = new Hashtable { ["enum"] = new[] { "p", "q" } } }, ["required"] = new[] { "x" }, ["additionalProperties"] = false }, """{"x":"p"}""", "{x=String:p}", """{"x":"P"}""", "{}", """{"x":"p","y":1}"""),
    ];

    public AnswerShape Read() => Shape is string text && text.StartsWith('{') ? AnswerShape.FromJsonSchema(text) : AnswerShape.From(Shape);

    public override string ToString() => Name;

    internal static OrderedDictionary Of(params (string Name, object Shape)[] members)
    {
        OrderedDictionary dictionary = [];
        foreach ((string name, object shape) in members)
        {
            dictionary.Add(name, shape);
        }

        return dictionary;
    }

    public enum Level
    {
        Low,
        High,
    }

    public sealed class Ticket
    {
        [Description("The id of the ticket.")]
        public Guid Id { get; set; }

        public Person? Owner { get; set; }

        public List<string> Tags { get; set; } = [];

        public int? Score { get; set; }

        public int TagCount => Tags.Count;
    }

    public sealed class Person
    {
        public string Name { get; set; } = string.Empty;
    }

    public sealed class Branch
    {
        public string Name { get; set; } = string.Empty;

        public Branch[] Children { get; set; } = [];
    }
}
