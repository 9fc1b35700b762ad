using System;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using FsCheck;
using FsCheck.Xunit;
using Helicone.LocalGateway.Tests.Hosting;
using Helicone.Offline.Schemas;
using Json.Schema;

namespace Helicone.LocalGateway.Tests.Offline;

public sealed class SchemaSampleTests
{
    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"},"b":{"type":["string","null"]},"c":{"type":"array","items":{"type":"integer"},"minItems":2},"d":{"enum":["x","y"]},"e":{"const":5}},"required":["a"],"additionalProperties":false}""", """{"a":"[offline]","b":"[offline]","c":[0,0],"d":"x","e":5}""")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2000-01-01T00:00:00Z\"")]
    [InlineData("""{"type":"string","format":"date"}""", "\"2000-01-01\"")]
    [InlineData("""{"type":"string","format":"time"}""", "\"00:00:00Z\"")]
    [InlineData("""{"type":"string","format":"duration"}""", "\"PT0S\"")]
    [InlineData("""{"type":"string","format":"email","maxLength":40}""", "\"offline@example.com\"")]
    [InlineData("""{"type":"string","format":"hostname"}""", "\"offline.example.com\"")]
    [InlineData("""{"type":"string","format":"ipv4"}""", "\"192.0.2.0\"")]
    [InlineData("""{"type":"string","format":"ipv6"}""", "\"2001:db8::0\"")]
    [InlineData("""{"type":"string","format":"uuid"}""", "\"00000000-0000-4000-8000-000000000000\"")]
    [InlineData("""{"type":"string","format":"uri"}""", "\"https://example.com/offline\"")]
    [InlineData("""{"type":"string","minLength":12}""", "\"[offline]...\"")]
    [InlineData("""{"type":"string","maxLength":3}""", "\"[of\"")]
    [InlineData("""{"type":"string","pattern":"^[A-Z]{3}-\\d{4}$"}""", "\"AAA-0000\"")]
    [InlineData("""{"type":"string","pattern":"^(foo|bar)+$","minLength":9}""", "\"foofoofoo\"")]
    [InlineData("""{"type":"string","pattern":"^(?=.*\\d)(?=.*[a-z])[a-z0-9]{8,}$"}""", "\"0aaaaaaa\"")]
    [InlineData("""{"type":"string","pattern":"^([a-z])\\1$"}""", "\"aa\"")]
    [InlineData("""{"type":"integer","minimum":-9007199254740991,"maximum":9007199254740991}""", "0")]
    [InlineData("""{"type":"integer","maximum":-5}""", "-5")]
    [InlineData("""{"type":"integer","exclusiveMinimum":5,"exclusiveMaximum":7}""", "6")]
    [InlineData("""{"type":"number","multipleOf":0.3,"minimum":1}""", "1.2")]
    [InlineData("""{"type":"integer","multipleOf":7,"minimum":8}""", "14")]
    [InlineData("""{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":0.001}""", "0.00000048828125")]
    [InlineData("""{"allOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{"type":"integer","minimum":3}},"required":["b"]}]}""", """{"a":"[offline]","b":3}""")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"number"}]}""", "\"[offline]\"")]
    [InlineData("""{"oneOf":[{"type":"number","multipleOf":3},{"type":"number","multipleOf":5}]}""", "3")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false}""", """["[offline]",0]""")]
    [InlineData("""{"type":"array","items":{"type":"string","format":"uuid"},"uniqueItems":true,"minItems":2}""", """["00000000-0000-4000-8000-000000000000","00000000-0000-4000-8000-000000000001"]""")]
    [InlineData("""{"type":"array","items":{"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]},"uniqueItems":true,"minItems":3}""", """[{"id":0},{"id":1},{"id":2}]""")]
    [InlineData("""{"type":"array","contains":{"const":7},"minContains":2,"items":{"type":"integer"}}""", "[7,7]")]
    [InlineData("""{"type":"object","minProperties":2,"propertyNames":{"pattern":"^x_"},"additionalProperties":{"type":"integer"}}""", """{"x_":0,"x_1":0}""")]
    [InlineData("""{"type":"object","patternProperties":{"^n[0-9]$":{"type":"number"}},"minProperties":2,"additionalProperties":false}""", """{"n0":0,"n1":0}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"maxProperties":1}""", """{"a":"[offline]"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"dependentRequired":{"a":["b"]}}""", """{"a":"[offline]","b":null}""")]
    [InlineData("""{"type":"object","properties":{"k":{"enum":["p","q"]}},"required":["k"],"if":{"properties":{"k":{"const":"p"}}},"then":{"properties":{"v":{"type":"integer"}},"required":["v"]},"else":{"required":["w"]}}""", """{"k":"p","v":0}""")]
    [InlineData("""{"type":"string","not":{"const":"[offline]"}}""", "\"offline\"")]
    [InlineData("""{"type":"integer","not":{"enum":[0,1,2]}}""", "3")]
    [InlineData("""{"$defs":{"n":{"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"$ref":"#/$defs/n"},{"type":"null"}]}},"required":["v","next"],"additionalProperties":false}},"$ref":"#/$defs/n"}""", """{"v":0,"next":null}""")]
    [InlineData("""{"type":"object","properties":{"children":{"type":"array","items":{"$ref":"#"}},"parent":{"$ref":"#"}}}""", """{"children":[]}""")]
    public void Sample_IsThePlainestValueOfItsSchema(string schema, string expected)
    {
        string sample = Create(schema);

        Assert.Equal(expected, sample);
        Assert.True(IsValid(schema, sample));
    }

    [Theory]
    [InlineData("""{"type":"integer","minimum":5,"maximum":4}""", "No number lies within its bounds.")]
    [InlineData("""{"type":"string","minLength":5,"maxLength":4}""", "No text has at least 5 and at most 4 characters.")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""", "refers to itself without an end")]
    [InlineData("""{"allOf":[{"type":"string"},{"type":"integer"}]}""", "No type is allowed by each of its parts.")]
    [InlineData("""{"type":"strin"}""", "The JSON schema is not valid.")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "'#/$defs/none' is not defined in the schema.")]
    [InlineData("""{"$ref":"https://example.com/x"}""", "points outside of the schema")]
    [InlineData("""{"enum":[]}""", "No value is allowed")]
    [InlineData("""{"type":"array","items":{"type":"boolean"},"uniqueItems":true,"minItems":3}""", "found no value that fits")]
    public async Task SchemaThatCannotBeMet_Is400_AndSaysWhy(string schema, string reason)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();

        using HttpResponseMessage response = await gateway.PostAsync($$"""{"model":"gpt-4o","messages":[{"role":"user","content":"Triage."}],"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{{schema}} } } }""");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains(reason, (await response.JsonAsync()).GetRawText().Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Property(MaxTest = 200)]
    public void NumbersAndTexts_LieWithinTheirBounds(int low, PositiveInt width, PositiveInt step, byte minLength, byte more)
    {
        string number = $$"""{"type":"integer","minimum":{{low}},"maximum":{{(long)low + width.Get + step.Get}},"multipleOf":{{step.Get}}}""";
        string text = $$"""{"type":"string","minLength":{{minLength}},"maxLength":{{minLength + more}}}""";

        Assert.True(IsValid(number, Create(number)));
        Assert.True(IsValid(text, Create(text)));
    }

    private static string Create(string schema)
    {
        using JsonDocument document = JsonDocument.Parse(schema);
        return SchemaSample.Create(document.RootElement);
    }

    private static bool IsValid(string schema, string sample)
    {
        using JsonDocument value = JsonDocument.Parse(sample);
        return JsonSchema.FromText(schema, new BuildOptions { SchemaRegistry = new SchemaRegistry() }).Evaluate(value.RootElement, new EvaluationOptions { RequireFormatValidation = true }).IsValid;
    }
}
