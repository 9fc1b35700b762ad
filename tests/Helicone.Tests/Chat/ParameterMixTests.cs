using System.Management.Automation;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Chat;

/// <summary>Parameters that don't go together: refused by PowerShell's binder, or with one error that names them, before anything is sent.</summary>
public sealed class ParameterMixTests
{
    private const string Binder = "AmbiguousParameterSet";

    [Theory]
    [InlineData("'x' -Stream -Journal run.jsonl", Binder, "")]
    [InlineData("'x' -Stream -Hedge 1s", Binder, "")]
    [InlineData("'x' -Stream -ThrottleLimit 4", Binder, "")]
    [InlineData("'x' -Stream -AsCompleted", Binder, "")]
    [InlineData("-ForEach", "HeliconeInvalidPrompt", "no prompt")]
    [InlineData("'x' -ForEach", "HeliconeInvalidPrompt", "-ForEach")]
    [InlineData("'x' -MaxContextToken 100", "HeliconeInvalidOption", "-Conversation")]
    [InlineData("'x' -Resume Skip", "HeliconeInvalidBulk", "-Journal")]
    [InlineData("'x' -Model ''", "ParameterArgumentValidationError", "Model")]
    [InlineData("'x' -Fallback 'a b/c/d/e'", "HeliconeInvalidRoute", "a b/c/d/e")]
    [InlineData("'x' -Body @{ messages = @(@{ role = 'user'; content = 'y' }) }", "HeliconeInvalidBody", "messages")]
    [InlineData("-Body @{ messages = @(@{ role = 'user'; content = 'y' }) } -Message 'z'", "HeliconeInvalidBody", "messages")]
    [InlineData("{ \"x $_\" }", "HeliconeInvalidOption", "script block")]
    [InlineData("'x' -UserId { $_.Owner }", "HeliconeInvalidOption", "script block")]
    [InlineData("'x' -InputObject 'y' -UserId { $_.Owner }", "HeliconeInvalidOption", "-ForEach")]
    [InlineData("'x' -Property 42", "HeliconeInvalidProperty", "hashtable")]
    [InlineData("('x', 'y')", "ParameterArgumentTransformationError", "Prompt")]
    [InlineData("'x' -SessionPath { '/p' } -InputObject 'y'", "HeliconeInvalidOption", "-ForEach")]
    [InlineData("'x' -Image $textFile", "HeliconeInvalidFile", "-File")]
    public async Task WrongMix_IsRefused_BeforeAnythingIsSent(string parameters, string id, string named)
    {
        string textFile = Path.GetTempFileName();
        await File.WriteAllTextAsync(textFile, "text");
        try
        {
            await using ChatServer server = await ChatServer.SayAsync("no");
            using Shell shell = Shell.ConnectedTo(server.Uri);

            Result result = await shell.RunAsync($"try {{ Invoke-HeliconeChat {parameters} }} catch {{ throw }}", null, ("textFile", textFile));

            Assert.Empty(result.Output);
            Assert.True(result.Terminated);
            Assert.Equal(id, result.ErrorId);
            Assert.Contains(result.Error.CategoryInfo.Category, new[] { ErrorCategory.InvalidArgument, ErrorCategory.InvalidData });
            Assert.Contains(named, result.Error.ToString(), StringComparison.Ordinal);
            Assert.Empty(server.Chats);
            Assert.False(File.Exists("run.jsonl"));
        }
        finally
        {
            File.Delete(textFile);
        }
    }

    [Theory]
    [InlineData("'a', 'b' | Invoke-HeliconeChat 'x' -ForEach -RequestId 3f2c1a90-6a1b-4c2d-8e3f-0123456789ab")]
    [InlineData("'a', 'b' | Invoke-HeliconeChat -RequestId 3f2c1a90-6a1b-4c2d-8e3f-0123456789ab")]
    public async Task RequestId_ForSeveralObjects_IsRefusedBeforeTheSecondIsSent(string command)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync(command);

        Assert.Equal("HeliconeInvalidRequestId", result.ErrorId);
        Assert.True(server.Chats.Count <= 1);
    }

    [Fact]
    public async Task System_WithAConversationThatHasOne_ReplacesIt()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("$c = New-HeliconeConversation 'Be brief.'; Invoke-HeliconeChat 'x' -Conversation $c -System 'Be verbose.'")).AssertNoErrors();

        Assert.Equal(["system: Be verbose.", "user: x"], server.Chats[0].Messages);
    }

    [Fact]
    public async Task Message_WithAConversation_FollowsIt()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("$c = New-HeliconeConversation 'Be brief.'; Invoke-HeliconeChat 'x' -Conversation $c -Message 'first'")).AssertNoErrors();

        Assert.Equal(["system: Be brief.", "user: first", "user: x"], server.Chats[0].Messages);
    }

    [Fact]
    public async Task StreamThatIsOff_IsAnOrdinaryCall()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Invoke-HeliconeChat 'x' -Stream:$false")).AssertNoErrors();

        Assert.Equal("ok", result.Property("Content"));
    }

    [Fact]
    public async Task CacheThatIsOff_IsOff_WhateverElseIsSetForIt()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("$defaults = @{ CacheMaxAge = '1h'; CacheSeed = 's' }; Invoke-HeliconeChat 'x' @defaults -Cache:$false")).AssertNoErrors();

        Assert.DoesNotContain(server.Chats[0].Headers.Keys, name => name.StartsWith("Helicone-Cache", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("-Headers @{ 'X-A' = 'b' } -MaximumRetryCount 0")]
    [InlineData("-Header @{ 'X-A' = 'b' } -MaxRetry 0 -TimeoutSec 5")]
    public async Task NamesOfInvokeRestMethod_AreTaken(string parameters)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync($"Invoke-HeliconeChat 'x' {parameters}")).AssertNoErrors();

        Assert.Equal("b", server.Chats[0].Headers["X-A"]);
    }

    [Fact]
    public async Task Prompts_AfterTheParameter_AreToldToUseThePipeline()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'one', 'two'");

        Assert.Contains("Specify one text, or use the pipeline to send several.", result.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Object[]", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Chats);
    }

    [Theory]
    [InlineData("0", "Run the command again later")]
    [InlineData("-5", "Run the command again later")]
    [InlineData("90", "Run the command again in 90 seconds")]
    [InlineData("7200", "Run the command again in 2 hours")]
    [InlineData("1000000000", "Run the command again in 365 days")]
    public async Task RateLimit_SaysWhenToComeBack_InWordsOfAPerson(string retryAfter, string advice)
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange =>
        {
            exchange.Header("Retry-After", retryAfter);
            return exchange.RespondAsync(429, """{"error":{"message":"Slow down."}}""");
        });
        using Shell shell = Shell.ConnectedTo(server.Uri, "-MaxRetry 0");

        Result result = await shell.RunAsync("Invoke-HeliconeChat x");

        Assert.StartsWith(advice, result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conversation_ThatCannotBeRead_NamesItsFile_AndAdvisesOnConversations()
    {
        using Shell shell = new();
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            await File.WriteAllTextAsync(path, "not a message\n");

            Result result = await shell.RunAsync($"Import-HeliconeConversation '{path}'");

            Assert.Contains($"'{path}', line 1: ", result.Error.ToString(), StringComparison.OrdinalIgnoreCase);
            Assert.Contains("Export-HeliconeConversation", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            Assert.DoesNotContain("Image", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Connect_WithoutAKey_SaysSo_NotThatThereIsNoConnection()
    {
        using Variables variables = new(("HELICONE_API_KEY", null));
        using Shell shell = new();

        Result result = await shell.RunAsync("Connect-Helicone");

        Assert.Equal("HeliconeNotConnected", result.ErrorId);
        Assert.StartsWith("No API key was specified, and the environment variable HELICONE_API_KEY is not set.", result.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("runspace", result.Error.ToString() + result.Error.ErrorDetails.RecommendedAction, StringComparison.OrdinalIgnoreCase);
    }
}
