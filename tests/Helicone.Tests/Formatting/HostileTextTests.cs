using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Formatting;

/// <summary>Models, servers, and users that try to drive the terminal of whoever looks at what they wrote.</summary>
public sealed class HostileTextTests
{
    private const string Attack = "\u001b]0;owned\u0007\u001b[2J\u202egnp\u009b";

    // Those of the engine: of its headers and errors.
    private static readonly Regex s_colors = new("\u001b\\[[0-9;]*m", RegexOptions.CultureInvariant);

    [Theory]
    [InlineData("Invoke-HeliconeChat x")]
    [InlineData("Invoke-HeliconeChat x -Stream")]
    [InlineData("Invoke-HeliconeChat x -Stream | Show-HeliconeStream")]
    [InlineData("Invoke-HeliconeChat x | Show-HeliconeStream")]
    [InlineData("Invoke-HeliconeChat tool")]
    [InlineData("(Invoke-HeliconeChat tool).ToolCalls")]
    [InlineData("(Invoke-HeliconeChat tool -Tool Get-HeliconeConnection).ToolRuns")]
    [InlineData("Invoke-HeliconeChat refuse")]
    [InlineData("Invoke-HeliconeChat fail")]
    [InlineData("$ErrorView = 'NormalView'; Invoke-HeliconeChat fail")]
    [InlineData("Invoke-HeliconeChat fail -ErrorAction SilentlyContinue; $Error[0].Exception.Upstream")]
    [InlineData("Invoke-HeliconeChat break -Stream | Show-HeliconeStream")]
    [InlineData("Get-HeliconeRequest -First 1")]
    [InlineData("Get-HeliconeSession")]
    [InlineData("Get-HeliconeUser")]
    [InlineData("Get-HeliconeModel")]
    [InlineData("New-HeliconeSession -Id s -Name \"\u202eevil\"")]
    [InlineData("Connect-Helicone -ApiKey sk-helicone-q7w3e5r-t9y2u4i-o6p8a1s-d3f5g7h -UserId \"\u202eevil\" -Property @{ Team = \"\u202eevil\" } -PassThru")]
    [InlineData("Set-HeliconeRequestFeedback \"00000000-0000-4000-8000-000000000001\u001b[2J\" -Rating Positive -WhatIf")]
    public async Task InEveryView_ItIsShown_NotExecuted(string command)
    {
        string screen = await RenderAsync(command, width: 200);

        Assert.DoesNotContain(screen, static c => (char.IsControl(c) && c != '\n') || c is '\u202e');
        Assert.True(screen.Contains('␛', StringComparison.Ordinal) || screen.Contains("⟦U+202E⟧", StringComparison.Ordinal), screen);
    }

    // What a script writes is one pipeline. PowerShell gives the first kind of object its view, and lists the properties of every other kind.
    [Theory]
    [InlineData("Invoke-HeliconeChat x")]
    [InlineData("Invoke-HeliconeChat x -Stream")]
    [InlineData("Invoke-HeliconeChat tool")]
    [InlineData("(Invoke-HeliconeChat tool).ToolCalls")]
    [InlineData("(Invoke-HeliconeChat tool -Tool Get-HeliconeConnection).ToolRuns")]
    [InlineData("(Invoke-HeliconeChat x).Choices")]
    [InlineData("(Invoke-HeliconeChat x).Message")]
    [InlineData("(Invoke-HeliconeChat x).Conversation", "TurnCount")]
    [InlineData("Get-HeliconeRequest -First 1")]
    [InlineData("Get-HeliconeSession")]
    [InlineData("Get-HeliconeUser")]
    [InlineData("Get-HeliconeModel")]
    [InlineData("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Invoke-HeliconeChat x)))")]
    public async Task BehindAnotherKindOfObject_ItIsShown_NotExecuted(string command, string shown = "␛")
    {
        string screen = await RenderAsync($"Get-HeliconeConnection; {command}", width: 200);

        Assert.DoesNotContain(screen, static c => (char.IsControl(c) && c != '\n') || c is '\u202e');
        Assert.Contains(shown, screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BehindAnotherKindOfObject_AnAnswerIsItsTextAndOneLineAboutTheCall()
    {
        string screen = await RenderAsync("Get-HeliconeConnection; Invoke-HeliconeChat x", width: 200);

        string[] lines = screen.Split('\n').Where(static line => line.Contains(" : ", StringComparison.Ordinal)).SkipWhile(static line => !line.StartsWith("Answer", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, lines.Length);
        Assert.Matches("^Answer : .* is the answer$", lines[0]);
        Assert.Matches("^Call   : gpt-4o.* · 10→2 tokens · ", lines[1]);
    }

    [Fact]
    public async Task InTheTableOfRequests_ItIsShown_InEachColumnThatOthersFill()
    {
        string screen = await RenderAsync("Get-HeliconeRequest -First 1", width: 300);

        Assert.Matches("ada␛\\[2J +pro␛\\[2J +/p␛\\[2J", screen);
    }

    [Fact]
    public async Task TheObjects_StayRaw()
    {
        await using ChatServer server = await ChatServer.StartAsync(AnswerAsync);
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("Invoke-HeliconeChat x")).AssertNoErrors();

        Assert.Equal(Attack + " is the answer", result.Property("Content"));
        Assert.Equal(Attack + " is the answer", result.Single.ToString());
    }

    [Fact]
    public async Task Stream_IsShownAsTheWholeAnswerIs_WhereverItIsCut()
    {
        string text = "The quick brown fox jumps over the lazy dog.\r\nThen\ta \ud83d\ude00 \u001b[2J and 日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語 done  ";
        string whole = await ShowAsync(text, text.Length);

        for (int size = 1; size < 9; size++)
        {
            Assert.Equal(whole, await ShowAsync(text, size));
        }

        Assert.Contains("Then\ta 😀 ␛[2J", whole, StringComparison.Ordinal);
        Assert.All(whole.Split('\n'), static line => Assert.InRange(line.Length, 0, 39));

        static async Task<string> ShowAsync(string text, int size)
        {
            await using ChatServer server = await ChatServer.StartAsync(async exchange =>
            {
                await exchange.BeginStreamAsync();
                foreach (Rune[] piece in text.EnumerateRunes().Chunk(size))
                {
                    await exchange.TextAsync(string.Concat(piece));
                }

                await exchange.FinishAsync();
            });
            ScreenHost host = new(width: 40);
            using Shell shell = Shell.ConnectedTo(server.Uri, host: host);
            (await shell.RunAsync("Invoke-HeliconeChat x -Stream | Show-HeliconeStream -Raw")).AssertNoErrors();
            return host.Screen;
        }
    }

    [Fact]
    public async Task Key_ThatAServerQuotes_IsNowhereInTheErrorRecord()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange =>
        {
            exchange.Header("Helicone-Id", Shell.Key);
            return exchange.RespondAsync(exchange.Prompt == "redirect" ? 302 : 400, """{"error":{"message":"Bad key KEY","code":"KEY","type":"KEY"}}""".Replace("KEY", Shell.Key, StringComparison.Ordinal));
        });
        using Shell shell = Shell.ConnectedTo(server.Uri, "-MaxRetry 0");

        Result result = await shell.RunAsync("""
            'refuse', 'redirect' | Invoke-HeliconeChat -ErrorAction SilentlyContinue
            Invoke-HeliconeChat refuse -Stream -ErrorAction SilentlyContinue
            $Error.Count
            [System.Management.Automation.PSSerializer]::Serialize($Error, 6)
            """);

        string[] texts = result.Texts.ToArray();
        Assert.Equal("3", texts[0]);
        Assert.Contains("HeliconeInvalidRequest", texts[1], StringComparison.Ordinal);
        Assert.DoesNotContain(Shell.Key, texts[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ErrorOfAStream_StartsALine()
    {
        string screen = await RenderAsync("Invoke-HeliconeChat break -Stream | Show-HeliconeStream; 'next'", width: 100);

        string[] lines = screen.Split('\n');
        Assert.Equal("Once upon a", lines[0]);
        Assert.StartsWith("Invoke-HeliconeChat:", lines[1], StringComparison.Ordinal);
        Assert.Equal("next", lines.Last(line => line.Length > 0));
    }

    private static async Task<string> RenderAsync(string command, int width)
    {
        await using ChatServer server = await ChatServer.StartAsync(AnswerAsync);
        await using LogServer log = await LogServer.StartAsync((context, exchange) => LogServer.SayAsync(context, Data(exchange.Path)));
        ScreenHost host = new(width: width);
        using Shell shell = new(host);
        (await shell.RunAsync($"Connect-Helicone -ApiKey {Shell.Key} -GatewayUri {server.Uri} -ApiUri {log.Uri} -MaxRetry 0")).AssertNoErrors();
        await shell.RunAsync($"& {{ {command} }} 2>&1 | Out-Default");
        return s_colors.Replace(host.Screen, string.Empty);
    }

    private static async Task AnswerAsync(ChatExchange exchange)
    {
        switch (exchange.Prompt)
        {
            case "fail":
                await exchange.FailAsync(400, "No quota. " + Attack);
                break;
            case "break":
                await exchange.BeginStreamAsync();
                await exchange.TextAsync("Once upon a");
                await exchange.BreakAsync("It died. " + Attack);
                break;
            case "tool":
                await exchange.RespondAsync(200, Answer(null, "tool_calls", new JsonArray(new JsonObject
                {
                    ["id"] = "c" + Attack,
                    ["type"] = "function",
                    ["function"] = new JsonObject { ["name"] = "get" + Attack, ["arguments"] = "{\"city\": \"Oslo" + "\u202e" + "\"}" },
                })));
                break;
            case "refuse":
                await exchange.RespondAsync(200, Answer(null, "stop", null, Attack + " I will not."));
                break;
            default:
                if (exchange.Body["stream"]?.GetValue<bool>() == true)
                {
                    await exchange.BeginStreamAsync();
                    await exchange.TextAsync(Attack + " is the answer");
                    await exchange.FinishAsync();
                }
                else
                {
                    await exchange.RespondAsync(200, Answer(Attack + " is the answer", "stop", null));
                }

                break;
        }
    }

    private static string Answer(string? content, string reason, JsonArray? calls, string? refusal = null) => new JsonObject
    {
        ["id"] = "chatcmpl-1",
        ["model"] = "gpt-4o" + Attack,
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = content, ["tool_calls"] = calls, ["refusal"] = refusal },
            ["finish_reason"] = reason,
        }),
        ["usage"] = new JsonObject { ["prompt_tokens"] = 10, ["completion_tokens"] = 2, ["total_tokens"] = 12 },
    }.ToJsonString();

    private static JsonNode? Data(string path) => path switch
    {
        _ when path.Contains("session", StringComparison.Ordinal) => new JsonArray(new JsonObject { ["session_id"] = "s" + Attack, ["session_name"] = "Nightly" + Attack, ["created_at"] = "2026-01-31 08:00:00", ["total_requests"] = 3, ["total_cost"] = 0.07229313 }),
        _ when path.Contains("user", StringComparison.Ordinal) => new JsonArray(new JsonObject { ["user_id"] = "ada" + Attack, ["count"] = 3 }),
        _ when path.Contains("registry", StringComparison.Ordinal) => new JsonObject { ["models"] = new JsonArray(new JsonObject { ["id"] = "gpt" + Attack, ["name"] = "GPT" + Attack, ["author"] = "x", ["contextLength"] = 1000, ["endpoints"] = new JsonArray() }) },
        _ => new JsonArray(new JsonObject
        {
            ["request_id"] = "00000000-0000-4000-8000-000000000001",
            ["request_created_at"] = "2026-01-31 08:00:00",
            ["response_status"] = 200,
            ["model"] = "gpt" + Attack,
            ["provider"] = "pro\u001b[2J",
            ["request_user_id"] = "ada\u001b[2J",
            ["properties"] = new JsonObject { ["Environment"] = Attack, ["Helicone-Session-Path"] = "/p\u001b[2J" },
        }),
    };
}
