using System.Management.Automation;
using System.Text.Json.Nodes;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Chat;

/// <summary>-As: objects in place of answers.</summary>
public sealed class ShapeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-as-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Objects_HaveExactlyTheProperties_InTheOrderAndTypesOfTheShape()
    {
        await using ChatServer server = await ChatServer.SayAsync("""{"Hosts":["a","b"],"When":"2026-01-31T08:00:00Z","Severity":"ERROR","Count":3,"Detail":{"Code":9007199254740993,"Link":null}}""");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        PSObject item = (await shell.RunAsync(
            """
            Invoke-HeliconeChat 'x' -As ([ordered]@{
                Severity = 'error', 'warning', 'info'
                Count = [int]
                When = [datetime]
                Hosts = @('string')
                Detail = [pscustomobject]@{ Code = [long]; Link = 'uri?' }
            })
            """)).AssertNoErrors().Single;

        Assert.Equal(["Severity", "Count", "When", "Hosts", "Detail"], item.Properties.Select(p => p.Name));
        Assert.Equal("error", item.Properties["Severity"].Value);
        Assert.Equal(3, item.Properties["Count"].Value);
        Assert.Equal(new DateTime(2026, 1, 31, 8, 0, 0, DateTimeKind.Utc), item.Properties["When"].Value);
        Assert.Equal(["a", "b"], Assert.IsType<string[]>(item.Properties["Hosts"].Value));
        PSObject detail = Assert.IsType<PSObject>(item.Properties["Detail"].Value);
        Assert.Equal(9007199254740993L, detail.Properties["Code"].Value);
        Assert.Null(detail.Properties["Link"].Value);
        JsonNode format = server.Chats[0].Body["response_format"]!;
        Assert.Equal("json_schema", format["type"]!.ToString());
        Assert.True((bool)format["json_schema"]!["strict"]!);
        Assert.Equal(["Severity", "Count", "When", "Hosts", "Detail"], format["json_schema"]!["schema"]!["required"]!.AsArray().Select(n => n!.ToString()));
    }

    [Fact]
    public async Task List_ComesOutItemByItem()
    {
        await using ChatServer server = await ChatServer.SayAsync("""{"items":[{"Name":"a"},{"Name":"b"}]}""");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Invoke-HeliconeChat 'x' -As @(@{ Name = 'string' }) | ForEach-Object Name")).AssertNoErrors();

        Assert.Equal(["a", "b"], result.Texts);
    }

    [Theory]
    [InlineData("-As int", "42", 42)]
    [InlineData("-As [bool]", "true", true)]
    [InlineData("-As ([DayOfWeek])", "\"monday\"", DayOfWeek.Monday)]
    [InlineData("-As spam, ham", "\"ham\"", "ham")]
    public async Task SingleValue_IsTheValue(string parameters, string json, object value)
    {
        await using ChatServer server = await ChatServer.SayAsync($$"""{"value":{{json}}}""");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Assert.Equal(value, (await shell.RunAsync("Invoke-HeliconeChat 'x' " + parameters)).AssertNoErrors().Single.BaseObject);
    }

    [Fact]
    public async Task Class_IsCreated_AndItsAttributesCount()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.SayAsync(exchange.Prompt.Contains("bad", StringComparison.Ordinal)
            ? """{"Name":"x","Level":"High","Size":-1,"Owner":{"Name":"Ann"},"Tags":{"a":1},"Deputy":null}"""
            : """{"Name":"x","Level":"High","Size":5,"Owner":{"Name":"Ann"},"Tags":{"a":1},"Deputy":null}"""));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync(
            """
            enum Level { Low; High }
            class Person { [string] $Name }
            class Ticket {
                [ValidateSet('x', 'y')] [string] $Name
                [Level] $Level
                [ValidateRange(0, 10)] [Nullable[int]] $Size
                [Person] $Owner
                [hashtable] $Tags
                [AllowNull()] [Person] $Deputy
                hidden [string] $Secret
                [string] Title() { return "$($this.Name) of $($this.Owner.Name)" }
            }
            'good', 'bad' | Invoke-HeliconeChat -As ([Ticket]) | ForEach-Object { "$($_.GetType().Name) $($_.Level.GetType().Name) $($_.Title()) $($_.Tags.A)" }
            Invoke-HeliconeChat 'good' -As Ticket | ForEach-Object { $_.Title() }
            Invoke-HeliconeChat 'good' -As [Ticket] -IncludeInput | ForEach-Object { "$($_.Title()) $($_.Input)" }
            """);

        Assert.Equal(["Ticket Level x of Ann 1", "x of Ann", "x of Ann good"], result.Texts);
        Assert.Equal("HeliconeSchemaMismatch", result.ErrorId);
        Assert.Contains("Ticket refused a value", result.Error.ToString(), StringComparison.Ordinal);
        JsonNode schema = server.Chats[0].Body["response_format"]!["json_schema"]!;
        Assert.Equal("Ticket", schema["name"]!.ToString());
        Assert.Equal("""["x","y"]""", schema["schema"]!["properties"]!["Name"]!["enum"]!.ToJsonString());
        Assert.Null(schema["schema"]!["properties"]!["Secret"]);
    }

    [Theory]
    [InlineData("'{\"type\":\"object\",\"properties\":{\"b\":{\"type\":\"integer\"},\"a\":{\"type\":\"string\"}},\"required\":[\"b\"]}'")]
    [InlineData("\"$folder/schema.json\"")]
    [InlineData("([IO.FileInfo] \"$folder/schema.json\")")]
    [InlineData("([pscustomobject]@{ type = 'object'; properties = [pscustomobject]@{ b = [pscustomobject]@{ type = 'integer' }; a = [pscustomobject]@{ type = 'string' } }; required = @('b') })")]
    [InlineData("@{ type = 'object'; properties = [ordered]@{ b = @{ type = 'integer' }; a = @{ type = 'string' } }; required = @('b') }")]
    public async Task JsonSchema_InAnyForm_MakesObjects(string schema)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "schema.json"), """{"type":"object","properties":{"b":{"type":"integer"},"a":{"type":"string"}},"required":["b"]}""");
        await using ChatServer server = await ChatServer.SayAsync("""{"c":true,"b":1}""");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        PSObject item = (await shell.RunAsync("Invoke-HeliconeChat 'x' -As " + schema, null, ("folder", _folder))).AssertNoErrors().Single;

        Assert.Equal(["b", "a", "c"], item.Properties.Select(p => p.Name));
        Assert.Equal(1L, item.Properties["b"].Value);
        Assert.False((bool)server.Chats[0].Body["response_format"]!["json_schema"]!["strict"]!);
    }

    [Fact]
    public async Task Progress_CountsTheCost_OfAnswersThatDontFit()
    {
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            await Task.Delay(50);
            await exchange.SayAsync("no JSON at all");
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("$null = Get-HeliconeModel; 1..20 | Invoke-HeliconeChat -As @{ Level = 'string' } -ThrottleLimit 4 -ErrorAction SilentlyContinue");

        Assert.Empty(result.Output);
        Assert.Contains(result.Progress, record => record.StatusDescription.Contains(" failed, $0.0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Verbose_ReportsEachCall_OfARunToo()
    {
        int asked = 0;
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.SayAsync(Interlocked.Increment(ref asked) == 1 ? "no JSON at all" : """{"Level":"x"}"""));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("$null = Get-HeliconeModel; 'one' | Invoke-HeliconeChat -As @{ Level = 'string' } -ForEach -Verbose")).AssertNoErrors();

        Assert.Equal(2, result.Verbose.Count(line => line.Contains(" tokens, ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Run_GoesOn_WithOneErrorForEachAnswerThatDoesntFit()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.SayAsync(
            exchange.Messages[0].EndsWith("bad", StringComparison.Ordinal) ? """Sorry: {"Level":"low"}""" : """{"Level":"high"}"""));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("$null = Get-HeliconeModel; 'one', 'bad', 'two' | Invoke-HeliconeChat -As @{ Level = 'high', 'higher' } -IncludeInput");

        Assert.Equal(["one", "two"], result.Output.Select(item => Result.Property(item, "Input")));
        Assert.Equal("HeliconeSchemaMismatch", result.ErrorId);
        Assert.Equal(ErrorCategory.InvalidResult, result.Error.CategoryInfo.Category);
        Assert.Equal("bad", result.Error.TargetObject);
        Assert.Contains("'Level' must be one of high, higher, and it is the text 'low'", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal("""Sorry: {"Level":"low"}""", Result.Property(PSObject.AsPSObject(result.Error.Exception.GetType().GetProperty("Completion")!.GetValue(result.Error.Exception)!), "Content"));

        // Two calls of 1000 tokens in at $0.15 and 200 out at $0.60 a million.
        Assert.Equal(0.00054m, result.Error.Exception.GetType().GetProperty("Cost")!.GetValue(result.Error.Exception));
        Assert.Equal(4, server.Chats.Count);
    }

    [Fact]
    public async Task Journal_GivesTheSameObjects_AndSendsNothingAgain()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.SayAsync(
            exchange.Messages.Count == 1 && exchange.Prompt.EndsWith('b') ? "no" : $$"""{"N":{{exchange.Messages.Count}}}"""));
        using Shell shell = Shell.ConnectedTo(server.Uri);
        const string Script = "'a', 'b' | Invoke-HeliconeChat -As @{ N = [int] } -IncludeInput -Journal \"$folder/run.jsonl\" | ForEach-Object { \"$($_.Input) $($_.N)\" }";

        Result first = (await shell.RunAsync(Script, null, ("folder", _folder))).AssertNoErrors();
        Result second = (await shell.RunAsync(Script)).AssertNoErrors();

        Assert.Equal(["a 1", "b 3"], first.Texts);
        Assert.Equal(first.Texts, second.Texts);
        Assert.Equal(3, server.Chats.Count);
    }

    [Fact]
    public async Task Stream_WritesTheObjectAtTheEnd()
    {
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            await exchange.BeginStreamAsync();
            await exchange.TextAsync("{\"N\":");
            await exchange.TextAsync("1}");
            await exchange.FinishAsync();
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Assert.Equal(1, (await shell.RunAsync("Invoke-HeliconeChat 'x' -Stream -As @{ N = [int] }")).AssertNoErrors().Property("N"));
        Assert.True((bool)server.Chats[0].Body["stream"]!);
    }

    [Fact]
    public async Task Stream_ThatIsCutOff_IsAnErrorAndNoObject()
    {
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            await exchange.BeginStreamAsync();
            await exchange.TextAsync("{\"N\":1}");
            await exchange.BreakAsync("gone");
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x' -Stream -As @{ N = [int] } -MaxRetry 0");

        Assert.Empty(result.Output);
        Assert.NotEqual("HeliconeSchemaMismatch", result.ErrorId);
    }

    [Fact]
    public async Task Conversation_IsContinued()
    {
        await using ChatServer server = await ChatServer.SayAsync("""{"N":1}""");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("$a = Invoke-HeliconeChat 'first'; Invoke-HeliconeChat 'second' -Conversation $a -As @{ N = [int] }")).AssertNoErrors();

        Assert.Equal(["user: first", "assistant: {\"N\":1}", "user: second"], server.Chats[1].Messages);
    }

    [Theory]
    [InlineData("-As @{ Severity = 'error' }", "HeliconeInvalidShape", "'Severity'")]
    [InlineData("-As @{ A = @{ B = { 1 } } }", "HeliconeInvalidShape", "'A.B'")]
    [InlineData("-As @{ A = [scriptblock] }", "HeliconeInvalidShape", "'A'")]
    [InlineData("-As NoSuchType", "HeliconeInvalidShape", "'NoSuchType'")]
    [InlineData("-As ./gone.json", "HeliconeInvalidShape", "gone.json")]
    [InlineData("-As '{\"type\":'", "HeliconeInvalidShape", "JSON")]
    [InlineData("-As @{ type = 'string'; enum = 'a', 'b' }", "HeliconeInvalidShape", "ambiguous")]
    [InlineData("-As @{ input = 'string' } -IncludeInput", "HeliconeInvalidShape", "'input'")]
    [InlineData("-As @(@{ Input = 'string' }) -IncludeInput", "HeliconeInvalidShape", "'Input'")]
    [InlineData("-As int -ResponseFormat json", "HeliconeInvalidShape", "-ResponseFormat")]
    [InlineData("-As int -Body @{ response_format = 'json_object' }", "HeliconeInvalidShape", "-Body")]
    [InlineData("-IncludeInput", "HeliconeInvalidShape", "-As")]
    [InlineData("-ResponseFormat '{\"type\":\"object\"}'", "HeliconeInvalidBody", "-As")]
    [InlineData("-ResponseFormat @{ name = 'x' }", "HeliconeInvalidBody", "'type'")]
    [InlineData("-ResponseFormat @{ type = 'json_schema'; schema = @{} }", "HeliconeInvalidBody", "'json_schema'")]
    [InlineData("-ResponseFormat 5", "HeliconeInvalidBody", "hashtable")]
    public async Task ShapeThatIsNone_EndsTheCommand_AndNothingIsSent(string parameters, string id, string reason)
    {
        await using ChatServer server = await ChatServer.SayAsync("x");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x' " + parameters);

        Assert.Equal(id, result.ErrorId);
        Assert.Contains(reason, result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Chats);
    }

    [Theory]
    [InlineData("@{ type = 'object'; properties = @{ a = @{ type = 'string' } } }")]
    [InlineData("@{ properties = @{ a = @{ type = 'string' } } }")]
    [InlineData("@{ type = 'json_schema'; json_schema = @{ name = 'answer'; schema = @{ type = 'object'; properties = @{ a = @{ type = 'string' } } } } }")]
    public async Task ResponseFormat_ThatIsABareSchema_IsSentAsOne(string format)
    {
        await using ChatServer server = await ChatServer.SayAsync("x");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("Invoke-HeliconeChat 'x' -ResponseFormat " + format)).AssertNoErrors();

        JsonNode sent = server.Chats[0].Body["response_format"]!;
        Assert.Equal("json_schema", sent["type"]!.ToString());
        Assert.Equal("answer", sent["json_schema"]!["name"]!.ToString());
        Assert.Equal("string", sent["json_schema"]!["schema"]!["properties"]!["a"]!["type"]!.ToString());
    }

    [Fact]
    public async Task Input_NextToASingleValue_IsAnObjectWithBoth()
    {
        await using ChatServer server = await ChatServer.SayAsync("""{"value":"ham"}""");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("'mail' | Invoke-HeliconeChat -As spam, ham -IncludeInput")).AssertNoErrors();

        Assert.Equal("ham", result.Property("Value"));
        Assert.Equal("mail", result.Property("Input"));
    }
}
