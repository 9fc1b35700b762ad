using System.Management.Automation;
using System.Text.RegularExpressions;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Formatting;

/// <summary>What a person sees at the prompt, rendered by the engine into a screen.</summary>
public sealed partial class ViewTests
{
    [Fact]
    public async Task Completion_IsItsText_ThenOneLineOfWhatItTook()
    {
        string screen = await RenderAsync("Invoke-HeliconeChat 'x' -Model gpt-4o-mini -Cache", exchange => exchange.SayAsync("Line one\n  line two", ("helicone-provider", "openai"), ("Helicone-Cache", "HIT")));

        string[] lines = screen.Trim('\n').Split('\n');
        Assert.Equal("Line one", lines[0].TrimEnd());
        Assert.Equal("  line two", lines[1].TrimEnd());
        Assert.Matches(@"^gpt-4o-mini-2024-07-18/openai · 1000→200 tokens · \$0 · [0-9.]+ m?s · cache hit$", lines[2].TrimEnd());
        Assert.Equal(3, lines.Length);
    }

    [Fact]
    public async Task Completion_OnATerminal_HasItsLineDim()
    {
        string screen = await RenderAsync("Invoke-HeliconeChat 'x'", exchange => exchange.SayAsync("Hello"), terminal: true);

        Assert.Contains("\u001b[2mgpt-4o-mini", screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completion_WithoutATerminal_HasNoEscapes()
    {
        string screen = await RenderAsync("Invoke-HeliconeChat 'x'", exchange => exchange.SayAsync("Hello"));

        Assert.DoesNotContain('\u001b', screen);
    }

    [Fact]
    public async Task Chunks_AreTheirText()
    {
        string screen = await RenderAsync("Invoke-HeliconeChat 'x' -Stream", async exchange =>
        {
            await exchange.BeginStreamAsync();
            await exchange.TextAsync("Once");
            await exchange.FinishAsync();
        });

        Assert.Equal(["Once"], screen.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));
    }

    [Fact]
    public async Task Models_AreATableWithPrices()
    {
        string screen = await TextAsync("Get-HeliconeModel gpt-4o-mini", exchange => exchange.SayAsync("ok"));

        Assert.Matches(@"Id\s+Author\s+Context\s+PromptPrice\s+CompletionPrice\s+Providers", screen);
        Assert.Matches(@"gpt-4o-mini\s+openai\s+128,000\s+\$0\.15\s+\$0\.60\s+openai, azure", screen);
    }

    [Fact]
    public async Task Session_IsATable()
    {
        string screen = await TextAsync("New-HeliconeSession -Id s-1 -Name Nightly -Path /a", exchange => exchange.SayAsync("ok"));

        Assert.Matches(@"s-1\s+Nightly\s+/a", screen);
    }

    [Fact]
    public async Task Attempts_AreATable()
    {
        string screen = await TextAsync("(Invoke-HeliconeChat 'x').Attempts", exchange => exchange.SayAsync("ok"));

        Assert.Matches(@"Number\s+Started\s+Duration\s+StatusCode\s+Kind\s+Wait\s+Message", screen);
        Assert.Matches(@"1 [0-9:.]{12}\s+[0-9.]+ m?s\s+200", screen);
    }

    [Theory]
    [InlineData("Get-HeliconeConnection", "sk-helicone-…5g7h")]
    [InlineData("Test-HeliconeConnection -Detailed", "Gateway    : OK")]
    public async Task Connection_IsAList(string command, string text)
    {
        Assert.Contains(text, await TextAsync(command, exchange => exchange.RespondAsync(400, "no model")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Error_ShowsWhatToTypeNext()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.RespondAsync(401, "Invalid Helicone API key"));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        ErrorRecord error = (await shell.RunAsync("Invoke-HeliconeChat 'x'")).Error;

        Assert.Contains("Invalid Helicone API key", error.ToString(), StringComparison.Ordinal);
        Assert.False(string.IsNullOrWhiteSpace(error.ErrorDetails.RecommendedAction));
    }

    /// <summary>Without the escapes with which the engine colours its headers.</summary>
    private static async Task<string> TextAsync(string command, Func<ChatExchange, Task> answer) => Escapes().Replace(await RenderAsync(command, answer), string.Empty);

    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Escapes();

    private static async Task<string> RenderAsync(string command, Func<ChatExchange, Task> answer, bool terminal = false)
    {
        await using ChatServer server = await ChatServer.StartAsync(answer);
        ScreenHost host = new(terminal);
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);
        (await shell.RunAsync(command + " | Out-Default")).AssertNoErrors();
        return host.Screen;
    }
}
