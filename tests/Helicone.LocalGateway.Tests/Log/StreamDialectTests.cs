using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;
using Helicone.LocalGateway.Tests.Query;

namespace Helicone.LocalGateway.Tests.Log;

/// <summary>Streams in the shapes that servers really send, as the log shows them afterward: one answer, with every field, under every name once.</summary>
public class StreamDialectTests
{
    public static TheoryData<string, string[], string> Streams => new()
    {
        {
            "a function name that every piece repeats",
            [
                """{"choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f1","arguments":"{\"x\""}}]}}]}""",
                """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f1","arguments":":1}"}}]},"finish_reason":"tool_calls"}]}""",
            ],
            """[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f1","arguments":"{\"x\":1}"}}]},"finish_reason":"tool_calls"}]"""
        },
        {
            "parallel calls that all have index 0",
            [
                """{"choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f1","arguments":"{\"city\":\"Oslo\"}"}}]}}]}""",
                """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"b","type":"function","function":{"name":"f2","arguments":"{\"city\":\"Rome\"}"}}]},"finish_reason":"tool_calls"}]}""",
            ],
            """[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f1","arguments":"{\"city\":\"Oslo\"}"}},{"id":"b","type":"function","function":{"name":"f2","arguments":"{\"city\":\"Rome\"}"}}]},"finish_reason":"tool_calls"}]"""
        },
        {
            "parallel calls without index",
            [
                """{"choices":[{"delta":{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f1","arguments":"{}"}},{"id":"b","function":{"name":"f2","arguments":"{}"}}]}}]}""",
                """{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}""",
            ],
            """[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f1","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f2","arguments":"{}"}}]},"finish_reason":"tool_calls"}]"""
        },
        {
            "arguments as an object, and a name that comes late",
            [
                """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"arguments":{"x":1}}}]}}]}""",
                """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"f1"}}]},"finish_reason":"tool_calls"}]}""",
            ],
            """[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f1","arguments":"{\"x\":1}"}}]},"finish_reason":"tool_calls"}]"""
        },
        {
            "a custom tool call",
            [
                """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"sql","input":"SELECT "}}]}}]}""",
                """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"custom":{"input":"1"}}]},"finish_reason":"tool_calls"}]}""",
            ],
            """[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"custom","custom":{"name":"sql","input":"SELECT 1"}}]},"finish_reason":"tool_calls"}]"""
        },
        {
            "Perplexity's message next to the delta",
            [
                """{"choices":[{"message":{"role":"assistant","content":"Pa"},"delta":{"role":"assistant","content":"Pa"}}],"citations":["https://a.example"]}""",
                """{"choices":[{"delta":{"content":"ris."},"message":{"role":"assistant","content":"Paris."},"finish_reason":"stop"}],"citations":["https://a.example"]}""",
            ],
            """[{"index":0,"message":{"role":"assistant","content":"Paris."},"finish_reason":"stop"}]"""
        },
        {
            "a whole message in place of deltas",
            ["""{"choices":[{"index":0,"message":{"role":"assistant","content":"Paris."},"finish_reason":"stop"}]}"""],
            """[{"index":0,"message":{"role":"assistant","content":"Paris."},"finish_reason":"stop"}]"""
        },
        {
            "Mistral's thinking, then text",
            [
                """{"choices":[{"delta":{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"Two "}]}]}}]}""",
                """{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"and two."}]}]}}]}""",
                """{"choices":[{"delta":{"content":"Four."},"finish_reason":"stop"}]}""",
            ],
            """[{"index":0,"message":{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"Two and two."}]},{"type":"text","text":"Four."}]},"finish_reason":"stop"}]"""
        },
        {
            "reasoning_details with a signature at the end",
            [
                """{"choices":[{"delta":{"role":"assistant","content":"","reasoning_details":[{"type":"reasoning.text","text":"Two ","index":0}]}}]}""",
                """{"choices":[{"delta":{"reasoning_details":[{"type":"reasoning.text","text":"and two.","index":0}]}}]}""",
                """{"choices":[{"delta":{"reasoning_details":[{"type":"reasoning.text","signature":"c2ln","index":0}]}}]}""",
                """{"choices":[{"delta":{"content":"Four."},"finish_reason":"stop"}]}""",
            ],
            """[{"index":0,"message":{"role":"assistant","content":"Four.","reasoning_details":[{"type":"reasoning.text","text":"Two and two.","index":0,"signature":"c2ln"}]},"finish_reason":"stop"}]"""
        },
        {
            "sound in pieces",
            [
                """{"choices":[{"delta":{"role":"assistant","audio":{"id":"au_1","data":"AQ==","transcript":"Hel"}}}]}""",
                """{"choices":[{"delta":{"audio":{"data":"Ag==","transcript":"lo"}}}]}""",
                """{"choices":[{"delta":{"audio":{"expires_at":7}},"finish_reason":"stop"}]}""",
            ],
            """[{"index":0,"message":{"role":"assistant","content":null,"audio":{"id":"au_1","data":"AQI=","transcript":"Hello","expires_at":7}},"finish_reason":"stop"}]"""
        },
        {
            "the old function_call",
            [
                """{"choices":[{"delta":{"role":"assistant","function_call":{"name":"f1","arguments":"{\"x\""}}}]}""",
                """{"choices":[{"delta":{"function_call":{"arguments":":1}"}},"finish_reason":"function_call"}]}""",
            ],
            """[{"index":0,"message":{"role":"assistant","content":null,"function_call":{"name":"f1","arguments":"{\"x\":1}"}},"finish_reason":"function_call"}]"""
        },
        {
            "log probabilities and two choices",
            [
                """{"choices":[{"index":1,"delta":{"role":"assistant","content":"B"},"logprobs":{"content":[{"token":"B","logprob":-1}]}},{"index":0,"delta":{"role":"assistant","content":"A"}}]}""",
                """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""",
                """{"choices":[{"index":1,"delta":{"content":"b"},"logprobs":{"content":[{"token":"b","logprob":-2}]},"finish_reason":"stop"}]}""",
            ],
            """[{"index":0,"message":{"role":"assistant","content":"A"},"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":"Bb"},"finish_reason":"stop","logprobs":{"content":[{"token":"B","logprob":-1},{"token":"b","logprob":-2}]}}]"""
        },
        {
            "a choice that ends with an error",
            [
                """{"choices":[{"index":0,"delta":{"role":"assistant","content":"Half"}}]}""",
                """{"error":{"message":"Overloaded","code":529},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}""",
            ],
            """[{"index":0,"message":{"role":"assistant","content":"Half"},"finish_reason":"error"}]"""
        },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Stream_OfAnyDialect_IsLoggedAsTheWholeAnswer(string dialect, string[] events, string choices)
    {
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync([.. events.Select(e => $"data: {e}\n\n"), "data: [DONE]\n\n"]);
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true);
        await response.TextAsync();

        string logged = (await gateway.GetRequestAsync(response.Header("Helicone-Id")!)).GetProperty("response_body").GetProperty("choices").GetRawText();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(choices), JsonNode.Parse(logged)), $"{dialect}: {logged}");
    }

    [Theory]
    [InlineData("""data: {"choices":[{"index":0,"delta":{"content":"Sunny 😀 Grüße"},"finish_reason":"stop"}]}""")]
    [InlineData("""data: {"choices":[{"index":0,"delta":{"content":"Sunny \ud83d\ude00 Gr\u00fc\u00dfe"},"finish_reason":"stop"}]}""")]
    public async Task Stream_TextBeyondAscii_IsFoundInTheLog(string events)
    {
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync(events + "\n\n");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true);
        await response.TextAsync();

        Assert.Single(await gateway.QueryAsync("""{"request_response_rmt":{"response_body":{"contains":"😀 Grüße"}}}"""));
    }

    [Fact]
    public async Task Stream_FieldsNextToTheChoices_AreLoggedOnce_AndAnErrorAfterThem()
    {
        await using FakeUpstream upstream = await FakeUpstream.StreamingAsync(
            """data: {"id":"c1","model":"m-1","service_tier":"flex","citations":["https://a.example"],"choices":[{"index":0,"delta":{"content":"Half"}}]}""" + "\n\n",
            """data: {"id":"c1","model":"m-1","citations":["https://a.example","https://b.example"],"error":{"message":"Overloaded"},"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}""" + "\n\n");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", upstream.BaseUrl)));

        using HttpResponseMessage response = await gateway.ChatAsync("m/one", stream: true);
        await response.TextAsync();

        JsonElement logged = (await gateway.GetRequestAsync(response.Header("Helicone-Id")!)).GetProperty("response_body");
        Assert.Equal(
            """{"object":"chat.completion","id":"c1","service_tier":"flex","model":"m-1","choices":[{"index":0,"message":{"role":"assistant","content":"Half"},"finish_reason":"error"}],"citations":["https://a.example","https://b.example"],"error":{"message":"Overloaded"}}""",
            logged.GetRawText());
    }
}
