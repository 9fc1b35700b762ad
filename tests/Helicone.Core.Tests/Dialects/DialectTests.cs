using System.Text;
using System.Text.Json.Nodes;
using Helicone.Chat;

namespace Helicone.Core.Tests.Dialects;

/// <summary>The messages of real servers, in shapes modeled on recorded answers: nothing may be lost or invented.</summary>
public class DialectTests
{
    [Fact]
    public void Stream_ParallelCallsThatAllHaveIndexZero_StayApart()
    {
        // Google's compatible endpoint, dynamo, some versions of vLLM.
        ChatAnswer answer = Stream(
            """{"choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"b","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]},"finish_reason":"tool_calls"}]}""");

        Assert.Equal(["weather(city: \"Oslo\")", "weather(city: \"Rome\")"], answer.ToolCalls.Select(c => c.ToString()));
        Assert.Equal(["a", "b"], answer.ToolCalls.Select(c => c.Id));
        Assert.Equal([0, 1], answer.ToolCalls.Select(c => c.Index));
    }

    [Fact]
    public void Stream_ParallelCallsWithoutIndexOrId_StayApart()
    {
        ChatAnswer answer = Stream(
            """{"choices":[{"delta":{"tool_calls":[{"function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]}}]}""",
            """{"choices":[{"delta":{"tool_calls":[{"function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}},{"function":{"name":"time","arguments":"{}"}}]}}]}""",
            """{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}""");

        Assert.Equal(["weather(city: \"Oslo\")", "weather(city: \"Rome\")", "time()"], answer.ToolCalls.Select(c => c.ToString()));
    }

    [Fact]
    public void Stream_ArgumentsInPieces_AreJoinedWhetherIdAndNameAreRepeatedOrNot()
    {
        ChatAnswer answer = Stream(
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":""}}]}}]}""",
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"ci"}}]}}]}""",
            """{"choices":[{"delta":{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"time"}}]}}]}""",
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":"ty\":\"Oslo\"}"}}]}}]}""",
            """{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}""");

        Assert.Equal(["weather(city: \"Oslo\")", "time()"], answer.ToolCalls.Select(c => c.ToString()));
    }

    [Fact]
    public void Stream_ANameThatComesAfterTheArguments_IsKept()
    {
        ChatAnswer answer = Stream(
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"arguments":"{}"}}]}}]}""",
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"time"}}]},"finish_reason":"tool_calls"}]}""");

        Assert.Equal("time()", Assert.Single(answer.ToolCalls).ToString());
    }

    [Fact]
    public void Stream_ACustomToolCall_IsKeptAsOne()
    {
        ChatAnswer answer = Stream(
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"sql","input":"SELECT "}}]}}]}""",
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"custom":{"input":"1"}}]},"finish_reason":"tool_calls"}]}""");

        ToolCall call = Assert.Single(answer.ToolCalls);
        Assert.Equal(("custom", "sql", "SELECT 1"), (call.Type, call.Name, call.Arguments));
        Same("""{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"custom","custom":{"name":"sql","input":"SELECT 1"}}]}""", answer);
    }

    [Theory]
    [InlineData("""{"id":"a","type":"function","function":{"name":"time","arguments":{"zone":"UTC"}}}""")]
    [InlineData("""{"0":{"id":"a","type":"function","function":{"name":"time","arguments":"{\"zone\":\"UTC\"}"}}}""")]
    [InlineData("""[{"id":"a","name":"time","arguments":{"zone":"UTC"}}]""")]
    public void Whole_ToolCallsInOtherForms_AreRead(string toolCalls)
    {
        ChatAnswer answer = Whole("""{"choices":[{"message":{"role":"assistant","content":null,"tool_calls":""" + toolCalls + """},"finish_reason":"tool_calls"}]}""");

        ToolCall call = Assert.Single(answer.ToolCalls);
        Assert.Equal(("a", "time", """{"zone":"UTC"}"""), (call.Id, call.Name, call.Arguments));
        Assert.Equal(call, Assert.Single(answer.ReadChoices()[0].Message.ToolCalls));
    }

    [Fact]
    public void Whole_TheOldFunctionCall_IsAToolCall()
    {
        const string Message = """{"role":"assistant","content":null,"function_call":{"name":"time","arguments":"{}"}}""";
        ChatAnswer whole = Whole("""{"choices":[{"message":""" + Message + ""","finish_reason":"function_call"}]}""");
        ChatAnswer stream = Stream(
            """{"choices":[{"delta":{"role":"assistant","function_call":{"name":"time","arguments":"{"}}}]}""",
            """{"choices":[{"delta":{"function_call":{"arguments":"}"}},"finish_reason":"function_call"}]}""");

        Assert.Equal("time()", Assert.Single(whole.ToolCalls).ToString());
        Assert.Equal("time()", Assert.Single(stream.ToolCalls).ToString());
        Same(Message, stream);
    }

    [Fact]
    public void Whole_PerplexitysDeltaAfterTheMessage_DoesNotEmptyTheAnswer()
    {
        ChatAnswer answer = Whole("""{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Paris."},"delta":{"role":"assistant","content":""}}],"citations":["https://a.example"]}""");

        Assert.Equal("Paris.", answer.Text);
        Same("""{"role":"assistant","content":"Paris."}""", answer);
    }

    [Fact]
    public void Stream_PerplexitysMessageNextToTheDelta_IsNotAddedToIt()
    {
        ChatAnswer answer = Stream(
            """{"choices":[{"message":{"role":"assistant","content":"Pa"},"delta":{"role":"assistant","content":"Pa"}}]}""",
            """{"choices":[{"delta":{"content":"ris."},"message":{"role":"assistant","content":"Paris."},"finish_reason":"stop"}]}""");

        Assert.Equal("Paris.", answer.Text);
    }

    [Fact]
    public void Stream_MistralsThinking_IsReasoningAndKeptAsParts()
    {
        ChatAnswer answer = Stream(
            """{"choices":[{"delta":{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"Two "}]}]}}]}""",
            """{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"and two."}]}]}}]}""",
            """{"choices":[{"delta":{"content":"Fo"}}]}""",
            """{"choices":[{"delta":{"content":"ur."},"finish_reason":"stop"}]}""");

        Assert.Equal("Four.", answer.Text);
        Assert.Equal("Two and two.", answer.Reasoning);
        Same("""{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"Two and two."}]},{"type":"text","text":"Four."}]}""", answer);
    }

    [Fact]
    public void Stream_ReasoningDetailsAlone_AreReasoning_AndTheirSignatureIsKept()
    {
        ChatAnswer answer = Stream(
            """{"choices":[{"delta":{"role":"assistant","reasoning_details":[{"type":"reasoning.text","text":"Two ","index":0,"format":"anthropic-claude-v1"}]}}]}""",
            """{"choices":[{"delta":{"reasoning_details":[{"type":"reasoning.text","text":"and two.","index":0,"format":"anthropic-claude-v1"}]}}]}""",
            """{"choices":[{"delta":{"reasoning_details":[{"type":"reasoning.text","signature":"c2ln","index":0,"format":"anthropic-claude-v1"}]}}]}""",
            """{"choices":[{"delta":{"content":"Four."},"finish_reason":"stop"}]}""");

        Assert.Equal("Two and two.", answer.Reasoning);
        Same("""{"role":"assistant","content":"Four.","reasoning_details":[{"type":"reasoning.text","text":"Two and two.","index":0,"format":"anthropic-claude-v1","signature":"c2ln"}]}""", answer);
    }

    [Fact]
    public void Stream_ReasoningUnderTwoNames_IsShownOnceAndSentBackUnderBoth()
    {
        ChatAnswer answer = Stream(
            """{"choices":[{"delta":{"reasoning":"Hm","reasoning_content":"Hm"}}]}""",
            """{"choices":[{"delta":{"reasoning":"m.","reasoning_content":"m.","content":"Four."},"finish_reason":"stop"}]}""");

        Assert.Equal("Hmm.", answer.Reasoning);
        Same("""{"role":"assistant","content":"Four.","reasoning":"Hmm.","reasoning_content":"Hmm."}""", answer);
    }

    [Fact]
    public void Stream_GeminisThoughtSignature_IsKeptOnItsCall()
    {
        ChatAnswer answer = Stream(
            """{"choices":[{"delta":{"role":"assistant","tool_calls":[{"extra_content":{"google":{"thought_signature":"AbC="}},"function":{"arguments":"{}","name":"time"},"id":"","type":"function"}]},"finish_reason":"tool_calls"}]}""");

        Assert.Equal("""{"google":{"thought_signature":"AbC="}}""", Assert.Single(answer.ToolCalls).ExtraContent);
        Same("""{"role":"assistant","content":null,"tool_calls":[{"id":null,"type":"function","function":{"name":"time","arguments":"{}"},"extra_content":{"google":{"thought_signature":"AbC="}}}]}""", answer);
    }

    [Fact]
    public void Stream_OpenAisAudio_IsJoined()
    {
        ChatAnswer answer = Stream(
            """{"choices":[{"delta":{"role":"assistant","audio":{"id":"audio_1","transcript":"Hel"}}}]}""",
            """{"choices":[{"delta":{"audio":{"id":"audio_1","data":"AQI=","transcript":"lo."}}}]}""",
            """{"choices":[{"delta":{"audio":{"data":"AwQ="}}}]}""",
            """{"choices":[{"delta":{"audio":{"expires_at":1}}}]}""");

        Same("""{"role":"assistant","content":null,"audio":{"id":"audio_1","transcript":"Hello.","data":"AQIDBA==","expires_at":1}}""", answer);
        ContentPart audio = Assert.Single(answer.ReadChoices()[0].Message.Parts);
        Assert.Equal((ContentPartKind.Audio, "Hello.", "AQIDBA=="), (audio.Kind, audio.Text, audio.Data));
    }

    [Fact]
    public void Stream_ImagesAndCitations_AreKept()
    {
        ChatAnswer answer = Stream(
            """{"choices":[{"delta":{"role":"assistant","content":"Here.","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AQI="},"index":0}]}}]}""",
            """{"choices":[{"delta":{"annotations":[{"type":"url_citation","url_citation":{"url":"https://a.example","title":"A","start_index":0,"end_index":5}}]},"finish_reason":"stop"}]}""");

        ChatMessage message = answer.ReadChoices()[0].Message;
        Assert.Equal("data:image/png;base64,AQI=", message.Parts.Single(p => p.Kind == ContentPartKind.Image).Url);
        Assert.Equal(new ChatAnnotation { Url = "https://a.example", Title = "A", StartIndex = 0, EndIndex = 5 }, Assert.Single(message.Annotations));
    }

    [Fact]
    public void Stream_Raw_HasEveryFieldThatCame()
    {
        ChatAnswer answer = Stream(
            """{"id":"c-1","object":"chat.completion.chunk","created":5,"model":"m","system_fingerprint":"fp","obfuscation":"xx","choices":[{"index":0,"delta":{"role":"assistant","content":"A"},"logprobs":{"content":[{"token":"A","logprob":-0.5,"bytes":[65],"top_logprobs":[{"token":"B","logprob":-1.5,"bytes":[66]}]}],"refusal":null},"finish_reason":null},{"index":1,"delta":{"role":"assistant","content":"X"},"finish_reason":null}]}""",
            """{"id":"c-1","object":"chat.completion.chunk","created":5,"model":"m","system_fingerprint":"fp","obfuscation":"y","choices":[{"index":1,"delta":{},"finish_reason":"length"}]}""",
            """{"id":"c-1","object":"chat.completion.chunk","created":5,"model":"m","service_tier":"default","choices":[{"index":0,"delta":{"content":"B"},"logprobs":{"content":[{"token":"B","logprob":-0.25,"bytes":[66],"top_logprobs":[]}]},"finish_reason":"stop"}]}""",
            """{"id":"c-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"new_field":7}}""");

        Same(
            """
            {"id":"c-1","object":"chat.completion","created":5,"model":"m","system_fingerprint":"fp","service_tier":"default","choices":[
              {"index":0,"message":{"role":"assistant","content":"AB"},"finish_reason":"stop","logprobs":{"content":[
                {"token":"A","logprob":-0.5,"bytes":[65],"top_logprobs":[{"token":"B","logprob":-1.5,"bytes":[66]}]},
                {"token":"B","logprob":-0.25,"bytes":[66],"top_logprobs":[]}],"refusal":null}},
              {"index":1,"message":{"role":"assistant","content":"X"},"finish_reason":"length"}],
             "usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"new_field":7}}
            """,
            answer.ReadRaw());
        Assert.Equal(["A", "B"], answer.ReadChoices()[0].LogProbs.Select(p => p.Token));
        Assert.Equal("B", answer.ReadChoices()[0].LogProbs[0].Alternatives.Single().Token);
        Assert.Equal(["AB", "X"], answer.ReadChoices().Select(c => c.ToString()));
    }

    [Fact]
    public void Whole_ARoundTrip_ChangesNothing()
    {
        const string Message = """{"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"c2ln"},{"type":"text","text":"Four.","cache_control":{"type":"ephemeral"}},{"type":"new_kind","x":[1,2.50]}],"refusal":null,"annotations":[],"reasoning_details":[{"type":"reasoning.encrypted","data":"AA=="}],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{ }"},"cache_control":{"type":"ephemeral"}}]}""";
        ChatMessage message = Whole("""{"choices":[{"message":""" + Message + ""","finish_reason":"stop"}]}""").ReadChoices()[0].Message;

        Assert.Equal(Message, message.Json);
        Assert.Equal("Four.", message.Content);
        Assert.Equal("c2ln", message.Parts[0].Signature);
        Assert.Equal(ContentPartKind.Other, message.Parts[2].Kind);
        Assert.Equal(Message, ChatMessage.FromJson(message.Json).Json);
    }

    private static ChatAnswer Whole(string json)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        return new ChatAnswer(ChatJson.Read(bytes), bytes);
    }

    private static ChatAnswer Stream(params string[] events)
    {
        ChatAssembler assembler = new();
        foreach (string data in events)
        {
            assembler.Add(ChatStreamEvent.Read("message", Encoding.UTF8.GetBytes(data), assembler.Head).Part!);
        }

        return new ChatAnswer(assembler, null);
    }

    private static void Same(string expectedMessage, ChatAnswer answer) => Same(expectedMessage, answer.ReadChoices()[0].Message.Json);

    private static void Same(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), $"Expected {expected}\nbut got  {actual}");
}
