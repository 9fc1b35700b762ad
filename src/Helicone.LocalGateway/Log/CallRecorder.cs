using System;
using System.Buffers;
using System.Collections.Generic;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.LocalGateway.Registry;
using Helicone.LocalGateway.Requests;
using Helicone.LocalGateway.Routing;
using Helicone.Offline.Errors;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Log;

/// <summary>What is known of one call, from its arrival to its entry in the log.</summary>
/// <remarks>The caller that answers the client reports the answer here first, and writes the last byte only after this has returned.</remarks>
internal sealed class CallRecorder : IDisposable
{
    // Some providers repeat the whole prompt in their refusal.
    private const int LongestMessage = 2000;

    private readonly RequestLog _log;
    private readonly TimeProvider _time;
    private readonly HttpRequest _http;
    private readonly CallTags _tags;
    private readonly Guid _id;
    private readonly DateTimeOffset _createdAt;
    private readonly long _started;
    private InferenceRequest? _request;
    private Attempt? _attempt;
    private ModelRegistry? _registry;
    private int _attempts;
    private long _asked;
    private List<FailedAttempt>? _failed;
    private RecordingWriter? _events;
    private PooledBuffer? _joined;
    private TimeSpan? _timeToFirstToken;

    public CallRecorder(RequestLog log, HttpRequest http, TimeProvider time)
    {
        _log = log;
        _http = http;
        _time = time;
        _createdAt = time.GetUtcNow();
        _started = time.GetTimestamp();
        _tags = CallTags.Of(http.Headers);
        Id = log.ClaimId(RequestIdHeader.Accept(_tags.RequestId));
        _id = Guid.Parse(Id);
    }

    /// <summary>The call's id in headers and log.</summary>
    public string Id { get; }

    /// <summary>How long the call has taken up to now.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_started);

    /// <summary>Indicates whether the call asked for the cache.</summary>
    public bool CacheEnabled { get; set; }

    /// <summary>Set on a hit: the id of the call whose answer this is. Such an answer costs nothing.</summary>
    public string? CacheReference { get; set; }

    /// <summary>Told when the entry has been written: before the client has the last byte of its answer, if it gets one.</summary>
    public Action<LogEntry>? Logged { get; set; }

    /// <summary>The entry, once it has been written.</summary>
    public LogEntry? Entry { get; private set; }

    /// <summary>
    /// Whether the call is one (what cannot be understood is none, as on Helicone's cloud, and a client may find out with it whether its key is
    /// good) and has not been logged yet. There is no second try.
    /// </summary>
    public bool IsOpen { get; private set; }

    /// <summary>The call was read. From now on its body belongs to the recorder, which writes it to the log even after everything else has ended.</summary>
    public void Received(InferenceRequest request, ModelRegistry registry)
    {
        _request = request;
        IsOpen = true;
        _registry = registry;
    }

    /// <summary>A provider is asked.</summary>
    public void Asking(Attempt attempt)
    {
        _attempts++;
        _attempt = attempt;
        _asked = _time.GetTimestamp();
    }

    /// <summary>The provider that was asked last did not answer.</summary>
    public void Failed(AttemptError error)
    {
        string? message = _tags.OmitsResponse ? null : error.Message.Length <= LongestMessage ? error.Message : error.Message[..LongestMessage];
        (_failed ??= []).Add(new FailedAttempt(_attempts, _attempt!.Source, error.StatusCode, error.Type, message, _time.GetElapsedTime(_asked)));
    }

    /// <summary>The providers that were asked and did not answer, up to now.</summary>
    public IReadOnlyList<FailedAttempt> FailedAttempts => _failed ?? (IReadOnlyList<FailedAttempt>)[];

    /// <summary>Nobody is asked: this is the answer of an earlier call, and costs nothing.</summary>
    public void ServedFromCache(Attempt attempt, string callId)
    {
        _attempt = attempt;
        CacheReference = callId;
    }

    /// <summary>A writer that keeps what is streamed through it.</summary>
    public RecordingWriter Record(IBufferWriter<byte> output) => _events = new RecordingWriter(output);

    /// <summary>The first event is on its way.</summary>
    public void FirstEventSent() => _timeToFirstToken ??= _time.GetElapsedTime(_started);

    /// <summary>The whole answer is there. Returns when it is in the log.</summary>
    public ValueTask AnsweredAsync(int status, ReadOnlyMemory<byte> body) => CloseAsync(status, body, AnswerFacts.Read(body.Span));

    /// <summary>The stream has ended, except for its terminator. Returns when the call is in the log.</summary>
    public ValueTask StreamedAsync(int status) => CloseStreamAsync(status, brokenOff: null);

    /// <summary>The answer ended before its end: the client left, or the provider broke off, or something failed here.</summary>
    public ValueTask BrokenOffAsync(Exception reason)
    {
        // An answer that its provider cut is no success, whatever status it began with.
        int status = _http.HttpContext.RequestAborted.IsCancellationRequested ? LogStatus.Cancelled : 500;
        if (_events is not null)
        {
            return CloseStreamAsync(status, Describe(reason));
        }

        ArrayBufferWriter<byte> body = new();
        body.Write("{\"error\":"u8);
        LogErrorText.WriteTo(body, Describe(reason));
        body.Write("}"u8);
        return CloseAsync(status, body.WrittenMemory, default);
    }

    public void Dispose()
    {
        _log.ReleaseId(_id);
        _events?.Dispose();
        _joined?.Dispose();
        _request?.Dispose();
    }

    private static string Describe(Exception reason) => reason switch
    {
        OperationCanceledException => "The client disconnected before the end.",

        // What a provider's connection died of is worth knowing; any other message may quote what must not be in the log.
        System.IO.IOException => "The answer broke off: " + reason.Message,
        _ => "The gateway failed: " + reason.GetType().Name,
    };

    private ValueTask CloseStreamAsync(int status, string? brokenOff)
    {
        RecordingWriter events = _events!;
        _joined = new PooledBuffer(Math.Clamp(events.Written.Length / 4, 1024, 1024 * 1024), MemoryBudget.OfProcess, isRefusable: false);
        ReadOnlyMemory<byte> body = StreamJoiner.TryJoin(events.Written.Span, brokenOff, _joined, out AnswerFacts facts) ? _joined.WrittenMemory : events.Written;
        return CloseAsync(status, events.IsTruncated ? null : body, facts);
    }

    private async ValueTask CloseAsync(int status, ReadOnlyMemory<byte>? body, AnswerFacts facts)
    {
        IsOpen = false;
        LogEntry entry = new()
        {
            Id = _id,
            CreatedAt = _createdAt,
            Latency = _time.GetElapsedTime(_started),
            TimeToFirstToken = _timeToFirstToken,
            RequestedModel = _request?.Model,
            ServedModel = facts.Model,
            ModelOverride = _tags.ModelOverride,
            Provider = _attempt?.Provider.Name,
            Attempts = _attempts,
            FailedAttempts = FailedAttempts,
            Status = status,
            Usage = facts.Usage,
            Cost = Cost(facts.Usage),
            CacheEnabled = CacheEnabled,
            CacheReference = CacheReference,
            SessionId = _tags.SessionId,
            SessionName = _tags.SessionName,
            SessionPath = _tags.SessionPath,
            UserId = _tags.UserId,
            Properties = _tags.Properties,
            Path = _http.Path.Value,
            TargetUrl = _attempt?.Provider.TargetUrlOf(_request?.Mapping),
            BodyMapping = _request?.Mapping switch { null => null, Requests.BodyMapping.OpenAI => "OPENAI", Requests.BodyMapping.Responses => "RESPONSES", _ => "NO_MAPPING" },
            PromptId = _tags.PromptId,
            RequestBody = _tags.OmitsRequest ? null : _request?.Body.Json,
            ResponseBody = _tags.OmitsResponse || body is { Length: 0 } ? null : body,
        };
        await _log.AppendAsync(entry);
        Entry = entry;
        Logged?.Invoke(entry);
    }

    private decimal? Cost(ChatUsage? usage) => CacheReference is not null ? 0 : _registry is null ? null : CallCost.Of(_registry, _tags.ModelOverride ?? _attempt?.Model, _attempt?.Provider.Name, usage);
}
