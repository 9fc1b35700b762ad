using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using static Helicone.Core.Tests.Faults.Expectation;
using static Helicone.Core.Tests.Faults.Script;
using static Helicone.Errors.HeliconeErrorKind;

namespace Helicone.Core.Tests.Faults;

public static partial class FaultTable
{
    private const string Overloaded = """{"error":{"message":"Overloaded","type":"overloaded_error"}}""";
    private const string TooLong = """{"error":{"message":"maximum context length is 8192 tokens","type":"invalid_request_error","code":"context_length_exceeded"}}""";
    private const string ByError = """{"choices":[{"index":0,"message":{"role":"assistant","content":"Rayleigh "},"finish_reason":"error"}]}""";
    private const string Both = "Rayleigh scattering.";

    private static readonly string s_broken = Answers.Whole[..(Answers.Whole.Length / 2)];

    // A reset discards what has not been read: the client signals when it has read it.
    private static IEnumerable<Fault> Cuts() =>
    [
        new("reset in the middle of the body, once", First(1, Either(HalfAnswer, Begin(Answers.Role)).Then(OnceSeen(Reset))), Whole(2, StreamInterrupted)) { TellsOfHeaders = true },
        new("closed in the middle of the body", HalfAnswer.Then(Either(Close, OnceSeen(Close))), Passing(StreamInterrupted, null, "broke in the middle")) { Streamed = Cut(StreamInterrupted, "Rayleigh ") },
        new("reset after output", HalfAnswer.Then(Either(Close, OnceSeen(Reset))), Passing(StreamInterrupted, null)) { Streamed = Cut(StreamInterrupted, "Rayleigh ") },
        new("closed before output", Either(HalfAnswer, Begin(Answers.Role)).Then(Close), Passing(StreamInterrupted, null)),
        new("closed before output, once", First(1, Either(HalfAnswer, Begin(Answers.Role)).Then(Close)), Whole(2, StreamInterrupted)),
        new("chunked body without its end", Either(Chunked(Answers.Whole), Begin(Answers.Text(Both), Answers.Finish)).Then(Close), Passing(StreamInterrupted, null)) { Streamed = Whole() },
        new("chunk whose size is no number", Either(Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), Begin(Answers.Role).Then(Send("zz\r\n"))).Then(Close), Passing(StreamInterrupted, null)),
        new("cut without finish_reason", Either(RespondAs("application/json", 200, s_broken), Events(Answers.Text("Rayleigh "), Answers.Text("scatt"))), Passing(MalformedResponse, 200, "not a chat completion"))
        {
            Streamed = Cut(StreamInterrupted, "Rayleigh scatt", "14 characters"),
        },
        new("cut without finish_reason, and [DONE]", Either(RespondAs("application/json", 200, s_broken), Events(Answers.Text("Rayleigh "), Answers.Text("scatt"), Answers.Done)), Passing(MalformedResponse, 200, "not a chat completion"))
        {
            Streamed = Cut(StreamInterrupted, "Rayleigh scatt", "14 characters"),
        },
        new("[DONE] and nothing else", Events(Answers.Done), Passing(MalformedResponse, 200)) { Streamed = Passing(StreamInterrupted, null, "before it brought anything") },
        new("usage and [DONE], and no answer", Events(Answers.Usage, Answers.Done), Passing(MalformedResponse, 200)) { Streamed = Passing(StreamInterrupted, null) },
        new("events that are split at every byte", SplitAsync, Whole()),
        new("malformed event before output", Either(RespondAs("application/json", 200, "{\"choices\":[{]}"), Events("data: {\"choices\":[{]}\n\n")), Passing(MalformedResponse, 200)) { Streamed = Passing(MalformedResponse, null, "cannot be read") },
        new("malformed event after output", Either(RespondAs("application/json", 200, s_broken), Begin(Answers.Text("Rayleigh ")).Then(OnceSeen(Chunk("data: {\"choices\":[{]}\n\n")))), Passing(MalformedResponse, 200))
        {
            Streamed = Cut(MalformedResponse, "Rayleigh ", "cannot be read"),
        },
        new("passing error in the answer's place", Either(RespondAs("application/json", 200, Overloaded), Events(Answers.Role, $"data: {Overloaded}\n\n", Answers.Done)), Passing(UpstreamFailed, 529, "Overloaded")),
        new("passing error in the answer's place, once", First(1, Either(RespondAs("application/json", 200, Overloaded), Events($"data: {Overloaded}\n\n"))), Whole(2, UpstreamFailed)),
        new("lasting error in the answer's place", Either(RespondAs("application/json", 200, TooLong), Events(Answers.Role, $"data: {TooLong}\n\n", Answers.Done)), Permanent(ContextTooLong, 400, "8192")),
        new("error after output", Either(RespondAs("application/json", 200, ByError), Events(Answers.Text("Rayleigh "), $"data: {Overloaded}\n\n", Answers.Done)), Passing(UpstreamFailed, null, "finish_reason is 'error'"))
        {
            Streamed = Cut(UpstreamFailed, "Rayleigh ", "Overloaded") with { Status = 529 },
        },
        new("finish_reason that is an error", Either(RespondAs("application/json", 200, ByError), Events(Answers.Text("Rayleigh "), "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"error\"}]}\n\n", Answers.Done)), Passing(UpstreamFailed, null, "finish_reason is 'error'"))
        {
            Streamed = Cut(UpstreamFailed, "Rayleigh ", "finish_reason is 'error'"),
        },
        new("event called error, in plain words", Either(RespondAs("text/plain", 200, "upstream request timeout"), Events(Answers.Text("Rayleigh "), "event: error\ndata: upstream request timeout\n\n")), Passing(MalformedResponse, 200, "upstream request timeout"))
        {
            Streamed = Cut(UpstreamFailed, "Rayleigh ", "upstream request timeout"),
        },
        new("rate limit in the answer's place", Either(RespondAs("application/json", 200, """{"error":{"message":"Slow down","type":"rate_limit_error"}}"""), Events("data: {\"error\":{\"message\":\"Slow down\",\"type\":\"rate_limit_error\"}}\n\n")), Passing(RateLimited, 429, "Slow down")),
    ];

    private static Func<FaultExchange, Task> Chunk(string text) => exchange => exchange.Raw.ChunkAsync(text);

    private static Func<FaultExchange, Task> Chunked(string text) =>
        Send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n").Then(Chunk(text));

    private static async Task SplitAsync(FaultExchange exchange)
    {
        // Two events at once and each of them in pieces, wherever a piece may end.
        string body = exchange.Streamed ? Answers.Role + Answers.Text("Rayleigh ") + Answers.Text("scattering.") + Answers.Finish + Answers.Done : Answers.Whole;
        await exchange.Raw.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: {(exchange.Streamed ? "text/event-stream" : "application/json")}\r\nContent-Length: {body.Length}\r\n\r\n");
        for (int i = 0; i < body.Length; i++)
        {
            await exchange.Raw.SendAsync(body[i].ToString());
            await Task.Yield();
        }
    }
}
