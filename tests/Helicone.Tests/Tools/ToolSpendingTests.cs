using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Tools;

/// <summary>Tools together with what else a call can have: a ceiling, and a shape.</summary>
public sealed class ToolSpendingTests
{
    private const string Record = "$global:ran = 0; function Get-Thing { $global:ran++; 'thing' }; ";

    [Theory]
    [InlineData("Invoke-HeliconeChat 'x'")]
    [InlineData("'x' | Invoke-HeliconeChat")]
    [InlineData("Invoke-HeliconeChat 'x' -Stream")]
    public async Task Ceiling_EndsALoopThatWouldGoOn_AndWhatRanIsOnTheError(string call)
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.Body["stream"]?.GetValue<bool>() == true
            ? Agent.StreamCallAsync(exchange, "Get-Thing", "{}")
            : Agent.CallAsync(exchange, ("Get-Thing", "{}")));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        // A round is reserved with $0.0008 and costs $0.00027: the fourth doesn't fit.
        Result result = await shell.RunAsync(Record + $"{call} -Model gpt-4o-mini -MaxTokens 1000 -MaxCost 0.0015 -Tool Get-Thing -MaxToolRound 100 -ErrorAction SilentlyContinue -ErrorVariable failed | Out-Null; $failed[0].FullyQualifiedErrorId; $failed.Where({{ $_.Exception.Completion }})[0].Exception.Completion.ToolRuns.Count; $ran");

        Assert.Equal(["HeliconeBudgetExceeded,Helicone.Commands.InvokeHeliconeChatCommand", "3", "3"], result.Texts);
        Assert.Equal(3, server.Chats.Count);
    }

    [Fact]
    public async Task RoundThatFails_KeepsWhatRanBefore()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.Body["messages"]!.AsArray().Count > 1
            ? exchange.FailAsync(400, "no")
            : Agent.CallAsync(exchange, ("Get-Thing", "{}")));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync(Record + "Invoke-HeliconeChat 'x' -Tool Get-Thing -ErrorAction SilentlyContinue -ErrorVariable failed; $failed[0].FullyQualifiedErrorId; $failed[0].Exception.Completion.ToolRuns[0].Name");

        Assert.Equal(["HeliconeInvalidRequest,Helicone.Commands.InvokeHeliconeChatCommand", "Get-Thing"], result.Texts);
    }

    [Theory]
    [InlineData("Invoke-HeliconeChat 'x'")]
    [InlineData("Invoke-HeliconeChat 'x' -Stream")]
    [InlineData("'x' | Invoke-HeliconeChat 'y' -ForEach")]
    public async Task Shape_IsReadFromTheAnswerThatFollowsTheTools(string call)
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.Body["messages"]!.AsArray().Any(message => message!["role"]!.ToString() == "tool")
            ? exchange.SayAsync("""{"Count":3}""")
            : Agent.CallAsync(exchange, ("Get-Thing", "{}")));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(Record + $"{call} -Tool Get-Thing -As @{{ Count = [int] }}; $ran")).AssertNoErrors();

        Assert.Equal(3, Result.Property(result.Output[0], "Count"));
        Assert.Equal("1", result.Output[1].ToString());
        Assert.All(server.Chats, chat => Assert.Equal("json_schema", chat.Body["response_format"]!["type"]!.ToString()));
    }
}
