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
    private bool _ended;

    private ChatStreamAttempt(ChatCall call, CallRun run, HttpResponseMessage response)
    {
        _call = call;
        _run = run;
        _response = response;
        _requestId = ChatCall.Header(response, "Helicone-Id");
        _abort = ResponseBody.AbortOnCancel(response, run.Token);
    }

    /// <summary>Sends the request and reads up to the first chunk.</summary>
    internal static async Task<ChatStreamAttempt> OpenAsync(ChatCall call, CallRun run)
    {
        run.Watchdog.Begin(TimeoutPhase.FirstToken, run.FirstTokenTimeout);
        HttpResponseMessage response = await call.SendAsync(run).ConfigureAwait(false);
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

        try
        {
            if (!await _events.MoveNextAsync().ConfigureAwait(false))
            {
                _ended = true;
                return false;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or InvalidOperationException)
        {
            throw Broken(new HeliconeException(HeliconeErrorKind.MalformedResponse, "An event of the stream cannot be read: " + e.Message, e));
        }
        catch (Exception e) when (e is IOException or HttpRequestException or ObjectDisposedException or OperationCanceledException)
        {
            if (_answer.FinishReason is not null && !_run.Token.IsCancellationRequested)
            {
                // The model had said that it was done; only the formalities are missing.
                _ended = true;
                return false;
            }

            Exception meaning = _run.Interpret(e, _answer.PartialText);
            throw meaning is HeliconeException failed ? Broken(failed) : meaning;
        }

        ChatStreamEvent item = _events.Current.Data;
        if (item.Error is not null)
        {
            throw Broken(_call.TryReadError(item.Error, _requestId)
                ?? new HeliconeException(HeliconeErrorKind.UpstreamFailed, "The stream reports an error: " + Redaction.Scrub(System.Text.Encoding.UTF8.GetString(item.Error)))
                {
                    RequestId = _requestId,
                });
        }

        if (item.IsDone)
        {
            _ended = true;
            return false;
        }

        if (item.Part is { } part)
        {
            _answer.Add(part);
            Emit(part);
        }

        return true;
    }

    /// <summary>The last chunk, with the whole answer.</summary>
    /// <exception cref="HeliconeException">The model never said that it was done.</exception>
    internal async Task<ChatChunk> FinishAsync(CancellationToken cancellationToken)
    {
        if (_answer.FinishReason is null)
        {
            throw NotFinished();
        }

        ChatCompletion completion = _call.ToCompletion(_answer, _response, _run, _timeToFirstToken);
        await _call.PriceAsync(completion, cancellationToken).ConfigureAwait(false);
        return new ChatChunk { FinishReason = completion.FinishReason, Usage = completion.Usage, RequestId = _requestId, Completion = completion };
    }

    private async Task StartAsync()
    {
        string? mediaType = _response.Content.Headers.ContentType?.MediaType;
        if (mediaType is not null && !mediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            await ReadWholeAsync().ConfigureAwait(false);
            return;
        }

        Stream stream = await ResponseBody.OpenAsync(_response, _run.Token).ConfigureAwait(false);
        _body = new GuardedStream(stream, _run.Watchdog, ServerSentEvents.MaxEventBytes);
        _events = ServerSentEvents.Parse(_body).EnumerateAsync(_run.Token).GetAsyncEnumerator(_run.Token);
        while (_ready.Count == 0)
        {
            if (!await ReadAsync().ConfigureAwait(false))
            {
                if (_answer.FinishReason is null)
                {
                    throw NotFinished();
                }

                break;
            }
        }
    }

    /// <summary>The server answered a stream's request with one document: an answer all the same, or what stands in its place.</summary>
    private async Task ReadWholeAsync()
    {
        ArraySegment<byte> body;
        try
        {
            body = await ResponseBody.ReadAsync(_response, _run, ResponseBody.MaxAnswerBytes, truncate: false).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or ObjectDisposedException)
        {
            throw _run.Interpret(e, partialText: null);
        }

        ReadOnlyMemory<byte> json = body.AsMemory();
        ChatEvent answer;
        try
        {
            answer = ChatJson.Read(ServerSentEvents.WithoutMark(json.Span));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw _call.NotAnAnswer(json.Span, _response, e);
        }

        if (answer.HasError || answer.Choice is not { HasMessage: true })
        {
            throw _call.NotAnAnswer(json.Span, _response, null);
        }

        // A whole document is a whole answer, whether or not it says why it ended.
        answer.Choice.FinishReason ??= "stop";
        _answer.Add(answer);
        Emit(answer);
        _ended = true;
    }

    private void Emit(ChatEvent part)
    {
        if (part.Choice is not { } first)
        {
            return;
        }

        Emit(first);
        foreach (ChatChoice choice in part.MoreChoices)
        {
            Emit(choice);
        }
    }

    // A chunk that only names the role says nothing that anyone waits for.
    private void Emit(ChatChoice choice)
    {
        bool speaks = !string.IsNullOrEmpty(choice.Text) || !string.IsNullOrEmpty(choice.Reasoning) || choice.ToolCalls is { Length: > 0 };
        if (!speaks && choice.FinishReason is null && choice.Extra is null)
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
            FinishReason = choice.FinishReason,
            ToolCalls = choice.ToolCalls ?? [],
            RequestId = _requestId,
            Index = choice.Index,
        });
    }

    private HeliconeException NotFinished() => Broken(new HeliconeException(
        HeliconeErrorKind.StreamInterrupted,
        _answer.PartialText is { } text
            ? $"The stream ended before the model was done: {text.Length} characters came, and no finish_reason."
            : "The stream ended before it brought anything.")
    {
        RequestId = _requestId,
    });

    // What a consumer has already seen cannot be asked for again.
    private HeliconeException Broken(HeliconeException e) =>
        e.With(_run.Attempts, _answer.PartialText, isTransient: e.IsTransient && _timeToFirstToken is null);
}
