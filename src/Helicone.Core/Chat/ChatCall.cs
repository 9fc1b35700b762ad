using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Conversations;
using Helicone.Errors;
using Helicone.Http;
using Helicone.Registry;
using Helicone.Resilience;
using Helicone.Serialization;
using Helicone.Spending;

namespace Helicone.Chat;

/// <summary>What the blocking and the streamed call have in common: a request checked and ready, sent, and the headers of its answer.</summary>
internal sealed class ChatCall
{
    private const string FingerprintVersion = "v2:";

    private static readonly MediaTypeHeaderValue s_json = new("application/json");
    private static readonly JsonWriterOptions s_canonical = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HeliconeTransport _transport;
    private readonly ModelRegistryClient _models;
    private readonly IReadOnlyList<KeyValuePair<string, string>> _headers;
    private readonly ArraySegment<byte> _body;
    private readonly ChatRequest _request;
    private readonly bool _stream;

    /// <exception cref="FormatException">The request cannot go on the wire.</exception>
    internal ChatCall(HeliconeTransport transport, ModelRegistryClient models, ChatRequest request, RequestOptions? options, bool stream)
    {
        if (request is null)
        {
            throw new ArgumentNullException(nameof(request));
        }

        _transport = transport;
        _models = models;
        _stream = stream;
        Options = options ?? new RequestOptions();
        // A model in the body wins over the parameter, so it is also the one to name and to price.
        Route = request.Body is { } body && body.TryGetValue("model", out object? model) && model is string text
            ? ModelRoute.Parse(text)
            : request.Model ?? request.Conversation?.Model ?? transport.Options.DefaultModel;
        _request = request;
        if (Options.Session is null && request.Conversation is { Session: { } session } conversation)
        {
            Options = Options with { Session = session.At(FormattableString.Invariant($"/turn-{conversation.TurnCount + 1}")) };
        }

        _headers = Options.ToHeaders().Headers;
        _body = ChatRequestWriter.Write(request, Route, stream);
        if (Options.HedgeAfter is { } hedge)
        {
            if (stream)
            {
                throw new FormatException("A stream cannot be raced: two answers cannot be given out at once. Leave out the hedge or the stream.");
            }

            HeliconeOptions.CheckTime(hedge, nameof(Options.HedgeAfter));
        }

        foreach (KeyValuePair<string, string> header in _headers)
        {
            ServerRetries |= header.Key.Equals("Helicone-Retry-Enabled", StringComparison.OrdinalIgnoreCase) && header.Value == "true";
        }
    }

    internal RequestOptions Options { get; private set; }

    internal ModelRoute Route { get; }

    /// <summary>The gateway was asked to retry, so that this client must not multiply it.</summary>
    internal bool ServerRetries { get; }

    /// <summary>What determines the answer and nothing else: the body, the cache seed, and which gateway answers.</summary>
    /// <remarks>Every local gateway counts as the same one, since its port changes with each start.</remarks>
    internal string Fingerprint()
    {
        Uri gateway = _transport.Options.GatewayUri;
        using MemoryStream content = new();
        using (Utf8JsonWriter writer = new(content, s_canonical))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("body");
            CanonicalJson.Write(writer, _body);
            writer.WriteString("cacheSeed", _headers.LastOrDefault(static h => h.Key.Equals("Helicone-Cache-Seed", StringComparison.OrdinalIgnoreCase)).Value);
            writer.WriteString("gateway", gateway.IsLoopback ? "loopback" : gateway.IdnHost.ToLowerInvariant());
            writer.WriteEndObject();
        }

        return FingerprintVersion + Hash(content);
    }

    /// <summary>The fingerprint as version 1 of the journal had it: the body's bytes, and every header except the ids.</summary>
    internal string FirstFingerprint()
    {
        using MemoryStream content = new();
        content.Write(_body.Array!, _body.Offset, _body.Count);
        foreach (KeyValuePair<string, string> header in _headers
            .Where(h => !h.Key.Equals("Helicone-Session-Id", StringComparison.OrdinalIgnoreCase) && !h.Key.Equals("Helicone-Request-Id", StringComparison.OrdinalIgnoreCase))
            .OrderBy(h => h.Key, StringComparer.OrdinalIgnoreCase))
        {
            // No header holds a line feed, so that no two sets of headers read the same.
            byte[] line = System.Text.Encoding.UTF8.GetBytes("\n" + header.Key.ToLowerInvariant() + ":" + header.Value);
            content.Write(line, 0, line.Length);
        }

        return Hash(content);
    }

    private static string Hash(Stream content)
    {
        content.Position = 0;
        using SHA256 sha = SHA256.Create();
        return string.Concat(sha.ComputeHash(content).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
    }

    internal CallRun Begin(CancellationToken cancellationToken) => new(_transport, Options, ServerRetries, cancellationToken);

    /// <summary>Sends the request; gives the response when it is a success.</summary>
    /// <exception cref="HeliconeException">It is not, or none came.</exception>
    internal Task<HttpResponseMessage> SendAsync(CallRun run) => Options.HedgeAfter is { } head && !_stream
        ? Race.RunAsync(run, head, _transport.Options.TimeProvider, Options.Gate, token => SendAsync(run, token))
        : SendAsync(run, run.Token);

    private async Task<HttpResponseMessage> SendAsync(CallRun run, CancellationToken cancellationToken)
    {
        GatewayAddresses addresses = _transport.Chats;
        if (addresses.Only is { } only)
        {
            return await SendAsync(only, run, cancellationToken).ConfigureAwait(false);
        }

        HeliconeException? refused = null;
        DateTimeOffset refusedAt = default;
        TimeSpan refusedStarted = default;
        foreach (int index in addresses.InOrder())
        {
            if (refused is not null)
            {
                // Each address is an attempt of its own; the last one's failure is the call's.
                run.Passed(refused, refusedAt, refusedStarted);
                refused = null;
            }

            DateTimeOffset startedAt = _transport.Options.TimeProvider.GetUtcNow();
            TimeSpan started = run.Elapsed;
            try
            {
                HttpResponseMessage response = await SendAsync(addresses[index], run, cancellationToken).ConfigureAwait(false);
                addresses.Answered(index);
                return response;
            }
            catch (HeliconeException e) when (e.IsUnreachable)
            {
                addresses.DidNotAnswer(index);
                if (!e.NothingSent)
                {
                    // It may be answered, and paid for, over there: whether it is sent again is for the retries to decide.
                    throw;
                }

                (refused, refusedAt, refusedStarted) = (e, startedAt, started);
            }
        }

        throw refused!;
    }

    private async Task<HttpResponseMessage> SendAsync(Uri uri, CallRun run, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = _transport.CreateRequest(HttpMethod.Post, uri, _headers, authorize: true);
        request.Content = new ByteArrayContent(_body.Array!, _body.Offset, _body.Count);
        request.Content.Headers.ContentType = s_json;
        request.Headers.TryAddWithoutValidation("Accept", _stream ? "text/event-stream, application/json" : "application/json");

        Task<HttpResponseMessage> sending = _transport.SendAsync(request, cancellationToken);

        // The request is on its way: while it is, the prices can load.
        _models.BeginLoading();
        HttpResponseMessage response = await sending.ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.OK)
        {
            return response;
        }

        using (response)
        {
            throw await FailedAsync(response, run, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The completion that an answer makes together with the headers of its response.</summary>
    internal ChatCompletion ToCompletion(ChatAnswer answer, HttpResponseMessage response, CallRun run, TimeSpan? timeToFirstToken = null) =>
        // The response would keep the request and its prompt in memory for as long as the answer is kept.
        new(answer)
        {
            RequestedModel = Route.ToString(),
            Provider = Header(response, "helicone-provider"),
            CacheStatus = CacheStatusOf(response),
            RequestId = Header(response, "Helicone-Id"),
            SessionId = Options.Session?.Id,
            Latency = run.Elapsed,
            TimeToFirstToken = timeToFirstToken,
            RateLimit = RateLimitOf(response),
            Attempts = Attempts(run, response),
            Input = Options.Input,
            Asked = Asked,
        };

    /// <summary>The conversation that the call asks about: what it continues and what it adds.</summary>
    internal Conversation Asked()
    {
        Conversation before = _request.Conversation ?? new Conversation([]) { Session = Options.Session };
        return new Conversation(before, MessagesOf(_request)) { Model = Route };
    }

    // A body with messages of its own is what was asked.
    private static IEnumerable<ChatMessage> MessagesOf(ChatRequest request) =>
        request.Body is { } body && body.TryGetValue("messages", out object? messages)
            ? messages is IEnumerable list and not string ? list.OfType<IDictionary>().Select(ChatMessage.FromDictionary) : []
            : request.Messages;

    /// <summary>A whole document as the answer that it is.</summary>
    /// <exception cref="HeliconeException">It is none.</exception>
    internal ChatEvent ReadAnswer(ReadOnlySpan<byte> json, HttpResponseMessage response)
    {
        ChatEvent answer;
        try
        {
            answer = ChatJson.Read(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw NotAnAnswer(json, response, e);
        }

        if (answer.HasError || answer.Choice is not { HasMessage: true } choice)
        {
            throw NotAnAnswer(json, response, null);
        }

        return choice.FinishReason == ChatDelta.FinishedByError ? throw FinishedByError(response) : answer;
    }

    /// <summary>A provider's way of breaking off that looks like an end.</summary>
    internal static HeliconeException FinishedByError(HttpResponseMessage response) =>
        new(HeliconeErrorKind.UpstreamFailed, "The provider broke the answer off: its finish_reason is 'error'.") { RequestId = Header(response, "Helicone-Id") };

    /// <summary>A 200 that is not an answer: an error in its place, a web page, half a document.</summary>
    private HeliconeException NotAnAnswer(ReadOnlySpan<byte> body, HttpResponseMessage response, Exception? cause)
    {
        string? requestId = Header(response, "Helicone-Id");
        if (cause is null && TryReadError(body, requestId) is { } error)
        {
            return error;
        }

        string beginning = Beginning(body);
        string what = beginning.Length == 0 ? "The answer is empty." : $"The answer is not a chat completion: '{beginning}'";
        return new HeliconeException(HeliconeErrorKind.MalformedResponse, what, cause) { StatusCode = (int)response.StatusCode, RequestId = requestId };
    }

    internal HeliconeException? TryReadError(ReadOnlySpan<byte> body, string? requestId) =>
        GatewayErrorReader.TryReadInBand(body, requestId, _transport.Options.ApiKey);

    internal static string? Header(HttpResponseMessage response, string name) => GatewayErrorReader.Header(response.Headers, name);

    /// <summary>Prices the answer: at once where it was free, else when someone asks what it cost and the prices have loaded.</summary>
    internal void Price(ChatCompletion completion) => Price(completion, Route, _models);

    /// <inheritdoc cref="Price(ChatCompletion)"/>
    internal static void Price(ChatCompletion completion, ModelRoute route, ModelRegistryClient models)
    {
        if (completion.CacheStatus == CacheStatus.Hit || CostCalculator.IsFree(completion.Provider))
        {
            completion.Cost = 0;
        }
        else if (completion.Usage?.ProviderCost is > 0 and { } charged)
        {
            completion.Cost = charged;
        }
        else if (completion.Usage is { } usage)
        {
            completion.CostSource = () => models.Loaded is { } registry
                ? CostCalculator.Calculate(registry, route, completion.Model, completion.Provider, usage)
                : null;
        }
    }

    /// <summary>The first words of a body. Masked before it is cut: half a key is still half a key.</summary>
    internal string Beginning(ReadOnlySpan<byte> body)
    {
        string text = Redaction.Scrub(Text(body.Slice(0, Math.Min(body.Length, 4096))), _transport.Options.ApiKey).Trim();
        return text.Length > 200 ? text.Substring(0, 200) + "…" : text;
    }

    private static string Text(ReadOnlySpan<byte> utf8)
    {
#if NET
        return Encoding.UTF8.GetString(utf8);
#else
        return Encoding.UTF8.GetString(utf8.ToArray());
#endif
    }

    private static CacheStatus CacheStatusOf(HttpResponseMessage response) => Header(response, "Helicone-Cache") switch
    {
        null => CacheStatus.None,
        string value when value.Equals("HIT", StringComparison.OrdinalIgnoreCase) => CacheStatus.Hit,
        _ => CacheStatus.Miss,
    };

    private static RateLimitStatus? RateLimitOf(HttpResponseMessage response)
    {
        double? limit = Number(Header(response, "Helicone-RateLimit-Limit"));
        double? remaining = Number(Header(response, "Helicone-RateLimit-Remaining"));
        string? policy = Header(response, "Helicone-RateLimit-Policy");
        if (limit is null && remaining is null && policy is null)
        {
            return null;
        }

        double? reset = Number(Header(response, "Helicone-RateLimit-Reset"));
        return new RateLimitStatus(limit, remaining, reset is > 0 and < 1e9 ? TimeSpan.FromSeconds(reset.Value) : null, policy);
    }

    private IReadOnlyList<CallAttempt> Attempts(CallRun run, HttpResponseMessage response) =>
        run.AttemptsWith(GatewayErrorReader.ReadFailedAttempts(response.Headers, _transport.Options.ApiKey));

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;

    private async Task<HeliconeException> FailedAsync(HttpResponseMessage response, CallRun run, CancellationToken cancellationToken)
    {
        // Of two racing attempts, the silence of one must not end the other, and the loser ends at once.
        using Watchdog? own = cancellationToken == run.Token ? null : run.Watchdog.ForOneOfSeveral(cancellationToken);
        ArraySegment<byte> body = await ResponseBody.ReadAsync(response, run, own ?? run.Watchdog, ResponseBody.MaxErrorBytes, truncate: true).ConfigureAwait(false);
        return GatewayErrorReader.Read((int)response.StatusCode, response.Headers, body.AsSpan(), _transport.Options.TimeProvider.GetUtcNow(), _transport.Options.ApiKey);
    }
}
