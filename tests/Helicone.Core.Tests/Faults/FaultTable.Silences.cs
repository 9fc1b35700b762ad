using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using static Helicone.Core.Tests.Faults.Expectation;
using static Helicone.Core.Tests.Faults.Script;
using static Helicone.Errors.HeliconeErrorKind;

namespace Helicone.Core.Tests.Faults;

public static partial class FaultTable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_never = TimeSpan.FromDays(1);

    private static IEnumerable<Fault> Silences() =>
    [
        Late("headers that never come", Silence, Out(TimeoutPhase.Total), Limits(total: true, first: false, idle: false)),
#if !NETSTANDARD_CORE
        // The .NET Standard build's handler drops a connection late on .NET, so the silent server still moves the clock in the next attempt.
        Late("headers that never come, and a limit for the first token", Script.First(2, Either(Respond(503, "not yet"), Silence)), Whole(3, UpstreamFailed), Limits(total: false, first: true, idle: false))
            with { Streamed = Whole(3, TimedOut) },
#endif
        Late("headers that come late", exchange =>
        {
            exchange.Pass(TimeSpan.FromMinutes(9));
            return exchange.AnswerAsync();
        }, Whole(), Limits(total: true, first: true, idle: true)),
        Late("answer that stops in the middle", HalfAnswer.Then(Either(Silence, OnceSeen(Silence))), Passing(TimedOut, null, "The answer stopped") with { Phase = TimeoutPhase.Idle }, Limits(total: false, first: false, idle: true))
            with { Streamed = Cut(TimedOut, "Rayleigh ") with { Phase = TimeoutPhase.Idle } },
        Late("answer that stops in the middle, once", First(1, Either(HalfAnswer, Begin(Answers.Role)).Then(Silence)), Whole(2, TimedOut), Limits(total: false, first: true, idle: true)),
        Late("nothing but a role, and silence", Either(Send("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"), Begin(Answers.Role)).Then(Silence), Passing(TimedOut, null) with { Phase = TimeoutPhase.Idle }, Limits(total: false, first: true, idle: true))
            with { Streamed = Passing(TimedOut, null, "No first token") with { Phase = TimeoutPhase.FirstToken } },
        Late("comments without end, and no token", Begin().Then(Drip(": still thinking\n\n")), Out(TimeoutPhase.Total), Limits(total: true, first: false, idle: false)),
        Late("comments without end, and a limit for the first token", First(1, Either(Reset, Begin().Then(Drip(": still thinking\n\n")))), Whole(2, Unreachable), Limits(total: false, first: true, idle: false))
            with { Streamed = Whole(2, TimedOut) },
        Late("body that drips without end", Either(Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), Begin()).Then(Drip(" ")), Out(TimeoutPhase.Total), Limits(total: true, first: false, idle: true)),
        Late("body of a passing error that stops", Send("HTTP/1.1 503 X\r\nContent-Length: 500\r\n\r\nDown for maint").Then(Silence), Passing(UpstreamFailed, 503, "Down for maint"), Limits(total: false, first: false, idle: true)),
        Late("body of a lasting error that stops", Send("HTTP/1.1 403 X\r\nContent-Length: 500\r\n\r\nNot for you").Then(Silence), Permanent(Forbidden, 403, "Not for you"), Limits(total: false, first: false, idle: true)),
        new("body that drips, byte by byte", Dripped, Whole()),
    ];

    private static Fault Late(string name, Func<FaultExchange, Task> script, Expectation expected, Func<RequestOptions, RequestOptions> limits) =>
        new(name, script, expected) { TimeIsFaked = true, Call = limits };

    private static Func<RequestOptions, RequestOptions> Limits(bool total, bool first, bool idle) => options => options with
    {
        TotalTimeout = total ? s_limit : s_never,
        FirstTokenTimeout = first ? s_limit : s_never,
        IdleTimeout = idle ? s_limit : s_never,
    };

    // With the total, the time for another attempt is gone as well.
    private static Expectation Out(TimeoutPhase phase) => new() { Kind = TimedOut, Phase = phase };

    /// <summary>The same chunk again and again while time passes, until the client leaves.</summary>
    private static Func<FaultExchange, Task> Drip(string text) => async exchange =>
    {
        while (true)
        {
            await exchange.Raw.ChunkAsync(text);
            await Task.Delay(5, exchange.Raw.Stop);
            exchange.Pass(TimeSpan.FromSeconds(30));
        }
    };

    private static async Task Dripped(FaultExchange exchange)
    {
        string body = exchange.Streamed
            ? Answers.Role + Answers.Text("Rayleigh ") + Answers.Text("scattering.") + Answers.Finish + Answers.Usage + Answers.Done
            : Answers.Whole;
        await exchange.Raw.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: {(exchange.Streamed ? "text/event-stream" : "application/json")}\r\nTransfer-Encoding: chunked\r\n\r\n");
        foreach (char c in body)
        {
            await exchange.Raw.ChunkAsync(c.ToString());
        }

        await exchange.Raw.EndAsync();
    }
}
