using System.Text.RegularExpressions;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Formatting;

/// <summary>What a terminal shows of Markdown that arrives in pieces.</summary>
public sealed partial class MarkdownTests
{
    private const string Document = """
        # A **bold** heading #
        Text with **bold**, *italic*, ***both***, `code`, ~~gone~~, and \*stars\*.
        2 * 3 * 4, snake_case_name, a [bracket], and an unmatched **marker.

        - one, which is long enough to wrap to the next line of the window
          - nested
        * two
        3. three

        > quoted text that is long enough to wrap to the next line of the window

        | Name | Size |
        |------|-----:|
        | `a|b` | 1 |
        | 日本 | 20 |

        ```powershell
        **not bold**
            indented
        ```
        ***
        [text](https://example.com/a_(b) "title") <https://example.org> ![alt](i.png) [https://e.com](https://e.com)
        """;

    [Fact]
    public async Task Document_IsLaidOut()
    {
        string screen = await ShowAsync([Document], width: 41);

        Assert.Equal(
            """
            A bold heading
            Text with bold, italic, both, code, gone,
            and *stars*.
            2 * 3 * 4, snake_case_name, a [bracket],
            and an unmatched **marker.

            • one, which is long enough to wrap to
              the next line of the window
              • nested
            • two
            3. three

            │ quoted text that is long enough to wrap
            │ to the next line of the window

            Name │ Size
            ─────┼─────
            a|b  │    1
            日本 │   20

              powershell
              **not bold**
                  indented
            ────────────────────────────────────────
            text (https://example.com/a_(b))
            https://example.org [image: alt] (i.png)
            https://e.com
            """.ReplaceLineEndings("\n").Replace("code, gone,\nand", "code,\ngone, and", StringComparison.Ordinal).Replace("enough to wrap\n│ to the", "enough to\n│ wrap to the", StringComparison.Ordinal),
            Plain(screen));
    }

    [Fact]
    public async Task Document_IsTheSame_WhateverThePieces()
    {
        string whole = await ShowAsync([Document], width: 60);
        string pieces = await ShowAsync(Document.Select(static c => c.ToString()), width: 60);

        Assert.Equal(Merged(whole), Merged(pieces));
    }

    [Theory]
    [InlineData("**bold**", "\u001b[0;1mbold\u001b[0m")]
    [InlineData("*italic*", "\u001b[0;3mitalic\u001b[0m")]
    [InlineData("`code`", "\u001b[0;36mcode\u001b[0m")]
    [InlineData("## Heading", "\u001b[0;1;35mHeading\u001b[0m")]
    [InlineData("[text](https://e.com)", "\u001b[0;94mtext\u001b[0m\u001b[0;2m (https://e.com)\u001b[0m")]
    [InlineData("```\ncode", "  \u001b[0;36mcode\u001b[0m")]
    public async Task Style_EndsWithItsText(string markdown, string shown)
    {
        string screen = await ShowAsync([markdown]);

        Assert.Equal(shown, screen);
    }

    [Theory]
    [InlineData("```\n\u001b[2J\n```")]
    [InlineData("# \u001b]0;owned\u0007")]
    [InlineData("| a\u001b[2J | b |\n|---|---|\n| \u009b31m | \u202e |")]
    [InlineData("[\u001b]8;;x\u0007](https://e.com/\u001b[2J)")]
    [InlineData("**\u001b[31mred**")]
    [InlineData("```\u001b[2J\ntext")]
    [InlineData("> \u001b\n- \u202e")]
    public async Task TextOfAModel_NeverDrivesTheTerminal(string markdown)
    {
        foreach (string screen in new[] { await ShowAsync([markdown]), await ShowAsync(markdown.Select(static c => c.ToString())) })
        {
            Assert.DoesNotMatch("[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]", Plain(screen));
        }
    }

    [Theory]
    [InlineData("a *b", "a *b")]
    [InlineData("a `b", "a `b")]
    [InlineData("[text](no end", "[text](no end")]
    [InlineData("#hashtag", "#hashtag")]
    [InlineData("1.5 and -3", "1.5 and -3")]
    [InlineData("| a row", "| a row")]
    [InlineData("a < b and <b>", "a < b and <b>")]
    public async Task Marker_WithoutItsCounterpart_IsText(string markdown, string shown)
    {
        Assert.Equal(shown, await ShowAsync([markdown]));
    }

    [Fact]
    public async Task Table_WiderThanTheWindow_WrapsInItsColumns()
    {
        string screen = await ShowAsync(["| A | B |\n|---|---|\n| x | **one two three four five six** seven eight nine ten eleven |\n"], width: 31);

        string[] lines = screen.TrimEnd('\n').Split('\n');
        Assert.True(lines.Length > 3, screen);
        Assert.All(lines, line => Assert.True(Plain(line).Length <= 30, line));

        // No column takes the style of another one.
        Assert.All(lines, line => Assert.DoesNotMatch("\u001b\\[0;1m[^\u001b]*$", line));
    }

    [Fact]
    public async Task Paragraph_IsShown_BeforeItsEnd()
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            await exchange.BeginStreamAsync();
            await exchange.TextAsync("Once **upon** a ");
            await seen.Task;
            await exchange.TextAsync("time");
            await exchange.FinishAsync();
        });
        ScreenHost host = new(terminal: true);
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        using RunningScript script = shell.Start("Invoke-HeliconeChat x -Stream | Show-HeliconeStream");
        await RunningScript.UntilAsync(() => Plain(host.Screen).StartsWith("Once upon a", StringComparison.Ordinal), "the first words");
        seen.SetResult();
        (await script.EndAsync()).AssertNoErrors();
    }

    [Theory]
    [InlineData("*a ")]
    [InlineData("[a](")]
    [InlineData("<a")]
    [InlineData("**a *b _c ")]
    public async Task LineOfUnmatchedMarkers_IsShown_WithoutDelay(string markdown)
    {
        string text = string.Concat(Enumerable.Repeat(markdown, 100_000 / markdown.Length));

        string screen = await ShowAsync([text]).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.StartsWith(markdown, Plain(screen), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoColor_ShowsTheTextAsItWasWritten()
    {
        using Variables variables = new(("NO_COLOR", "1"));

        Assert.Equal("# A **b**", await ShowAsync(["# A **b**"]));
    }

    [Fact]
    public async Task PlainTextOfPSStyle_ShowsTheTextAsItWasWritten()
    {
        Assert.Equal("# A **b**", await ShowAsync(["# A **b**"], command: "$PSStyle.OutputRendering = 'PlainText'; try { Invoke-HeliconeChat x -Stream | Show-HeliconeStream } finally { $PSStyle.OutputRendering = 'Host' }"));
    }

    /// <summary>What is on the screen of a terminal, without the line about the call.</summary>
    private static async Task<string> ShowAsync(IEnumerable<string> pieces, int width = 120, string command = "Invoke-HeliconeChat x -Stream | Show-HeliconeStream")
    {
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            await exchange.BeginStreamAsync();
            foreach (string piece in pieces)
            {
                await exchange.TextAsync(piece);
            }

            await exchange.FinishAsync();
        });
        ScreenHost host = new(terminal: true, width: width);
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);
        (await shell.RunAsync(command)).AssertNoErrors();
        int end = Footer().Match(host.Screen).Index;
        return host.Screen[..end].TrimEnd('\n');
    }

    private static string Plain(string screen) => Escape().Replace(screen, string.Empty);

    // A style that ends and begins again is the same style.
    private static string Merged(string screen) => Regex.Replace(screen, "(\u001b\\[0;[0-9;]*m)([^\u001b]*)\u001b\\[0m(?=\\1)", "$1$2").Replace("\u001b[0m", string.Empty, StringComparison.Ordinal);

    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Escape();

    [GeneratedRegex("(\u001b\\[2m)?gpt-4o-mini · 10→4 tokens")]
    private static partial Regex Footer();
}
