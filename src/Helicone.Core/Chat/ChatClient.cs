using System;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Http;
using Helicone.Registry;

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

    /// <summary>Asks and waits for the whole answer.</summary>
    /// <exception cref="FormatException">The request cannot go on the wire; nothing was sent.</exception>
    /// <exception cref="Errors.HeliconeException">It failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<ChatCompletion> CompleteAsync(ChatRequest request, RequestOptions? options, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{_transport} {_models}");

    /// <summary>Asks and gives the answer piece by piece. Nothing is sent before it is enumerated, once.</summary>
    public ChatStream Stream(ChatRequest request, RequestOptions? options = null) => throw new NotSupportedException();
}
