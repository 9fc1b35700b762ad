using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Chat;

/// <summary>What -Verbose and -Debug show of calls, and what they never show.</summary>
public sealed class ReportTests
{
    [Theory]
    [InlineData("Invoke-HeliconeChat 'Hi' -Verbose", 1)]
    [InlineData("'a', 'b', 'c' | Invoke-HeliconeChat -Verbose", 3)]
    [InlineData("'a', 'b' | Invoke-HeliconeChat -AsCompleted -Verbose", 2)]
    [InlineData("$VerbosePreference = 'Continue'; Invoke-HeliconeChat 'Hi'", 1)]
    public async Task Verbose_IsOneLineForEachCall(string command, int calls)
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange =>
        {
            exchange.Header("helicone-provider", "openai");
            return exchange.SayAsync("ok");
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(command)).AssertNoErrors();

        Assert.Equal(calls, result.Verbose.Count);
        Assert.All(result.Verbose, line => Assert.Matches(@"^gpt-4o-mini-2024-07-18 \(openai\): 1,000 \+ 200 tokens, (\?|\$0\.\d+), \d.*m?s, 1 attempt\.$", line));
    }

    [Fact]
    public async Task Verbose_OfAStream_IsOneLine_AndOfAFailureToo()
    {
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            if (exchange.Prompt == "bad")
            {
                await exchange.FailAsync(400, "broken");
                return;
            }

            await exchange.BeginStreamAsync();
            await exchange.TextAsync("Hello");
            await exchange.FinishAsync();
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("'good', 'bad' | Invoke-HeliconeChat -Stream -Verbose");

        Assert.Equal(2, result.Verbose.Count);
        Assert.StartsWith("gpt-4o-mini: 10 + 4 tokens, ", result.Verbose[0], StringComparison.Ordinal);
        Assert.Matches(@"^No answer: InvalidRequest \(400\), .*, 1 attempt\.$", result.Verbose[1]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Stream ")]
    public async Task Debug_ShowsTheRequestAndTheAnswer_AndNoKey(string parameters)
    {
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            if (exchange.Body["stream"]?.GetValue<bool>() == true)
            {
                await exchange.BeginStreamAsync();
                await exchange.TextAsync("Hello, you said " + exchange.Prompt);
                await exchange.FinishAsync();
                return;
            }

            await exchange.SayAsync("Hello, you said " + exchange.Prompt, ("x-ratelimit-remaining-tokens", "42"), ("Set-Cookie", "session=tasty"));
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(
            $"Invoke-HeliconeChat 'Is {Shell.Key} mine?' {parameters}-Debug -Verbose -Property @{{ Team = '{Shell.Key}' }} -Headers @{{ 'X-Own' = '{Shell.Key}'; 'X-Api-Key' = 'hush-hush' }}")).AssertNoErrors();

        Assert.Equal(2, result.Debug.Count);
        Assert.StartsWith($"POST {server.Uri}v1/chat/completions\n", result.Debug[0], StringComparison.Ordinal);
        Assert.Contains("\nAuthorization: (masked)\n", result.Debug[0], StringComparison.Ordinal);
        Assert.Contains("\nX-Api-Key: (masked)\n", result.Debug[0], StringComparison.Ordinal);
        Assert.Contains("\nHelicone-Property-Team: sk-helicone-…5g7h\n", result.Debug[0], StringComparison.Ordinal);
        Assert.Contains("\n\n{\"model\":", result.Debug[0], StringComparison.Ordinal);
        Assert.StartsWith("HTTP 200 OK, ", result.Debug[1], StringComparison.Ordinal);
        Assert.Contains("Hello, you said", result.Debug[1], StringComparison.Ordinal);
        string shown = string.Join("\n", result.Debug.Concat(result.Verbose));
        Assert.DoesNotContain(Shell.Key, shown, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("tasty", shown, StringComparison.Ordinal);
        if (parameters.Length == 0)
        {
            Assert.Contains("\nx-ratelimit-remaining-tokens: 42\n", result.Debug[1], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(3_500)]
    [InlineData(3_990)]
    [InlineData(8_050)]
    [InlineData(8_090)]
    [InlineData(100_000)]
    public async Task Debug_BoundsTheBody_AndNeverCutsAKeyInHalf(int before)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync($"Invoke-HeliconeChat ('x' * {before} + ' {Shell.Key} ' + 'y' * 20000) -Debug")).AssertNoErrors();

        Assert.InRange(result.Debug[0].Length, 3_000, 5_500);
        Assert.Contains("… (the body has ", result.Debug[0], StringComparison.Ordinal);
        Assert.DoesNotContain(Shell.Key[..20], result.Debug[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Debug_ShowsEveryAttempt_AndTheAnswerOfAFailedOne()
    {
        int calls = 0;
        await using ChatServer server = await ChatServer.StartAsync(exchange => ++calls == 1 ? exchange.FailAsync(503, "busy\u001b[2J") : exchange.SayAsync("ok"));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Invoke-HeliconeChat 'Hi' -Debug")).AssertNoErrors();

        Assert.Equal(["POST", "HTTP", "POST", "HTTP"], result.Debug.Select(text => text[..4]));
        Assert.StartsWith("HTTP 500", result.Debug[1], StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', string.Concat(result.Debug));
    }

    [Fact]
    public async Task Nothing_IsShown_WithoutThem()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Invoke-HeliconeChat 'Hi'")).AssertNoErrors();

        Assert.Empty(result.Verbose);
        Assert.Empty(result.Debug);
    }
}
