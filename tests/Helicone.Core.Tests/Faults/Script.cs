using Helicone.Core.Tests.Servers;

namespace Helicone.Core.Tests.Faults;

/// <summary>What servers do.</summary>
internal static class Script
{
    internal static Func<FaultExchange, Task> Answer { get; } = exchange => exchange.AnswerAsync();

    internal static Func<FaultExchange, Task> Silence { get; } = exchange => exchange.SilenceAsync();

    internal static Func<FaultExchange, Task> Reset { get; } = exchange =>
    {
        exchange.Raw.Reset();
        return Task.CompletedTask;
    };

    internal static Func<FaultExchange, Task> Close { get; } = exchange =>
    {
        exchange.Raw.Close();
        return Task.CompletedTask;
    };

    /// <summary>For the first attempts; from then on the answer.</summary>
    internal static Func<FaultExchange, Task> First(int attempts, Func<FaultExchange, Task> script) =>
        exchange => exchange.Attempt <= attempts ? script(exchange) : exchange.AnswerAsync();

    /// <summary>The one for calls that wait for the whole answer, the other for streams.</summary>
    internal static Func<FaultExchange, Task> Either(Func<FaultExchange, Task> whole, Func<FaultExchange, Task> streamed) =>
        exchange => exchange.Streamed ? streamed(exchange) : whole(exchange);

    internal static Func<FaultExchange, Task> Then(this Func<FaultExchange, Task> first, Func<FaultExchange, Task> second) => async exchange =>
    {
        await first(exchange);
        await second(exchange);
    };

    /// <summary>A whole response.</summary>
    internal static Func<FaultExchange, Task> Respond(int status, string body, params string[] headers) =>
        exchange => exchange.Raw.RespondAsync(status, body, "text/plain;charset=UTF-8", headers);

    /// <summary>A whole response of a content type.</summary>
    internal static Func<FaultExchange, Task> RespondAs(string contentType, int status, string body, params string[] headers) =>
        exchange => exchange.Raw.RespondAsync(status, body, contentType, headers);

    /// <summary>A whole response of bytes, whatever its header calls them.</summary>
    internal static Func<FaultExchange, Task> RespondWith(byte[] body, params string[] headers) => async exchange =>
    {
        await exchange.Raw.SendAsync($"HTTP/1.1 200 X\r\nContent-Length: {body.Length}\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n");
        await exchange.Raw.SendAsync(body);
    };

    /// <summary>Bytes as they are.</summary>
    internal static Func<FaultExchange, Task> Send(string text) => exchange => exchange.Raw.SendAsync(text);

    /// <summary>The beginning of an answer, of which more is announced.</summary>
    internal static Func<FaultExchange, Task> HalfAnswer { get; } = Either(
        Send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"choices\":[{\"message\":{\"content\":\"Rayleigh"),
        Begin(Answers.Role, Answers.Text("Rayleigh ")));

    /// <summary>An event stream that goes on.</summary>
    internal static Func<FaultExchange, Task> Begin(params string[] events) => async exchange =>
    {
        await exchange.Raw.BeginEventsAsync();
        foreach (string text in events)
        {
            await exchange.Raw.ChunkAsync(text);
        }
    };

    /// <summary>An event stream that ends as HTTP requires.</summary>
    internal static Func<FaultExchange, Task> Events(params string[] events) => Begin(events).Then(exchange => exchange.Raw.EndAsync());

    /// <summary>What the consumer has not seen, a reset would take away from it.</summary>
    internal static Func<FaultExchange, Task> OnceSeen(Func<FaultExchange, Task> script) => async exchange =>
    {
        await exchange.Seen.WaitAsync(exchange.Raw.Stop);
        await script(exchange);
    };
}
