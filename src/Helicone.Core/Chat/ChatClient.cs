using System;
using System.Collections.Generic;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Http;
using Helicone.Offline;
using Helicone.Registry;
using Helicone.Resilience;
using Helicone.Spending;

namespace Helicone.Chat;

/// <summary>Chat completions over the gateway (<c>POST /v1/chat/completions</c>).</summary>
public sealed class ChatClient
{
    private readonly GatewayEndpoint _endpoint;
    private readonly ModelRegistryClient _models;

    internal ChatClient(HeliconeTransport transport, ModelRegistryClient models)
    {
        _endpoint = new GatewayEndpoint(transport, "v1/chat/completions", "chat");
        _models = models;
    }

    /// <summary>The options of the client.</summary>
    internal HeliconeOptions Options => _endpoint.Transport.Options;

    /// <summary>Asks and waits for the whole answer.</summary>
    /// <exception cref="ArgumentException">The request cannot go on the wire; nothing was sent.</exception>
    /// <exception cref="HeliconeException">It failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<ChatCompletion> CompleteAsync(ChatRequest request, RequestOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatCall call = Call(request, options);
        using CallRun run = call.Gateway.Begin(cancellationToken);
        run.Budget = await BudgetAsync(call, cancellationToken).ConfigureAwait(false);
        (ChatAnswer answer, HttpResponseHeaders headers) = await ExecuteAsync(run, () => AttemptAsync(call, run)).ConfigureAwait(false);
        ChatCompletion completion = call.ToCompletion(answer, headers, run);
        call.Price(completion);
        run.Budget?.Answered(completion.Cost);
        if (run.Recording is { } recording)
        {
            await RecordAsync(recording, completion, cancellationToken).ConfigureAwait(false);
        }

        return completion;
    }

    /// <summary>Asks and returns the answer as it arrives. The last chunk has the whole <see cref="ChatCompletion"/>.</summary>
    /// <returns>The chunks. Nothing is sent before they are enumerated; each enumeration is a separate call.</returns>
    /// <exception cref="ArgumentException">The request cannot go on the wire.</exception>
    public AsyncSequence<ChatChunk> Stream(ChatRequest request, RequestOptions? options = null) =>
        new(ReadAsync(new ChatCall(_endpoint, _models, request, options, stream: true)));

    /// <summary>Estimates what a request can cost at most if one of its models answers, for each of them in the route's order. Nothing is sent to a model.</summary>
    /// <remarks>The prompt is counted with OpenAI's vocabulary, which is loaded by the first count. The prices are the registry's, which may have to be fetched.</remarks>
    /// <exception cref="ArgumentException">The request cannot go on the wire.</exception>
    /// <exception cref="HeliconeException">The prices can't be loaded.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<IReadOnlyList<CostEstimate>> EstimateAsync(ChatRequest request, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        EstimateAsync(Call(request, options), cancellationToken);

    /// <summary>Describes what a request would send and what it could cost, without using the network.</summary>
    /// <exception cref="ArgumentException">The request cannot go on the wire.</exception>
    public ChatPreview Preview(ChatRequest request, RequestOptions? options = null)
    {
        ChatCall call = Call(request, options);
        ModelRegistry? known = _models.TryGetCached();
        return new ChatPreview(
            _endpoint[0],
            Redaction.Scrub(Encoding.UTF8.GetString(call.Gateway.Body.Array!, call.Gateway.Body.Offset, call.Gateway.Body.Count), Options.ApiKey),
            CostEstimator.Estimate(known ?? BundledRegistry.Value, call.Route, call.Gateway.Body.AsMemory()),
            known is not null);
    }

    /// <summary>Identifies what determines an answer: the body with its fields sorted, the cache seed, and the gateway (loopback, or the host).</summary>
    /// <returns><c>v2:</c> and a SHA-256 hash in hexadecimal.</returns>
    /// <remarks>Users, properties, sessions, rate limits, cache settings, and retries don't change the fingerprint.</remarks>
    /// <exception cref="ArgumentException">The request cannot go on the wire.</exception>
    public string Fingerprint(ChatRequest request, RequestOptions? options = null) => Call(request, options).Fingerprint();

    /// <summary>The blocking call that a request makes.</summary>
    /// <exception cref="ArgumentException">The request cannot go on the wire.</exception>
    internal ChatCall Call(ChatRequest request, RequestOptions? options) => new(_endpoint, _models, request, options, stream: false);

    /// <summary>Prices an answer that was journaled before its cost was known.</summary>
    internal void Price(ChatCompletion completion, ModelRoute route)
    {
        // A replay knows no prices: an answer costs what it cost when it was recorded.
        if (completion.Cost is null && Options.ReplayPath is null)
        {
            _models.BeginLoading();
            ChatCall.Price(completion, route, _models);
        }
    }

    private async Task<IReadOnlyList<CostEstimate>> EstimateAsync(ChatCall call, CancellationToken cancellationToken)
    {
        ModelRegistry registry = await _models.GetPricesAsync(cancellationToken).ConfigureAwait(false);
        return CostEstimator.Estimate(registry, call.Route, call.Gateway.Body.AsMemory());
    }

    /// <summary>Returns the budget of a call; <see langword="null"/> without a ceiling.</summary>
    private async Task<CallBudget?> BudgetAsync(ChatCall call, CancellationToken cancellationToken)
    {
        if ((call.Gateway.Options.Ceiling ?? Options.Ceiling) is not { } ceiling)
        {
            return null;
        }

        IReadOnlyList<CostEstimate> estimates;
        try
        {
            estimates = await EstimateAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (HeliconeException e)
        {
            throw CallBudget.PriceUnknown($"The prices can't be loaded: {e.Message}", e);
        }

        return CostEstimator.Dearest(estimates) is { HighestCost: null, Unknown: var reason }
            ? throw CallBudget.PriceUnknown(reason!, null)
            : new CallBudget(Options.Ceiling is { } general && general != ceiling ? [ceiling, general] : [ceiling], estimates, Options.TimeProvider);
    }

    private async IAsyncEnumerable<ChatChunk> ReadAsync(ChatCall call, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using CallRun run = call.Gateway.Begin(cancellationToken);
        run.Budget = await BudgetAsync(call, cancellationToken).ConfigureAwait(false);

        // Until the first chunk is there, a failure may be retried; after that, the answer is returned as it arrives.
        ChatStreamAttempt attempt = await ExecuteAsync(run, () => ChatStreamAttempt.OpenAsync(call, run)).ConfigureAwait(false);
        run.Watchdog.Begin(TimeoutPhase.Idle, run.IdleTimeout);
        run.Watchdog.Pause();
        await using (attempt.ConfigureAwait(false))
        {
            while (attempt.TryTake(out ChatChunk? chunk) || await attempt.ReadAsync().ConfigureAwait(false))
            {
                if (chunk is not null)
                {
                    run.Budget?.HandOver();
                    yield return chunk;
                    run.Budget?.TakeBack();
                }
            }

            ChatChunk last = await attempt.FinishAsync(cancellationToken).ConfigureAwait(false);
            if (run.Recording is { } recording)
            {
                await RecordAsync(recording, last.Completion!, cancellationToken).ConfigureAwait(false);
            }

            yield return last;
        }
    }

    private static Task<T> ExecuteAsync<T>(CallRun run, Func<Task<T>> attempt) =>
        run.Recording is { } recording ? ExecuteAsync(run, recording, attempt) : run.ExecuteAsync(attempt);

    private static async Task<T> ExecuteAsync<T>(CallRun run, CallRecording recording, Func<Task<T>> attempt)
    {
        try
        {
            return await run.ExecuteAsync(attempt).ConfigureAwait(false);
        }
        catch (HeliconeException)
        {
            await recording.FailedAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task RecordAsync(CallRecording recording, ChatCompletion completion, CancellationToken cancellationToken)
    {
        // A replay has the cost of the recording, so prices that are on their way are worth a moment.
        await _models.WaitForPricesAsync().ConfigureAwait(false);
        await recording.AnsweredAsync(completion, cancellationToken).ConfigureAwait(false);
    }

    // Without the response, which would keep the request and its prompt in memory for as long as the answer is kept.
    private static async Task<(ChatAnswer Answer, HttpResponseHeaders Headers)> AttemptAsync(ChatCall call, CallRun run)
    {
        using HttpResponseMessage response = await call.Gateway.SendAsync(run).ConfigureAwait(false);
        if (run.Recording is { } recording)
        {
            await recording.CaptureAsync(response).ConfigureAwait(false);
        }

        ArraySegment<byte> body = await ResponseBody.ReadAsync(response, run, ResponseBody.MaxAnswerBytes, truncate: false).ConfigureAwait(false);
        ReadOnlyMemory<byte> json = ServerSentEvents.SkipByteOrderMark((ReadOnlyMemory<byte>)body);
        return (new ChatAnswer(call.ReadAnswer(json.Span, response), json), response.Headers);
    }
}
