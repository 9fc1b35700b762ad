using System;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Http;
using Helicone.Registry;
using Helicone.Resilience;

namespace Helicone.Chat;

/// <summary>Chat completions over the gateway (<c>POST /v1/chat/completions</c>).</summary>
public sealed class ChatClient
{
    private readonly HeliconeTransport _transport;
    private readonly ModelRegistryClient _models;

    internal ChatClient(HeliconeTransport transport, ModelRegistryClient models)
    {
        _transport = transport;
        _models = models;
    }

    /// <summary>The options of the client.</summary>
    internal HeliconeOptions Options => _transport.Options;

    /// <summary>Asks and waits for the whole answer.</summary>
    /// <exception cref="FormatException">The request cannot go on the wire; nothing was sent.</exception>
    /// <exception cref="HeliconeException">It failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<ChatCompletion> CompleteAsync(ChatRequest request, RequestOptions? options, CancellationToken cancellationToken)
    {
        ChatCall call = Call(request, options);
        using CallRun run = call.Begin(cancellationToken);
        ChatCompletion completion = await run.ExecuteAsync(() => AttemptAsync(call, run)).ConfigureAwait(false);
        call.Price(completion);
        return completion;
    }

    /// <summary>Asks and gives the answer piece by piece. Nothing is sent before it is enumerated; each enumeration is a call of its own.</summary>
    /// <exception cref="FormatException">The request cannot go on the wire.</exception>
    public ChatStream Stream(ChatRequest request, RequestOptions? options = null) =>
        new(new ChatCall(_transport, _models, request, options, stream: true), _models);

    /// <summary>Identifies what determines an answer: the body with its fields sorted, the cache seed, and the gateway (loopback, or the host).</summary>
    /// <returns><c>v2:</c> and a SHA-256 hash in hexadecimal.</returns>
    /// <remarks>Users, properties, sessions, rate limits, cache settings, and retries don't change the fingerprint.</remarks>
    /// <exception cref="FormatException">The request cannot go on the wire.</exception>
    public string Fingerprint(ChatRequest request, RequestOptions? options) => Call(request, options).Fingerprint();

    /// <summary>The blocking call that a request makes.</summary>
    /// <exception cref="FormatException">The request cannot go on the wire.</exception>
    internal ChatCall Call(ChatRequest request, RequestOptions? options) => new(_transport, _models, request, options, stream: false);

    /// <summary>Prices an answer that was journaled before its cost was known.</summary>
    internal void Price(ChatCompletion completion, ModelRoute route)
    {
        if (completion.Cost is null)
        {
            _models.BeginLoading();
            ChatCall.Price(completion, route, _models);
        }
    }

    private static async Task<ChatCompletion> AttemptAsync(ChatCall call, CallRun run)
    {
        using HttpResponseMessage response = await call.SendAsync(run).ConfigureAwait(false);
        ArraySegment<byte> body = await ResponseBody.ReadAsync(response, run, ResponseBody.MaxAnswerBytes, truncate: false).ConfigureAwait(false);
        ReadOnlyMemory<byte> json = ServerSentEvents.WithoutMark((ReadOnlyMemory<byte>)body);
        return call.ToCompletion(new ChatAnswer(call.ReadAnswer(json.Span, response), json), response, run);
    }
}
