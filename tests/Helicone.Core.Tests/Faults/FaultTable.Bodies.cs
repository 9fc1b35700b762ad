using System.IO.Compression;
using System.Text;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using static Helicone.Core.Tests.Faults.Expectation;
using static Helicone.Core.Tests.Faults.Script;
using static Helicone.Errors.HeliconeErrorKind;

namespace Helicone.Core.Tests.Faults;

public static partial class FaultTable
{
    private const string Page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>to the hotel Wi-Fi</body></html>";
    private const int Megabyte = 1024 * 1024;

    private static readonly string s_events = Answers.Role + Answers.Text("Rayleigh ") + Answers.Text("scattering.") + Answers.Finish + Answers.Usage + Answers.Done;

    private static IEnumerable<Fault> Bodies() =>
    [
        Whole200("web page instead of JSON", "text/html", Page, "hotel Wi-Fi"),
        Whole200("web page under the name of JSON", "application/json", Page, "hotel Wi-Fi"),
        Whole200("nothing at all", "application/json", "", "The answer is empty"),
        Whole200("white space", "application/json", " \r\n ", "The answer is empty"),
        Whole200("null", "application/json", "null", "not a chat completion"),
        Whole200("list", "application/json", "[]", "not a chat completion"),
        Whole200("answer without choices", "application/json", """{"id":"x","choices":[]}""", "not a chat completion"),
        Whole200("some other service's answer", "application/json", """{"status":"healthy"}""", "healthy"),
        Whole200("half an answer", "application/json", s_broken, "not a chat completion"),
        Whole200("answer with more behind it", "application/json", Answers.Whole + "}", "not a chat completion"),
        Whole200("answer nested 100000 deep", "application/json", "{\"choices\":[{\"message\":{\"content\":\"x\",\"deep\":" + new string('[', 100_000) + new string(']', 100_000) + "}}]}", "not a chat completion"),
        new("nothing at all, under no name", Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), Passing(MalformedResponse, 200, "The answer is empty"))
        {
            KeepsTheConnection = true,
            Streamed = Passing(StreamInterrupted, null, "before it brought anything"),
        },
        new("no content", Send("HTTP/1.1 204 No Content\r\n\r\n"), Passing(MalformedResponse, 204)) { KeepsTheConnection = true },
        new("accepted, for later", RespondAs("application/json", 202, """{"message":"queued"}"""), Passing(MalformedResponse, 202, "queued")) { KeepsTheConnection = true },

        // What is left over would be read as the answer to somebody else's question.
        new("Content-Length that is too short", Sized(-20), Passing(MalformedResponse, 200, "not a chat completion")) { Streamed = Cut(StreamInterrupted, Both) },
        new("Content-Length that is too short, once", First(1, Either(Sized(-20), Respond(503, "no"))), Whole(2, MalformedResponse)) { Streamed = Whole(2, UpstreamFailed) },
        new("Content-Length that is too long", Sized(+20).Then(Close), Passing(StreamInterrupted, null)) { Streamed = Whole() },
        new("Content-Length that is no number", Send("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n").Then(Close), Passing(MalformedResponse, 200)) { Streamed = Passing(StreamInterrupted, null) },
        new("whole answer to a question for a stream", exchange => exchange.Raw.RespondAsync(200, Answers.Whole), Whole()) { KeepsTheConnection = true },
        new("stream in answer to a question without one", RespondAs("text/event-stream", 200, s_events), Passing(MalformedResponse, 200, "not a chat completion")) { Streamed = Whole() },

        Lying("gzip"),
        Lying("deflate"),
#if !NETSTANDARD_CORE
        // .NET Standard 2.0 has no Brotli: that build doesn't ask for it, and leaves a body that claims it as it is.
        Lying("br"),
#endif
        new("gzip that is cut", Either(RespondWith(Zipped(Answers.Whole)[..^40], "Content-Encoding: gzip", "Content-Type: application/json"), RespondWith(Zipped(Answers.Whole)[..^40], "Content-Encoding: gzip", "Content-Type: application/json")), Passing(MalformedResponse, 200)),
        new("gzip that is true", Either(RespondWith(Zipped(Answers.Whole), "Content-Encoding: gzip"), RespondWith(Zipped(s_events), "Content-Encoding: gzip", "Content-Type: text/event-stream")), Whole()),
        new("passing error under a gzip that is none", Respond(503, "no gzip at all", "Content-Encoding: gzip"), Passing(UpstreamFailed, 503)),
        new("lasting error under a gzip that is none", Respond(403, "no gzip at all", "Content-Encoding: gzip"), Permanent(Forbidden, 403)),

        new("answer beyond every limit", Either(Flood("application/json", Answers.Whole[..100]), Flood("text/event-stream", "data: {\"x\":\"")), Permanent(MalformedResponse, 200, "larger than 64 MB")) { Streamed = Passing(MalformedResponse, null, "larger than") with { Attempts = 1, Before = null }, Call = options => options with { MaxRetries = 0 } },
        new("error of 5 MB", Respond(400, new string('x', 5 * Megabyte)), Permanent(InvalidRequest, 400, "xxx")),
        new("passing error without end", Send("HTTP/1.1 503 X\r\nContent-Type: text/plain\r\n\r\n").Then(Endless(new string('x', 64 * 1024))), Passing(UpstreamFailed, 503, "xxx")),
        new("error nested 100000 deep", Respond(400, new string('[', 100_000)), Permanent(InvalidRequest, 400)) { KeepsTheConnection = true },
        new("error with 10000 providers", Respond(500, Answers.Envelope("x", "y", [.. Enumerable.Range(0, 1000).Select(i => ("request_failed", 400, $"m/p{i}/ptb", "no"))])), Permanent(InvalidRequest, 400, "m/p9/ptb")) { KeepsTheConnection = true },
        new("error that is not UTF-8", async exchange =>
        {
            byte[] body = Encoding.Latin1.GetBytes("""{"error":{"message":"Modèle inconnu: model not found"}}""");
            await exchange.Raw.SendAsync($"HTTP/1.1 404 X\r\nContent-Length: {body.Length}\r\n\r\n");
            await exchange.Raw.SendAsync(body);
        }, Permanent(ModelNotFound, 404, "inconnu: model not found")) { KeepsTheConnection = true },

        .. new[] { 301, 302, 303, 307, 308 }.Select(status => new Fault(
            $"redirect {status} to another host",
            exchange => exchange.Raw.RespondAsync(status, "", "text/plain", $"Location: http://localhost:1/v1/chat/completions?key={Clients.Key}"),
            Permanent(InvalidRequest, status, "redirects")) { KeepsTheConnection = true }),
        new("redirect to nowhere", Respond(302, "moved"), Permanent(InvalidRequest, 302, "an unknown address")) { KeepsTheConnection = true },
    ];

    private static Fault Whole200(string name, string contentType, string body, string says) =>
        new("200: " + name, RespondAs(contentType, 200, body), Passing(MalformedResponse, 200, says)) { KeepsTheConnection = true };

    private static Fault Lying(string encoding) => new(
        encoding + " that is none",
        Either(
            RespondAs("application/json", 200, Answers.Whole, "Content-Encoding: " + encoding),
            RespondAs("text/event-stream", 200, s_events, "Content-Encoding: " + encoding)),
        Passing(MalformedResponse, 200, "cannot be decompressed")) { Streamed = Passing(MalformedResponse, null) };

    private static Func<FaultExchange, Task> Sized(int error) => exchange =>
    {
        string body = exchange.Streamed ? Answers.Text(Both) + Answers.Finish : Answers.Whole;
        string type = exchange.Streamed ? "text/event-stream" : "application/json";
        return exchange.Raw.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {body.Length + error}\r\n\r\n{body}");
    };

    /// <summary>A beginning, and then the same character without end.</summary>
    private static Func<FaultExchange, Task> Flood(string contentType, string beginning) =>
        Send($"HTTP/1.1 200 OK\r\nContent-Type: {contentType}\r\n\r\n{beginning}").Then(Endless(new string('x', Megabyte)));

    private static byte[] Zipped(string text)
    {
        using MemoryStream zipped = new();
        using (GZipStream gzip = new(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return zipped.ToArray();
    }
}
