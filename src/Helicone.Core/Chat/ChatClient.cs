using System;
using System.IO;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
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
    /// <exception cref="HeliconeException">It failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<ChatCompletion> CompleteAsync(ChatRequest request, RequestOptions? options, CancellationToken cancellationToken)
    {
        ChatCall call = new(_transport, _models, request, options, stream: false);
        _models.BeginLoading();
        using CallRun run = call.Begin(cancellationToken);
        ChatCompletion completion = await run.ExecuteAsync(() => AttemptAsync(call, run)).ConfigureAwait(false);
        await call.PriceAsync(completion, cancellationToken).ConfigureAwait(false);
        return completion;
    }

    /// <summary>Asks and gives the answer piece by piece. Nothing is sent before it is enumerated; each enumeration is a call of its own.</summary>
    /// <exception cref="FormatException">The request cannot go on the wire.</exception>
    public ChatStream Stream(ChatRequest request, RequestOptions? options = null) =>
        new(new ChatCall(_transport, _models, request, options, stream: true), _models);

    /// <summary>What a call is known by: SHA-256 of its body and its attribution, in hexadecimal.</summary>
    /// <remarks>Without the ids that a script makes anew on every run (session, request): the same question stays the same call.</remarks>
    /// <exception cref="FormatException">The request cannot go on the wire.</exception>
    public string Fingerprint(ChatRequest request, RequestOptions? options) =>
        new ChatCall(_transport, _models, request, options, stream: false).Fingerprint();

    private static async Task<ChatCompletion> AttemptAsync(ChatCall call, CallRun run)
    {
        using HttpResponseMessage response = await call.SendAsync(run).ConfigureAwait(false);
        ArraySegment<byte> body;
        try
        {
            body = await ResponseBody.ReadAsync(response, run, ResponseBody.MaxAnswerBytes, truncate: false).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            // What the header calls compressed is not.
            throw new HeliconeException(HeliconeErrorKind.MalformedResponse, "The answer cannot be decompressed: " + e.Message, e) { StatusCode = (int)response.StatusCode };
        }
        catch (Exception e) when (e is IOException or HttpRequestException or ObjectDisposedException)
        {
            throw run.Interpret(e, partialText: null);
        }

        return Parse(call, run, response, body);
    }

    internal static ChatCompletion Parse(ChatCall call, CallRun run, HttpResponseMessage response, ArraySegment<byte> body)
    {
        ReadOnlySpan<byte> json = ServerSentEvents.WithoutMark(body.AsSpan());
        ChatEvent answer;
        try
        {
            answer = ChatJson.Read(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw call.NotAnAnswer(json, response, e);
        }

        if (answer.HasError || answer.Choice is not { HasMessage: true })
        {
            throw call.NotAnAnswer(json, response, null);
        }

        return call.ToCompletion(answer, response, body, run);
    }
}
