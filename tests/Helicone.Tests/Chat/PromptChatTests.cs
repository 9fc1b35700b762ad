using System.Text.Json.Nodes;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Chat;

/// <summary>Enter-HeliconeChat on a host that reads whole lines.</summary>
public sealed class PromptChatTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-chat-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Messages_AreOneConversation_AndTheAnswersAreOnTheScreen()
    {
        await using Chat chat = await Chat.StartAsync();

        Result result = (await chat.TypeAsync("-System 'Be brief.' -PassThru", "What's up?", "And now?", "/exit", "never")).AssertNoErrors();

        Assert.Equal(2, chat.Server.Chats.Count);
        Assert.Equal(["system: Be brief.", "user: What's up?", "assistant: Answer 1", "user: And now?"], chat.Server.Chats[1].Messages);
        Assert.Contains("gpt-4o-mini> What's up?\nAnswer 1\ngpt-4o-mini · 10→4 tokens", chat.Screen, StringComparison.Ordinal);
        Assert.Equal(2, result.Property("TurnCount"));
    }

    [Fact]
    public async Task EndOfInput_EndsTheChat()
    {
        await using Chat chat = await Chat.StartAsync();

        (await chat.TypeAsync("", "Hi")).AssertNoErrors();

        Assert.Single(chat.Server.Chats);
    }

    [Fact]
    public async Task Backslash_AtTheEndOfALine_ContinuesTheMessage()
    {
        await using Chat chat = await Chat.StartAsync();

        (await chat.TypeAsync("", "first\\", "second", "/exit")).AssertNoErrors();

        Assert.Equal(["user: first\nsecond"], Assert.Single(chat.Server.Chats).Messages);
    }

    [Theory]
    [InlineData("/etc/passwd is what?")]
    [InlineData(" /model of what?")]
    [InlineData("/")]
    public async Task Slash_ThatBeginsNoCommand_IsAMessage(string line)
    {
        await using Chat chat = await Chat.StartAsync();

        (await chat.TypeAsync("", line)).AssertNoErrors();

        Assert.Equal(line.Trim(), Assert.Single(chat.Server.Chats).Prompt);
    }

    [Theory]
    [InlineData("/modle gpt-4o", "HeliconeInvalidOption")]
    [InlineData("/model !", "HeliconeInvalidRoute")]
    [InlineData("/file none.txt", "HeliconeInvalidFile")]
    [InlineData("/file *.none", "HeliconeInvalidFile")]
    [InlineData("/image none.png", "HeliconeInvalidFile")]
    [InlineData("/load none.jsonl", "HeliconeInvalidFile")]
    [InlineData("/save", "HeliconeInvalidFile")]
    public async Task WrongCommand_IsOneError_AndTheChatGoesOn(string line, string id)
    {
        await using Chat chat = await Chat.StartAsync();

        Result result = await chat.TypeAsync("", line, "Hi");

        Assert.Equal(id, result.ErrorId);
        Assert.Equal("Hi", Assert.Single(chat.Server.Chats).Prompt);
    }

    [Fact]
    public async Task ModelAndSystem_ApplyToTheMessagesThatFollow()
    {
        await using Chat chat = await Chat.StartAsync();

        (await chat.TypeAsync("-Model gpt-4o-mini", "one", "/model gpt-4o", "/system Be brief.", "two", "/system off", "three", "/system")).AssertNoErrors();

        Assert.Equal(["gpt-4o-mini", "gpt-4o", "gpt-4o"], chat.Server.Chats.Select(call => call.Model));
        Assert.Equal("system: Be brief.", chat.Server.Chats[1].Messages[0]);
        Assert.DoesNotContain("system: Be brief.", chat.Server.Chats[2].Messages);
        Assert.Contains("gpt-4o> two", chat.Screen, StringComparison.Ordinal);
        Assert.Contains("There is no system prompt.", chat.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_GoWithTheNextMessage()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "app log.txt"), "disk full");
        await File.WriteAllBytesAsync(Path.Combine(_folder, "pixel.png"), Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="));
        await using Chat chat = await Chat.StartAsync();

        (await chat.TypeAsync("", $"/file {Path.Combine(_folder, "app log.txt")}", $"/image {Path.Combine(_folder, "*.png")}", "/file", "What is it?", "And?")).AssertNoErrors();

        JsonArray content = chat.Server.Chats[0].Body["messages"]![0]!["content"]!.AsArray();
        Assert.Equal(["text", "text", "image_url"], content.Select(part => part!["type"]!.ToString()));
        Assert.Contains("disk full", content[1]!["text"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains("gpt-4o-mini [2 attachments]> What is it?", chat.Screen, StringComparison.Ordinal);
        Assert.Contains("gpt-4o-mini> And?", chat.Screen, StringComparison.Ordinal);
        Assert.Equal("And?", chat.Server.Chats[1].Prompt);
    }

    [Fact]
    public async Task Undo_RemovesTheLastTurn_AndNotItsCost()
    {
        await using Chat chat = await Chat.StartAsync();

        Result result = (await chat.TypeAsync("-PassThru", "one", "two", "/undo", "three", "/cost")).AssertNoErrors();

        Assert.Equal(["user: one", "assistant: Answer 1", "user: three"], chat.Server.Chats[2].Messages);
        Assert.Equal(42L, result.Property("TotalTokens"));
        Assert.Contains("This chat: 3 calls, 42 tokens, $", chat.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retry_ReplacesTheAnswer()
    {
        await using Chat chat = await Chat.StartAsync();

        Result result = (await chat.TypeAsync("-PassThru", "one", "/retry", "two")).AssertNoErrors();

        Assert.Equal(["user: one"], chat.Server.Chats[1].Messages);
        Assert.Equal(["user: one", "assistant: Answer 2", "user: two"], chat.Server.Chats[2].Messages);
        Assert.Equal(2, result.Property("TurnCount"));
    }

    [Fact]
    public async Task MessageThatFails_IsNotInTheConversation_AndCanBeSentAgain()
    {
        await using Chat chat = await Chat.StartAsync(failing: 1);

        Result result = await chat.TypeAsync("", "fails", "/retry", "next");

        Assert.Equal("HeliconeInvalidRequest", result.ErrorId);
        Assert.Equal("fails", result.Error.TargetObject);
        Assert.Equal(["user: fails"], chat.Server.Chats[1].Messages);
        Assert.Equal(["user: fails", "assistant: Answer 2", "user: next"], chat.Server.Chats[2].Messages);
    }

    [Fact]
    public async Task RetryThatFails_KeepsTheAnswer()
    {
        await using Chat chat = await Chat.StartAsync(failing: 2);

        _ = await chat.TypeAsync("", "one", "/retry", "two");

        Assert.Equal(["user: one", "assistant: Answer 1", "user: two"], chat.Server.Chats[2].Messages);
    }

    [Fact]
    public async Task SavedConversation_IsLoaded_WithItsModelAndCost()
    {
        string path = Path.Combine(_folder, "chat.jsonl");
        await using Chat chat = await Chat.StartAsync();
        (await chat.TypeAsync("-Model gpt-4o", "one", $"/save {path}")).AssertNoErrors();

        (await chat.TypeAsync("", $"/load {path}", "two", "/clear", "three")).AssertNoErrors();

        Assert.Equal(["user: one", "assistant: Answer 1", "user: two"], chat.Server.Chats[1].Messages);
        Assert.Equal("gpt-4o", chat.Server.Chats[1].Model);
        Assert.Equal(["user: three"], chat.Server.Chats[2].Messages);
    }

    [Fact]
    public async Task Conversation_GoesOnFromAnAnswer()
    {
        await using Chat chat = await Chat.StartAsync();

        (await chat.TypeAsync("-Conversation (Invoke-HeliconeChat 'one' -Show)", "two")).AssertNoErrors();

        Assert.Equal(["user: one", "assistant: Answer 1", "user: two"], chat.Server.Chats[1].Messages);
    }

    [Fact]
    public async Task Session_HasAPathForEachTurn()
    {
        await using Chat chat = await Chat.StartAsync();

        (await chat.TypeAsync("", "one", "/session Nightly triage", "two", "three", "/session off", "four")).AssertNoErrors();

        Assert.DoesNotContain("Helicone-Session-Id", chat.Server.Chats[0].Headers.Keys);
        Assert.Equal("Nightly triage", chat.Server.Chats[1].Headers["Helicone-Session-Name"]);
        Assert.Equal("/turn-3", chat.Server.Chats[2].Headers["Helicone-Session-Path"]);
        Assert.Equal(chat.Server.Chats[1].Headers["Helicone-Session-Id"], chat.Server.Chats[2].Headers["Helicone-Session-Id"]);
        Assert.DoesNotContain("Helicone-Session-Id", chat.Server.Chats[3].Headers.Keys);
    }

    [Fact]
    public async Task MaxCost_IsForTheWholeChat_WhichGoesOn()
    {
        await using Chat chat = await Chat.StartAsync();

        Result result = await chat.TypeAsync("-MaxCost 0.000001", "one", "/cost");

        Assert.Equal("HeliconeBudgetExceeded", result.ErrorId);
        Assert.Empty(chat.Server.Chats);
        Assert.Contains("The ceiling of this chat: $0.00 of $0.000001 spent.", chat.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIf_SendsNothing()
    {
        await using Chat chat = await Chat.StartAsync();

        (await chat.TypeAsync("-WhatIf", "one")).AssertNoErrors();

        Assert.Empty(chat.Server.Chats);
        Assert.Contains("POST ", chat.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HostWithoutInput_IsOneClearError()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri, host: new ScreenHost());

        Result result = await shell.RunAsync("Enter-HeliconeChat");

        Assert.Equal("HeliconeNotInteractive", result.ErrorId);
    }

    [Fact]
    public async Task Stop_EndsTheChat_AndTheCall()
    {
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            await exchange.BeginStreamAsync();
            await exchange.TextAsync("Once");
            await exchange.HangAsync();
        });
        ScreenHost host = new() { Lines = ["Tell a story"] };
        using Shell shell = Shell.ConnectedTo(server.Uri, host: host);

        using RunningScript script = shell.Start("Enter-HeliconeChat");
        await RunningScript.UntilAsync(() => host.Screen.EndsWith("Once", StringComparison.Ordinal), "the first piece");
        await script.StopAsync();

        Assert.True((await script.EndAsync()).Stopped);
        await Assert.Single(server.Chats).Left.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    /// <summary>A chat with a server that numbers its answers.</summary>
    private sealed class Chat : IAsyncDisposable
    {
        private readonly ScreenHost _host = new();
        private readonly Shell _shell;

        private Chat(ChatServer server)
        {
            Server = server;
            _shell = Shell.ConnectedTo(server.Uri, host: _host);
        }

        public ChatServer Server { get; }

        public string Screen => _host.Screen;

        public static async Task<Chat> StartAsync(int failing = 0)
        {
            int count = 0;
            return new Chat(await ChatServer.StartAsync(async exchange =>
            {
                int number = Interlocked.Increment(ref count);
                if (number == failing)
                {
                    await exchange.FailAsync(400, "Not this time.");
                    return;
                }

                await exchange.BeginStreamAsync();
                await exchange.TextAsync($"Answer {number}");
                await exchange.FinishAsync();
            }));
        }

        public Task<Result> TypeAsync(string parameters, params string[] lines)
        {
            _host.Lines = lines;
            return _shell.RunAsync("Enter-HeliconeChat " + parameters);
        }

        public async ValueTask DisposeAsync()
        {
            _shell.Dispose();
            await Server.DisposeAsync();
        }
    }
}
