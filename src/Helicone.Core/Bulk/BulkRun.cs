using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Errors;

namespace Helicone.Bulk;

/// <summary>Many calls as one run: so many at once, at a pace, past a breaker, with a journal.</summary>
/// <remarks>For one consumer: <see cref="Start"/>, <see cref="TryTake"/> and <see cref="WaitAsync"/> are not safe for use from several threads at once.</remarks>
public sealed class BulkRun : IDisposable
{
    // A rough measure is enough where the usage corrects it: four bytes a token, and an answer of middling length.
    private const int BytesPerToken = 4;
    private const int AnswerTokens = 256;

    private readonly ChatClient _chat;
    private readonly BulkOptions _options;
    private readonly CallWindow<BulkResult> _window;
    private readonly BulkPacer _pacer;
    private readonly Lazy<BulkBreaker> _breaker;
    private readonly Dictionary<string, int> _occurrences = new(StringComparer.Ordinal);

    /// <summary>Begins a run.</summary>
    public BulkRun(ChatClient chat, BulkOptions options)
    {
        _chat = chat;
        _options = options;
        _window = new CallWindow<BulkResult>(options.ThrottleLimit, options.AsCompleted);
        _pacer = new BulkPacer(options.RequestsPerMinute, options.TokensPerMinute, options.TimeProvider);
        _breaker = new Lazy<BulkBreaker>(() => new BulkBreaker(options.WaitForGateway, options.TimeProvider));
    }

    /// <summary>How many items were started and not yet taken.</summary>
    public int Count => _window.Count;

    /// <summary>How many items are under way.</summary>
    public int Running => _window.Running;

    /// <summary>Whether another item has to wait.</summary>
    public bool IsFull => _window.IsFull;

    /// <summary>Starts an item. What becomes of it is in its result; only cancellation and a gateway that is gone throw when it is taken.</summary>
    /// <exception cref="FormatException">The request cannot go on the wire (with a journal, where that is known before anything is sent).</exception>
    public void Start(ChatRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        JournalKey? key = _options.Journal is null ? null : NextKey(_chat.Fingerprint(request, options));
        _window.Start(() => RunAsync(request, options, key, cancellationToken));
    }

    /// <summary>Takes a finished item: the oldest, or with <see cref="BulkOptions.AsCompleted"/> whichever has finished.</summary>
    public bool TryTake(out Task<BulkResult> finished) => _window.TryTake(out finished);

    /// <summary>Waits until an item has finished since the last wait.</summary>
    public Task WaitAsync() => _window.WaitAsync();

    /// <summary>Ends the pacing. The journal stays open: it is its opener's.</summary>
    public void Dispose() => _pacer.Dispose();

    private JournalKey NextKey(string fingerprint)
    {
        _occurrences.TryGetValue(fingerprint, out int occurrence);
        _occurrences[fingerprint] = occurrence + 1;
        return new JournalKey(fingerprint, occurrence);
    }

    private async Task<BulkResult> RunAsync(ChatRequest request, RequestOptions options, JournalKey? key, CancellationToken cancellationToken)
    {
        BulkJournal? journal = _options.Journal;
        bool sentBefore = false;
        if (journal is not null && key is { } known)
        {
            switch (journal.GetState(known))
            {
                case JournalState.Done:
                    return new BulkResult { Input = options.Input, Completion = await journal.ReadAsync(known, options.Input, cancellationToken).ConfigureAwait(false) };
                case JournalState.Sent when _options.Resume == ResumeMode.Skip:
                    return new BulkResult { Input = options.Input, WasSentBefore = true, Skipped = true };
                case JournalState.Sent:
                    sentBefore = true;
                    break;
            }
        }

        long estimate = Estimate(request);
        await _pacer.WaitAsync(estimate, cancellationToken).ConfigureAwait(false);
        if (journal is not null && key is { } item)
        {
            await journal.WriteSentAsync(item).ConfigureAwait(false);
        }

        RequestOptions watched = options with { OnRetry = attempt => Retried(attempt, options.OnRetry) };
        try
        {
            ChatCompletion completion = await CallAsync(request, watched, cancellationToken).ConfigureAwait(false);
            if (completion.Usage is { } usage)
            {
                _pacer.Correct(estimate, usage.TotalTokens);
            }

            if (journal is not null && key is { } answered)
            {
                await journal.WriteDoneAsync(answered, completion).ConfigureAwait(false);
            }

            return new BulkResult { Input = options.Input, Completion = completion, WasSentBefore = sentBefore };
        }
        catch (HeliconeException e)
        {
            _pacer.Correct(estimate, 0);
            if (journal is not null && key is { } failed)
            {
                await journal.WriteFailedAsync(failed, e).ConfigureAwait(false);
            }

            return new BulkResult { Input = options.Input, Error = e, WasSentBefore = sentBefore };
        }
    }

    // The breaker, and Polly with it, is built when a call has found nobody: a run that goes well never pays for it.
    private async Task<ChatCompletion> CallAsync(ChatRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        HeliconeException? gone = null;
        if (!_breaker.IsValueCreated)
        {
            try
            {
                return await _chat.CompleteAsync(request, options, cancellationToken).ConfigureAwait(false);
            }
            catch (HeliconeException e) when (BulkBreaker.IsGone(e))
            {
                gone = e;
            }
        }

        return await _breaker.Value.ExecuteAsync(
            () => Interlocked.Exchange(ref gone, null) is { } known
                ? Task.FromException<ChatCompletion>(known)
                : _chat.CompleteAsync(request, options, cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }

    private void Retried(CallAttempt attempt, Action<CallAttempt>? tell)
    {
        if (attempt is { Kind: HeliconeErrorKind.RateLimited, Wait: { } wait })
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

        long bytes = 0;
        foreach (ChatMessage message in request.Messages)
        {
            bytes += message.Content?.Length ?? 0;
        }

        return (bytes / BytesPerToken) + (request.MaxTokens ?? AnswerTokens);
    }
}
