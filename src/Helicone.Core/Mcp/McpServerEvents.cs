using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;

namespace Helicone.Mcp;

/// <summary>The messages that a server sends without a request, passed to the caller that started a call last. Without a caller, nothing is shown and requests are refused.</summary>
internal sealed class McpServerEvents(McpServer server, McpServerOptions options) : IMcpHandler
{
    private const int MaxLog = 2_000;
    private const int MaxLevel = 20;

    private readonly List<Attendance> _present = [];
    private readonly HashSet<string> _changed = [];
    private Attendance? _left;

    /// <summary>Makes an attendant the one that is asked, until the result is disposed.</summary>
    internal IDisposable Attend(McpAttendant? attendant)
    {
        Attendance attendance = new(this, attendant ?? new McpAttendant());
        lock (_present)
        {
            // A call within a call, such as a list before a tool call, has the same caller.
            if (attendant is not null || _present.Count == 0)
            {
                _present.Add(attendance);
            }
        }

        return attendance;
    }

    /// <summary>Indicates whether a list has changed since the last call.</summary>
    internal bool TakeChange(string list)
    {
        lock (_changed)
        {
            return _changed.Remove(list);
        }
    }

    internal void Warn(string text) => Last()?.Attendant.OnWarning?.Invoke(text);

    /// <summary>Shows the progress of a call to the caller of that call.</summary>
    internal Action<double, double?, string?>? Progress(McpAttendant? attendant) => attendant?.OnProgress is not { } show
        ? null
        : (progress, total, message) => show(new McpProgress(progress, total, message is null ? null : Cut(server.Redact(message))));

    public void Log(string level, string text) => Last()?.Attendant.OnLog?.Invoke($"{server.Name} ({(level.Length <= MaxLevel ? level : "log")}): {Cut(server.Redact(text))}");

    public void Report(string text) => Last()?.Attendant.OnLog?.Invoke(server.Redact(text));

    public string Redact(string text) => server.Redact(text);

    public void Changed(string list)
    {
        lock (_changed)
        {
            _changed.Add(list);
        }
    }

    public async Task<string> SampleAsync(string parameters, CancellationToken cancellationToken)
    {
        Attendance attendance = Take("sampling requests");
        if (!options.AllowSampling || attendance.Attendant.Sample is not { } sample)
        {
            throw new McpException(McpErrorKind.Refused, "The user doesn't allow sampling.");
        }

        ChatRequest request = McpServer.Read(parameters, McpSampling.Read);
        ChatCompletion answer = await sample(new McpSamplingRequest(server.Name, request), cancellationToken).ConfigureAwait(false)
            ?? throw new McpException(McpErrorKind.Refused, "The user refused the sampling request.");
        return McpSampling.Write(answer);
    }

    public async Task<string> ElicitAsync(string parameters, CancellationToken cancellationToken)
    {
        Attendance attendance = Take("questions");
        if (!options.AllowElicitation || attendance.Attendant.Ask is not { } ask)
        {
            return McpElicitation.Declined;
        }

        McpAnswer? answer = await ask(McpServer.Read(parameters, root => McpElicitation.Read(server.Name, root)), cancellationToken).ConfigureAwait(false);
        return answer is null ? McpElicitation.Declined : McpElicitation.Write(answer);
    }

    private static string Cut(string text) => text.Length <= MaxLog ? text : text.Substring(0, MaxLog) + "…";

    private Attendance? Present()
    {
        lock (_present)
        {
            return _present.LastOrDefault();
        }
    }

    // The SDK handles messages side by side, so a log message may come just after the result that it precedes.
    private Attendance? Last()
    {
        lock (_present)
        {
            return _present.LastOrDefault() ?? _left;
        }
    }

    private Attendance Take(string what)
    {
        Attendance attendance = Present() ?? throw new McpException(McpErrorKind.Refused, "No call is running.");
        return Interlocked.Increment(ref attendance.Requests) <= McpLimits.RequestsPerCall
            ? attendance
            : throw new McpException(McpErrorKind.Refused, string.Format(CultureInfo.InvariantCulture, "A server may send at most {0} {1} during one call.", McpLimits.RequestsPerCall, what));
    }

    private sealed class Attendance(McpServerEvents events, McpAttendant attendant) : IDisposable
    {
        internal int Requests;

        internal McpAttendant Attendant => attendant;

        public void Dispose()
        {
            lock (events._present)
            {
                if (events._present.Remove(this))
                {
                    events._left = this;
                }
            }
        }
    }
}
