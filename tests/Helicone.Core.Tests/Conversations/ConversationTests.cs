using System.Text.Json.Nodes;
using Helicone.Attribution;
using Helicone.Chat;
using Helicone.Conversations;
using Helicone.Core.Tests.Servers;
using Microsoft.AspNetCore.Http;

namespace Helicone.Core.Tests.Conversations;

public class ConversationTests
{
    private const string Call = """{"role":"assistant","content":null,"reasoning_details":[{"type":"reasoning.text","text":"Hm.","signature":"c2ln"}],"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\": \"Oslo\"}"},"extra_content":{"google":{"thought_signature":"AbC="}}}]}""";

    private static readonly ChatMessage s_system = new("system", "Be brief.");

    [Fact]
    public void WithoutLastTurn_RemovesTheLastMessageOfTheUser_AndWhatFollows_ButNotItsCost()
    {
        HeliconeSession session = new("s-1");
        Conversation two = new Conversation([s_system, new ChatMessage("user", "one"), new ChatMessage("assistant", "1"), new ChatMessage("user", "two")]) { Session = session, Model = ModelRoute.Parse("m") }
            .Add(new ChatCompletion { Content = "2", Usage = new ChatUsage(10, 5, 15) });

        Conversation one = two.WithoutLastTurn();

        Assert.Equal(["system: Be brief.", "user: one", "assistant: 1"], one.Messages.Select(message => message.ToString()));
        Assert.Equal(15, one.TotalTokens);
        Assert.Null(one.Cost);
        Assert.Equal(session, one.Session);
        Assert.Equal("m", one.Model!.ToString());
        Assert.Equal(5, two.Messages.Count);
    }

    [Fact]
    public void WithoutLastTurn_WithoutATurn_IsTheSame()
    {
        Conversation conversation = new([s_system]);

        Assert.Same(conversation, conversation.WithoutLastTurn());
    }

    [Fact]
    public void WithSystem_Null_RemovesTheSystemPrompt()
    {
        Conversation conversation = new Conversation([s_system, new ChatMessage("user", "one")]).WithSystem(null);

        Assert.Equal(["user: one"], conversation.Messages.Select(message => message.ToString()));
    }

    [Fact]
    public void WithSession_KeepsTheMessages()
    {
        Conversation conversation = new Conversation([s_system]) { Session = new HeliconeSession("s-1") }.WithSession(new HeliconeSession("s-2"));

        Assert.Equal("s-2", conversation.Session!.Id);
        Assert.Same(s_system, Assert.Single(conversation.Messages));
        Assert.Null(conversation.WithSession(null).Session);
    }

    [Fact]
    public async Task Answer_ContinuesWithEverythingThatTheModelSent()
    {
        int calls = 0;
        await using ScriptedServer server = await ScriptedServer.StartAsync(context => context.Response.WriteAsync(
            """{"model":"m-1","choices":[{"index":0,"message":""" + (calls++ == 0 ? Call : """{"role":"assistant","content":"It rains."}""") + ""","finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}"""));
        using HeliconeClient client = Clients.Client(server.Uri);

        ChatCompletion first = await client.Chat.CompleteAsync(
            new ChatRequest([s_system, new ChatMessage("user", [ContentPart.FromText("What is this?"), ContentPart.FromImageBytes([1, 2], "image/png")])])
            {
                Model = ModelRoute.Parse("m"),
            },
            new RequestOptions { Session = new HeliconeSession("s-1", "Weather") },
            default);
        ChatCompletion second = await client.Chat.CompleteAsync(
            new ChatRequest([ChatMessage.ToolResult("call_1", "rain"), new ChatMessage("user", "Well?")]) { Conversation = first.Conversation },
            null,
            default);

        JsonNode sent = JsonNode.Parse(server.Chats[1].Body)!;
        string[] expected =
        [
            """{"role":"system","content":"Be brief."}""",
            """{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AQI="}}]}""",
            Call,
            """{"role":"tool","tool_call_id":"call_1","content":"rain"}""",
            """{"role":"user","content":"Well?"}""",
        ];
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("[" + string.Join(",", expected) + "]"), sent["messages"]), server.Chats[1].Body);
        Assert.Equal("m", (string?)sent["model"]);
        Assert.Equal("s-1", server.Chats[1].Headers["Helicone-Session-Id"]);
        Assert.Equal("/turn-2", server.Chats[1].Headers["Helicone-Session-Path"]);
        Assert.Equal(6, second.Conversation.Messages.Count);
        Assert.Equal(30, second.Conversation.TotalTokens);
        Assert.Equal(2, second.Conversation.TurnCount);
    }

    [Fact]
    public async Task Stream_ContinuesWithTheMessageThatItsChunksMake()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(Answers.Role + Answers.Text("It ") + Answers.Text("rains.") + Answers.Finish + Answers.Usage + Answers.Done);
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        ChatCompletion answer = (await Clients.ReadAllAsync(client.Chat.Stream(Clients.Ask("Weather?"), null)))[^1].Completion!;

        Assert.Equal(["user: Weather?", "assistant: It rains."], answer.Conversation.Messages.Select(m => m.ToString()));
    }

    [Fact]
    public void Trim_DropsTheOldestTurnsWhole_AndKeepsInstructionsAndTheLastTurn()
    {
        ChatMessage[] messages =
        [
            s_system,
            new("user", new string('a', 4000)), ChatMessage.FromJson(Call), ChatMessage.ToolResult("call_1", "rain"), new("assistant", "Rain."),
            new("user", "Second?"), new("assistant", "Second."),
            new("user", "Third?"), new("assistant", "Third."),
        ];
        Conversation conversation = new(messages);

        Conversation trimmed = conversation.Trim(200);

        Assert.Equal([s_system, .. messages[5..]], trimmed.Messages);
        Assert.Same(conversation, conversation.Trim(100_000));
        Assert.Equal([s_system, .. messages[7..]], conversation.Trim(1).Messages);
    }

    [Fact]
    public void File_KeepsEveryMessageAsItIs()
    {
        Conversation conversation = new([s_system, new("user", "Zwei\nZeilen 🌍"), ChatMessage.FromJson(Call.Replace(",", ",\r\n ", StringComparison.Ordinal)), ChatMessage.ToolResult("call_1", "rain")])
        {
            Model = ModelRoute.Parse("gpt-4o,claude-4.5-sonnet"),
            Session = new HeliconeSession("s-1", "Weather", "/a"),
        };
        using StringWriter writer = new();
        ConversationFile.Save(conversation, writer);

        Conversation loaded = ConversationFile.Load(new StringReader(writer.ToString()));

        Assert.Equal(5, writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(conversation.Messages.Select(m => JsonNode.Parse(m.Json)!.ToJsonString()), loaded.Messages.Select(m => JsonNode.Parse(m.Json)!.ToJsonString()));
        Assert.Equal(conversation.Model!.ToString(), loaded.Model!.ToString());
        Assert.Equal(conversation.Session, loaded.Session);
        Assert.Equal(0, loaded.Cost);
    }

    [Theory]
    [InlineData("{\"role\":\"user\",\"content\":\"a\"}\n{", "Line 2")]
    [InlineData("{\"content\":\"a\"}", "Line 1")]
    [InlineData("\n\n{\"role\":\"boss\",\"content\":\"a\"}", "Line 3")]
    [InlineData("[]", "Line 1")]
    public void File_ABadLine_IsNamed(string text, string line) =>
        Assert.StartsWith(line, Assert.Throws<FormatException>(() => ConversationFile.Load(new StringReader(text))).Message, StringComparison.Ordinal);

    [Fact]
    public void File_OfBareMessages_IsReadAndItsCostIsUnknown()
    {
        Conversation loaded = ConversationFile.Load(new StringReader("\uFEFF{\"role\":\"user\",\"content\":\"a\"}\r\n"));

        Assert.Equal("user: a", Assert.Single(loaded.Messages).ToString());
        Assert.Null(loaded.Cost);
    }
}
