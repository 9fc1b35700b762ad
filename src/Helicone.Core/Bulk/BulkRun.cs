using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Attribution;
using Helicone.Chat;
using Helicone.Errors;
using Helicone.Resilience;
using Helicone.Schemas;
using Helicone.Spending;

namespace Helicone.Bulk;

/// <summary>Many calls as one run: so many at once, at a pace, past a breaker, with a journal.</summary>
/// <remarks>
/// <para>For one consumer: <see cref="Start(ChatRequest, RequestOptions, CancellationToken)"/>, <see cref="TryTake"/> and <see cref="WaitAsync"/> are not safe for use from several threads at once.</para>
/// <para>
/// When going on makes no sense the run is halted (<see cref="Halted"/>): calls under way go on to their end, since they are being paid for,
/// and what has not been sent by then comes out as <see cref="BulkResult.NotSent"/>.
/// </para>
/// </remarks>
public sealed class BulkRun : IDisposable
{
    // A rough measure is enough where the usage corrects it: four characters a token, and an answer of middling length.
    private const int CharactersPerToken = 4;
    private const int AnswerTokens = 256;

    private readonly ChatClient _chat;
    private readonly BulkOptions _options;
    private readonly CallWindow<BulkResult> _window;
    private readonly BulkPacer _pacer;
    private readonly RunRateLimit _limit;
    private readonly BulkBreaker _breaker;
    private readonly Dictionary<string, int> _occurrences = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _halt = new();
    private TaskCompletionSource<bool>? _offlineProbe;
    private Exception? _halted;
    private int _finished;
    private int _failed;

    /// <summary>Begins a run.</summary>
    public BulkRun(ChatClient chat, BulkOptions options)
    {
        _chat = chat;
        _options = options;
        _window = new CallWindow<BulkResult>(options.ThrottleLimit, options.AsCompleted);
        _pacer = new BulkPacer(options.RequestsPerMinute, options.TokensPerMinute, options.TimeProvider, chat.Options.RetryDelay, chat.Options.Random);
        _limit = new RunRateLimit(options.ThrottleLimit, options.TimeProvider);
        _breaker = new BulkBreaker(options.WaitForGateway, options.TimeProvider);
    }

    /// <summary>The number of items that were started and not yet taken.</summary>
    public int Count => _window.Count;

    /// <summary>The number of items in flight.</summary>
    public int Running => _window.Running;

    /// <summary>Indicates whether another item has to wait.</summary>
    public bool IsFull => _window.IsFull;

    /// <summary>
    /// Why nothing more is sent; <see langword="null"/> while the run goes on. A <see cref="GatewayGoneException"/>, an
    /// <see cref="ErrorThresholdException"/>, a <see cref="JournalException"/>, or the <see cref="HeliconeException"/> of a local gateway that
    /// cannot write its log or of a spending ceiling.
    /// </summary>
    public Exception? Halted => Volatile.Read(ref _halted);

    /// <summary>Starts an item. What becomes of it is in its result; only cancellation throws when it is taken.</summary>
    /// <exception cref="ArgumentException">The request cannot go on the wire (with a journal, where that is known before anything is sent).</exception>
    public void Start(ChatRequest request, RequestOptions? options = null, CancellationToken cancellationToken = default) => StartLoop(request, options, next: null, cancellationToken);

    /// <summary>Starts an item that may take several calls. It is one item of the journal: its key is the first request, and its answer the last one.</summary>
    /// <param name="request">The first request.</param>
    /// <param name="options">The options of each call.</param>
    /// <param name="next">Returns the request that follows an answer, or <see langword="null"/> when the answer is final. Called on any thread.</param>
    /// <param name="cancellationToken">Ends the item.</param>
    /// <exception cref="ArgumentException">The request cannot go on the wire (with a journal, where that is known before anything is sent).</exception>
    public void StartLoop(ChatRequest request, RequestOptions? options, Func<ChatCompletion, Task<ChatRequest?>>? next, CancellationToken cancellationToken)
    {
        options ??= new RequestOptions();
        JournalItem? item = _options.Journal is { } journal ? Identify(journal, _chat.Call(request, options)) : null;
        _window.Start(() => request.Shape is null
            ? RunAsync(request, options, next, item, cancellationToken)
            : RunShapedAsync(request, options, next, item, cancellationToken));
    }

    /// <summary>Takes a finished item: the oldest, or with <see cref="BulkOptions.AsCompleted"/> whichever has finished.</summary>
    public bool TryTake(out Task<BulkResult> finished) => _window.TryTake(out finished);

    /// <summary>Waits until an item has finished since the last wait.</summary>
    public Task WaitAsync() => _window.WaitAsync();

    /// <summary>Ends the pacing. The journal stays open: it is its opener's.</summary>
    public void Dispose()
    {
        _pacer.Dispose();
        _halt.Dispose();
    }

    private JournalKey NextKey(string fingerprint)
    {
        _occurrences.TryGetValue(fingerprint, out int occurrence);
        _occurrences[fingerprint] = occurrence + 1;
        return new JournalKey(fingerprint, occurrence);
    }

    private JournalItem Identify(BulkJournal journal, ChatCall call) => new(
        NextKey(call.Fingerprint()),
        journal.HasFirstVersionKeys ? journal.Match(NextKey(call.FirstFingerprint())) : null,
        call.Route);

    /// <summary>Runs an item whose answer has a shape. An answer that doesn't fit is asked for once more.</summary>
    /// <remarks>
    /// The second call is an item of the journal like the first. Its key follows from the first answer, so that a resumed run finds both and
    /// sends neither.
    /// </remarks>
    private async Task<BulkResult> RunShapedAsync(ChatRequest request, RequestOptions options, Func<ChatCompletion, Task<ChatRequest?>>? next, JournalItem? item, CancellationToken cancellationToken)
    {
        BulkResult first = await RunAsync(request, options, next, item, cancellationToken).ConfigureAwait(false);
        if (first.Completion is not { } completion)
        {
            return first;
        }

        if (ShapedChat.TryRead(request.Shape!, [completion], out ShapedAnswer? answer, out HeliconeException? mismatch) || ShapedChat.FollowUp(request, completion, mismatch!) is not { } again)
        {
            return await ShapedAsync(first, answer, mismatch, item).ConfigureAwait(false);
        }

        // Its tools have run. What is asked for now is the same answer in its shape.
        again = next is null ? again : again with { ToolChoice = "none" };
        RequestOptions onceMore = ShapedChat.FollowUpOptions(options);
        JournalItem? following = item is null ? null : new JournalItem(new JournalKey(_chat.Fingerprint(again, onceMore), item.Key.Occurrence), null, item.Route);
        BulkResult second = await RunAsync(again, onceMore, null, following, cancellationToken).ConfigureAwait(false);
        if (second.Completion is not { } corrected)
        {
            return second.Error is { } error ? second with { Error = error.With([completion]) }
                : second.NotSent ? await ShapedAsync(first, null, mismatch, item).ConfigureAwait(false)
                : second;
        }

        _ = ShapedChat.TryRead(request.Shape!, [completion, corrected], out answer, out mismatch);
        return await ShapedAsync(second, answer, mismatch, following).ConfigureAwait(false);
    }

    // An item that failed is sent again when the run is resumed, and so is the last call of one whose answers don't fit.
    private async Task<BulkResult> ShapedAsync(BulkResult result, ShapedAnswer? answer, HeliconeException? mismatch, JournalItem? item)
    {
        if (answer is null && _options.Journal is { } journal && item is not null)
        {
            await KeepAsync(journal.WriteFailedAsync(item.Key, mismatch!)).ConfigureAwait(false);
        }

        Finished(failed: answer is null);
        return answer is null ? result with { Completion = null, Error = mismatch } : result with { Shaped = answer };
    }

    private async Task<BulkResult> RunAsync(ChatRequest request, RequestOptions options, Func<ChatCompletion, Task<ChatRequest?>>? next, JournalItem? item, CancellationToken cancellationToken)
    {
        bool sentBefore = false;
        TaskCompletionSource<bool>? probe = null;
        try
        {
            if (_options.Journal is { } journal && item is not null)
            {
                JournalKey known = item.KeyIn(journal);
                switch (journal.GetState(known))
                {
                    case JournalState.Done when !journal.IsOffline(known) || item.AsksForOffline || await IsStillOfflineAsync(out probe).ConfigureAwait(false):
                        ChatCompletion kept = await journal.ReadAsync(known, options.Input, cancellationToken).ConfigureAwait(false);
                        _chat.Price(kept, item.Route);
                        kept.Asked = () => _chat.Call(request, options).Asked();
                        return new BulkResult { Input = options.Input, Completion = kept };
                    case JournalState.Sent when _options.Resume == ResumeMode.Skip:
                        return new BulkResult { Input = options.Input, WasSentBefore = true, Skipped = true };
                    case JournalState.Sent:
                        sentBefore = true;
                        break;
                }
            }

            BulkResult result = await SendAsync(request, options, next, item, cancellationToken).ConfigureAwait(false) with { WasSentBefore = sentBefore };
            probe?.TrySetResult(CostCalculator.IsFree(result.Completion?.Provider));
            return result;
        }
        catch (JournalException e)
        {
            // Without its journal a run would pay for answers that the next one pays for again.
            Halt(e);
            return new BulkResult { Input = options.Input, NotSent = true, WasSentBefore = sentBefore };
        }
        catch (GatewayGoneException e)
        {
            Halt(e);
            return new BulkResult { Input = options.Input, NotSent = true, WasSentBefore = sentBefore };
        }
        catch (OperationCanceledException) when (Halted is not null && !cancellationToken.IsCancellationRequested)
        {
            return new BulkResult { Input = options.Input, NotSent = true, WasSentBefore = sentBefore };
        }
        finally
        {
            probe?.TrySetResult(false);
        }
    }

    /// <summary>Indicates whether the offline stand-in would still answer, so that its answers in the journal count.</summary>
    /// <param name="probe">Set for the first item that asks: it is sent, which costs nothing while the stand-in answers, and the others wait for its result.</param>
    /// <remarks>The stand-in answers while the gateway has no provider. With a provider, a model must answer, and an offline answer never counts as a model's.</remarks>
    private Task<bool> IsStillOfflineAsync(out TaskCompletionSource<bool>? probe)
    {
        TaskCompletionSource<bool> mine = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<bool>? first = Interlocked.CompareExchange(ref _offlineProbe, mine, null);
        probe = first is null ? mine : null;
        return first?.Task ?? Task.FromResult(false);
    }

    private async Task<BulkResult> SendAsync(ChatRequest request, RequestOptions options, Func<ChatCompletion, Task<ChatRequest?>>? next, JournalItem? item, CancellationToken cancellationToken)
    {
        long estimate = Estimate(request);
        RequestOptions watched = options with
        {
            Gate = new BulkItemGate(_pacer, _limit, estimate, _halt.Token),
            OnRetry = attempt => Retried(attempt, options.OnRetry),
        };
        ChatCompletion? completion = null;
        try
        {
            completion = await _breaker.ExecuteAsync(() => CallOnceAsync(request, watched, item, _halt.Token, cancellationToken), cancellationToken, _halt.Token).ConfigureAwait(false);
            while (next is not null && await next(completion).ConfigureAwait(false) is { } following)
            {
                _limit.Answered();
                if (completion.Usage is { } used)
                {
                    _pacer.Correct(estimate, used.TotalTokens);
                }

                estimate = Estimate(following);
                RequestTags tags = watched.Tags.RequestId is null ? watched.Tags : watched.Tags with { RequestId = null };

                // A halted run doesn't end an item between its rounds: the rounds so far have been paid for.
                watched = watched with { Gate = new BulkItemGate(_pacer, _limit, estimate, CancellationToken.None), Tags = tags };
                completion = await _breaker.ExecuteAsync(() => CallOnceAsync(following, watched, item, CancellationToken.None, cancellationToken), cancellationToken, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (HeliconeException e) when (e is { Kind: HeliconeErrorKind.BudgetExceeded or HeliconeErrorKind.PriceUnknown })
        {
            // Not the item's failure: every further one would meet the same ceiling.
            await WriteFailedAsync(item, e).ConfigureAwait(false);
            Halt(e);
            return completion is null
                ? new BulkResult { Input = options.Input, NotSent = true }
                : new BulkResult { Input = options.Input, Error = e.With([completion]) };
        }
        catch (HeliconeException e)
        {
            await WriteFailedAsync(item, e).ConfigureAwait(false);
            Finished(failed: true);
            if (e.Code == GatewayErrorReader.LogUnavailable)
            {
                // Every further item would be asked for, perhaps paid for, and lost the same way.
                Halt(e);
            }

            // What the rounds before have done, such as the tools that ran, is on the last answer.
            return new BulkResult { Input = options.Input, Error = completion is null || e.Completions.Count > 0 ? e : e.With([completion]) };
        }
        catch (GatewayGoneException e)
        {
            HeliconeException cause = e.InnerException as HeliconeException ?? new HeliconeException(HeliconeErrorKind.Unreachable, e.Message, e);
            await WriteFailedAsync(item, cause).ConfigureAwait(false);
            if (completion is null)
            {
                throw;
            }

            // Its last round was never sent, but the rounds before it were.
            Halt(e);
            return new BulkResult { Input = options.Input, Error = cause.Completions.Count > 0 ? cause : cause.With([completion]) };
        }

        _limit.Answered();
        if (completion.Usage is { } usage)
        {
            _pacer.Correct(estimate, usage.TotalTokens);
        }

        if (_options.Journal is { } journal && item is not null)
        {
            await KeepAsync(journal.WriteDoneAsync(item.Key, completion)).ConfigureAwait(false);
        }

        if (request.Shape is null)
        {
            Finished(failed: false);
        }

        return new BulkResult { Input = options.Input, Completion = completion };
    }

    /// <summary>Waits until the pace lets a call begin. Its further attempts wait at the gate.</summary>
    /// <exception cref="OperationCanceledException">The run was halted before.</exception>
    private async Task BeginAsync(AttemptGate gate, CancellationToken halted, CancellationToken cancellationToken)
    {
        halted.ThrowIfCancellationRequested();
        if (_pacer.MayPass)
        {
            return;
        }

        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, halted);
        await gate.WaitAsync(either.Token).ConfigureAwait(false);
    }

    private async Task<ChatCompletion> CallOnceAsync(ChatRequest request, RequestOptions options, JournalItem? item, CancellationToken halted, CancellationToken cancellationToken)
    {
        await BeginAsync(options.Gate!, halted, cancellationToken).ConfigureAwait(false);
        if (_options.Journal is not { } journal || item is null)
        {
            return await ShapedChat.SendAsync(_chat, request, options, stream: false, cancellationToken).ConfigureAwait(false);
        }

        // Not before: an item that waits for its spending ceiling when the run ends was never sent.
        ((BulkItemGate)options.Gate!).BeforeSending(() => journal.WriteSentAsync(item.Key, item.FirstVersionKey));
        try
        {
            return await ShapedChat.SendAsync(_chat, request, options, stream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (HeliconeException e) when (e.NeverSent)
        {
            // While it waits for the gateway, and after a crash in that wait, it must not count as one that may have been paid for.
            await WriteFailedAsync(item, e).ConfigureAwait(false);
            throw;
        }
    }

    private async Task WriteFailedAsync(JournalItem? item, HeliconeException error)
    {
        if (_options.Journal is { } journal && item is not null && journal.GetState(item.Key) == JournalState.Sent)
        {
            await KeepAsync(journal.WriteFailedAsync(item.Key, error)).ConfigureAwait(false);
        }
    }

    /// <summary>The result of a call is returned even if the journal couldn't be written; but nothing more is sent.</summary>
    private async Task KeepAsync(Task writing)
    {
        try
        {
            await writing.ConfigureAwait(false);
        }
        catch (JournalException e)
        {
            Halt(e);
        }
    }

    private void Finished(bool failed)
    {
        int finished = Interlocked.Increment(ref _finished);
        if (failed)
        {
            int failures = Interlocked.Increment(ref _failed);
            if (_options.ErrorThreshold is { } threshold && threshold.IsReached(failures, finished))
            {
                Halt(new ErrorThresholdException(threshold, failures, finished));
            }
        }
    }

    private void Halt(Exception why)
    {
        if (Interlocked.CompareExchange(ref _halted, why, null) is null)
        {
            _halt.Cancel();
        }
    }

    private void Retried(CallAttempt attempt, Action<CallAttempt>? tell)
    {
        // With a wait that the server asked for, the gate has paused the run already.
        if (attempt is { Kind: HeliconeErrorKind.RateLimited, RetryAfter: null or { Ticks: 0 }, Wait: { } wait })
        {
            _pacer.Pause(wait);
        }

        tell?.Invoke(attempt);
    }

    private long Estimate(ChatRequest request)
    {
        if (_options.TokensPerMinute is null)
        {
            return 0;
        }

        long characters = 0;
        foreach (ChatMessage message in request.Messages)
        {
            characters += message.Content?.Length ?? 0;
        }

        return (characters / CharactersPerToken) + (request.MaxTokens ?? AnswerTokens);
    }
}
