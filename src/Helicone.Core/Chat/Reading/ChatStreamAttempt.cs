using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Http;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Http;
using Helicone.Resilience;

namespace Helicone.Chat;

/// <summary>One attempt at a stream: the open response, its events, and the answer as far as it is known.</summary>
internal sealed class ChatStreamAttempt : IAsyncDisposable
{
    private readonly ChatCall _call;
    private readonly CallRun _run;
    private readonly HttpResponseMessage _response;
    private readonly CancellationTokenRegistration _abort;
    private readonly string? _requestId;
    private readonly Queue<ChatChunk> _ready = new();
    private readonly ChatAssembler _answer = new();
    private GuardedStream? _body;
    private IAsyncEnumerator<SseItem<ChatStreamEvent>>? _events;
    private TimeSpan? _timeToFirstToken;
    private bool _isDocument;
    private bool _given;
    private bool _ended;
    private bool _endsWithUsage;

    private ChatStreamAttempt(ChatCall call, CallRun run, HttpResponseMessage response)
    {
        _call = call;
        _run = run;
        _response = response;
        _requestId = call.RequestId(response);
        _abort = ResponseBody.AbortOnCancel(response, run.Token);
    }

    /// <summary>Sends the request and reads up to the first chunk.</summary>
    internal static async Task<ChatStreamAttempt> OpenAsync(ChatCall call, CallRun run)
    {
        run.Watchdog.Begin(TimeoutPhase.FirstToken, run.FirstTokenTimeout);
        HttpResponseMessage response = await call.Gateway.SendAsync(run).ConfigureAwait(false);
        if (run.Recording is { } recording)
        {
            await recording.CaptureAsync(response).ConfigureAwait(false);
        }

        ChatStreamAttempt attempt = new(call, run, response);
        try
        {
            await attempt.StartAsync().ConfigureAwait(false);
            return attempt;
        }
        catch
        {
            await attempt.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _abort.Dispose();
        try
        {
            if (_events is not null)
            {
                await _events.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _body?.Dispose();
            _response.Dispose();
        }
    }

    internal bool TryTake(out ChatChunk? chunk)
    {
        if (_ready.Count > 0)
        {
            chunk = _ready.Dequeue();
            _given = true;
            return true;
        }

        chunk = null;
        return false;
    }

    /// <summary>Reads the next event; <see langword="false"/> at the end of the stream.</summary>
    internal async ValueTask<bool> ReadAsync()
    {
        if (_ended || _events is null)
        {
            return false;
        }

        // Only the server's silence counts, not the time that a consumer takes over a chunk.
        _run.Watchdog.Resume();
        try
        {
            if (!await _events.MoveNextAsync().ConfigureAwait(false))
            {
                _ended = true;
                return false;
            }
        }
        catch (Exception e) when (ResponseBody.IsBreak(e))
        {
            if (_answer.IsFinished && !_run.IsCancelled)
            {
                // The model had finished; only the end markers are missing.
                _ended = true;
                return false;
            }

            Exception meaning = _run.Interpret(e, _answer.PartialText);
            throw meaning is HeliconeException failed ? Broken(failed) : _run.Failed(meaning);
        }
        catch (Exception e) when (e is JsonException || ResponseBody.IsUndecodable(e))
        {
            throw Broken(new HeliconeException(HeliconeErrorKind.MalformedResponse, "An event of the stream cannot be read: " + e.Message, e) { RequestId = _requestId });
        }

        _run.Watchdog.Pause();
        ChatStreamEvent item = _events.Current.Data;
        if (item.Error is not null)
        {
            throw Broken(_call.TryReadError(item.Error, _requestId)
                ?? new HeliconeException(HeliconeErrorKind.UpstreamFailed, "The stream reports an error: " + _call.Excerpt(item.Error))
                {
                    RequestId = _requestId,
                });
        }

        if (item.IsDone)
        {
            _endsWithUsage = _answer.EndsWithUsage;
            _ended = true;
            return false;
        }

        if (item.Part is { } part)
        {
            _answer.Add(part);
            if (_answer.First.FinishReason == ChatDelta.FinishedByError)
            {
                throw Broken(_call.FinishedByError(_response));
            }

            Emit(part);
            if (_run.Budget?.CutOff(part) is { } tooLong)
            {
                throw Broken(tooLong);
            }
        }

        return true;
    }

    /// <summary>The last chunk, with the whole answer.</summary>
    /// <exception cref="HeliconeException">The model didn't finish.</exception>
    internal async Task<ChatChunk> FinishAsync(CancellationToken cancellationToken)
    {
        if (!IsWhole)
        {
            throw NotFinished();
        }

        _run.Ended(null);
        ChatCompletion completion = _call.ToCompletion(new ChatAnswer(_answer, _requestId), _response.Headers, _run, _timeToFirstToken);
        _call.Price(completion);
        _run.Budget?.Answered(completion.Cost);
        return new ChatChunk { FinishReason = completion.FinishReason, Usage = completion.Usage, RequestId = _requestId, Completion = completion };
    }

    /// <summary>
    /// A whole document is a whole answer, with or without a finish reason. A stream needs one, or something of an answer and then the usage as its last
    /// event before <c>[DONE]</c>, which alone proves nothing: the gateway appends it to a stream that was cut as well.
    /// </summary>
    private bool IsWhole => _isDocument || _answer.IsFinished || _endsWithUsage;

    private async Task StartAsync()
    {
        // Only where the server is sure of it: the gateway leaves the type out, or calls JSON text, and others call their events text.
        string? mediaType = _response.Content.Headers.ContentType?.MediaType;
        if (mediaType is not null && (mediaType.EndsWith("json", StringComparison.OrdinalIgnoreCase) || mediaType.EndsWith("html", StringComparison.OrdinalIgnoreCase)))
        {
            ArraySegment<byte> body = await ResponseBody.ReadAsync(_response, _run, ResponseBody.MaxAnswerBytes, truncate: false).ConfigureAwait(false);
            TakeDocument(body.AsSpan());
            return;
        }

        Stream stream = await ResponseBody.OpenAsync(_response, _run.Token).ConfigureAwait(false);
        _body = new GuardedStream(stream, _run.Watchdog, ServerSentEvents.MaxEventBytes, ServerSentEvents.MaxStreamBytes);
        _events = ServerSentEvents.Parse(_body, _answer.Head).EnumerateAsync(_run.Token).GetAsyncEnumerator(_run.Token);
        while (_ready.Count == 0)
        {
            if (!await ReadAsync().ConfigureAwait(false))
            {
                if (!IsWhole)
                {
                    TakeDocument(_body.Head.Span);
                }

                break;
            }
        }
    }

    /// <summary>The server answered the request for a stream with one document: an answer, or an error in its place.</summary>
    private void TakeDocument(ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<byte> document = ServerSentEvents.SkipByteOrderMark(body);
        if (_body is not null && (document.Length == 0 || document[0] is not ((byte)'{' or (byte)'<')))
        {
            throw NotFinished();
        }

        ChatEvent answer = _call.ReadAnswer(document, _response);
        _answer.Add(answer);
        _isDocument = true;
        _ended = true;
        Emit(answer);
    }

    private void Emit(ChatEvent part)
    {
        if (part.Choice is not { } first)
        {
            return;
        }

        Emit(first);
        foreach (ChatDelta choice in part.MoreChoices)
        {
            Emit(choice);
        }
    }

    private void Emit(ChatDelta choice)
    {
        bool speaks = choice.Speaks;
        if (!speaks && choice.FinishReason is null)
        {
            return;
        }

        if (speaks)
        {
            _timeToFirstToken ??= _run.Elapsed;
        }

        _ready.Enqueue(new ChatChunk
        {
            Text = choice.Text ?? string.Empty,
            Reasoning = choice.Reasoning,
            Refusal = choice.Refusal,
            FinishReason = choice.FinishReason,
            ToolCalls = choice.ToolCalls is { } pieces ? pieces.ConvertAll(static piece => piece.ToCall()) : [],
            RequestId = _requestId,
            Index = choice.Index,
        });
    }

    private HeliconeException NotFinished() => Broken(new HeliconeException(
        HeliconeErrorKind.StreamInterrupted,
        _answer.PartialText is { } text
            ? FormattableString.Invariant($"The stream ended before the model was done: {text.Length} characters came, and no finish_reason.")
            : _answer.IsEmpty ? "The stream ended before it brought anything." : "The stream ended before the model was done: no text came, and no finish_reason.")
    {
        RequestId = _requestId,
    });

    // What a consumer has already seen cannot be asked for again.
    private HeliconeException Broken(HeliconeException e)
    {
        _run.Ended(e);
        return e.With(_run.Attempts, _answer.PartialText, isTransient: e.IsTransient && !_given);
    }
}
