using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Helicone.Conversations;
using Helicone.Errors;
using Helicone.Http;
using Helicone.Registry;
using Helicone.Resilience;
using Helicone.Serialization;
using Helicone.Spending;

namespace Helicone.Chat;

/// <summary>A chat as a call of the gateway: its route and body, its fingerprint, and the answer in its response.</summary>
internal sealed class ChatCall
{
    /// <summary>The header in which a replay reports the recorded cost. It is read from a replay only.</summary>
    internal const string RecordedCostHeader = "Helicone-Recorded-Cost";

    private const string FingerprintVersion = "v2:";

    private static readonly JsonWriterOptions s_canonical = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ModelRegistryClient _models;
    private readonly ChatRequest _request;

    /// <exception cref="ArgumentException">The request cannot go on the wire.</exception>
    internal ChatCall(GatewayEndpoint endpoint, ModelRegistryClient models, ChatRequest request, RequestOptions? options, bool stream)
    {
        if (request is null)
        {
            throw new ArgumentNullException(nameof(request));
        }

        _models = models;
        _request = request;
        options ??= new RequestOptions();
        if (options.Session is null && request.Conversation?.SessionOfTurn(request.Messages) is { } session)
        {
            options = options with { Session = session };
        }

        // A model in the body wins over the parameter, so it is also the one to name and to price.
        Route = request.Body is { } body && body.TryGetValue("model", out object? model) && model is string text
            ? ModelRoute.Parse(text)
            : request.Model ?? request.Conversation?.Model ?? endpoint.Transport.Options.DefaultModel;

        // While the request is on its way, the prices can load.
        Gateway = new GatewayCall(endpoint, ChatRequestWriter.Write(request, Route, stream), options, stream, models.BeginLoading) { Route = Route };
    }

    /// <summary>The request on the wire.</summary>
    internal GatewayCall Gateway { get; }

    internal ModelRoute Route { get; }

    /// <summary>The values that determine the answer: the body, the cache seed, and the gateway.</summary>
    /// <remarks>Every local gateway counts as the same one, since its port changes with each start.</remarks>
    internal string Fingerprint()
    {
        Uri gateway = Gateway.Client.GatewayUri;
        return Fingerprint(Gateway.Body.AsMemory(), Gateway.CacheSeed, gateway.IsLoopback ? "loopback" : gateway.IdnHost.ToLowerInvariant());
    }

    /// <summary>The fingerprint of a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="cacheSeed">The cache seed, if there is one.</param>
    /// <param name="gateway">Which gateway answers; <see langword="null"/> where that doesn't matter, as in a recording.</param>
    /// <exception cref="JsonException">The body isn't JSON.</exception>
    internal static string Fingerprint(ReadOnlyMemory<byte> body, string? cacheSeed, string? gateway)
    {
        using MemoryStream content = new();
        using (Utf8JsonWriter writer = new(content, s_canonical))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("body");
            CanonicalJson.Write(writer, body);
            writer.WriteString("cacheSeed", cacheSeed);
            if (gateway is not null)
            {
                writer.WriteString("gateway", gateway);
            }

            writer.WriteEndObject();
        }

        return FingerprintVersion + Hash(content);
    }

    /// <summary>The fingerprint as version 1 of the journal had it: the body's bytes, and every header except the ids.</summary>
    internal string FirstFingerprint()
    {
        using MemoryStream content = new();
        content.Write(Gateway.Body.Array!, Gateway.Body.Offset, Gateway.Body.Count);
        foreach (KeyValuePair<string, string> header in Gateway.Headers
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

    /// <summary>The completion that an answer makes together with the headers of its response and the story of its attempts.</summary>
    internal ChatCompletion ToCompletion(ChatAnswer answer, HttpResponseHeaders headers, CallRun run, TimeSpan? timeToFirstToken = null)
    {
        ChatCompletion completion = new(answer)
        {
            RequestedModel = Route.ToString(),
            Provider = GatewayErrorReader.Header(headers, "helicone-provider"),
            CacheStatus = CacheStatusOf(headers),
            RequestId = GatewayErrorReader.RequestId(headers, Gateway.Client.ApiKey),
            SessionId = Gateway.Options.Session?.Id,
            Latency = run.Elapsed,
            TimeToFirstToken = timeToFirstToken,
            RateLimit = RateLimitOf(headers),
            Attempts = run.Attempts,
            Input = Gateway.Options.Input,
            Asked = Asked,
        };
        if (Gateway.Client.ReplayPath is not null)
        {
            completion.Cost = RecordedCost(headers);
        }

        run.Telemetry?.Answered(completion.Model, completion.Usage);
        return completion;
    }

    /// <summary>The conversation that the call asks about: what it continues and what it adds.</summary>
    internal Conversation Asked()
    {
        Conversation before = _request.Conversation ?? new Conversation([]) { Session = Gateway.Options.Session };
        return new Conversation(before, MessagesOf(_request)) { Model = Route };
    }

    // A body with messages replaces the others.
    private static IEnumerable<ChatMessage> MessagesOf(ChatRequest request) =>
        request.Body is { } body && body.TryGetValue("messages", out object? messages)
            ? messages is IEnumerable list and not string ? list.OfType<IDictionary>().Select(ChatMessage.FromDictionary) : []
            : request.Messages;

    /// <summary>A whole document as the answer that it is.</summary>
    /// <exception cref="HeliconeException">It isn't a chat completion.</exception>
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
    internal HeliconeException FinishedByError(HttpResponseMessage response) =>
        new(HeliconeErrorKind.UpstreamFailed, "The provider ended the answer with an error: its finish_reason is 'error'.") { RequestId = RequestId(response) };

    /// <summary>A 200 that is not an answer: an error in its place, a web page, half a document.</summary>
    private HeliconeException NotAnAnswer(ReadOnlySpan<byte> body, HttpResponseMessage response, Exception? cause)
    {
        string? requestId = RequestId(response);
        if (cause is null && TryReadError(body, requestId) is { } error)
        {
            return error;
        }

        string beginning = Excerpt(body);
        string what = beginning.Length == 0 ? "The answer is empty." : $"The answer is not a chat completion: '{beginning}'";
        return new HeliconeException(HeliconeErrorKind.MalformedResponse, what, cause) { StatusCode = (int)response.StatusCode, RequestId = requestId };
    }

    internal HeliconeException? TryReadError(ReadOnlySpan<byte> body, string? requestId) =>
        GatewayErrorReader.TryReadInBand(body, requestId, Gateway.Client.ApiKey);

    internal string? RequestId(HttpResponseMessage response) => GatewayErrorReader.RequestId(response.Headers, Gateway.Client.ApiKey);

    /// <summary>Prices the answer: at once where it was free, else when someone asks what it cost and the prices have loaded.</summary>
    internal void Price(ChatCompletion completion)
    {
        if (Gateway.Client.ReplayPath is null)
        {
            Price(completion, Route, _models);
        }
    }

    /// <inheritdoc cref="Price(ChatCompletion)"/>
    internal static void Price(ChatCompletion completion, ModelRoute route, ModelRegistryClient models)
    {
        if (completion.CacheStatus == CacheStatus.Hit)
        {
            completion.Cost = 0;
        }
        else if (completion.Usage?.ProviderCost is > 0 and { } charged)
        {
            // The offline provider's too, when it plays a provider that charges.
            completion.Cost = charged;
        }
        else if (CostCalculator.IsFree(completion.Provider))
        {
            completion.Cost = 0;
        }
        else if (completion.Usage is { } usage and not { PromptTokens: 0, CompletionTokens: 0, CacheWriteTokens: 0 })
        {
            // A server that reports zeros has not counted: no prompt has no tokens.
            completion.CostSource = () => models.Loaded is { } registry
                ? CostCalculator.Calculate(registry, route, completion.Model, completion.Provider, usage)
                : null;
        }
    }

    /// <summary>The first words of a body. Masked before it is cut: half a key is still half a key.</summary>
    internal string Excerpt(ReadOnlySpan<byte> body)
    {
        string text = Redaction.Scrub(Text(body.Slice(0, Math.Min(body.Length, 4096))), Gateway.Client.ApiKey).Trim();
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

    private static CacheStatus CacheStatusOf(HttpResponseHeaders headers) => GatewayErrorReader.Header(headers, "Helicone-Cache") switch
    {
        null => CacheStatus.None,
        string value when value.Equals("HIT", StringComparison.OrdinalIgnoreCase) => CacheStatus.Hit,
        _ => CacheStatus.Miss,
    };

    private static RateLimitStatus? RateLimitOf(HttpResponseHeaders headers)
    {
        double? limit = Number(GatewayErrorReader.Header(headers, "Helicone-RateLimit-Limit"));
        double? remaining = Number(GatewayErrorReader.Header(headers, "Helicone-RateLimit-Remaining"));
        string? policy = GatewayErrorReader.Header(headers, "Helicone-RateLimit-Policy");
        if (limit is null && remaining is null && policy is null)
        {
            return null;
        }

        double? reset = Number(GatewayErrorReader.Header(headers, "Helicone-RateLimit-Reset"));
        return new RateLimitStatus(limit, remaining, reset is > 0 and < 1e9 ? TimeSpan.FromSeconds(reset.Value) : null, policy);
    }

    /// <summary>What the answer cost when it was recorded. The replay adds it to the headers.</summary>
    private static decimal? RecordedCost(HttpResponseHeaders headers) =>
        decimal.TryParse(GatewayErrorReader.Header(headers, RecordedCostHeader), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal cost) ? cost : null;

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
}
