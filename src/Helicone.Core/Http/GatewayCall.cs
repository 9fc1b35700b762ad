using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Errors;
using Helicone.Offline;
using Helicone.Resilience;
using Helicone.Telemetry;

namespace Helicone.Http;

/// <summary>One POST of JSON to the gateway, the same for every API: headers, order of addresses, sending, hedging, failover, and errors.</summary>
/// <remarks>
/// From the outside in: <see cref="CallRun.ExecuteAsync"/> repeats an attempt, <see cref="SendAsync"/> is an attempt, in which a hedge may race
/// a second request (<see cref="Race"/>), and each request may pass from an address that cannot be reached to the next.
/// </remarks>
internal sealed class GatewayCall
{
    private static readonly MediaTypeHeaderValue s_json = new("application/json");

    private readonly GatewayEndpoint _endpoint;
    private readonly HeliconeTransport _transport;
    private readonly bool _stream;
    private readonly Action? _underWay;
    private readonly bool _serverRetries;

    /// <summary>Prepares a call. Nothing is sent yet.</summary>
    /// <param name="endpoint">The API that is called.</param>
    /// <param name="body">The JSON that goes on the wire, the same for each attempt.</param>
    /// <param name="options">The options of the call.</param>
    /// <param name="stream">Indicates whether the answer is asked for as a stream of events.</param>
    /// <param name="underWay">Called whenever a request has been handed to the network, for work that fits into the wait for the answer.</param>
    /// <exception cref="ArgumentException">A header cannot go on the wire, or the options exclude each other.</exception>
    internal GatewayCall(GatewayEndpoint endpoint, ArraySegment<byte> body, RequestOptions options, bool stream, Action? underWay = null)
    {
        _endpoint = endpoint;
        _transport = endpoint.Transport;
        _stream = stream;
        _underWay = underWay;
        Body = body;
        Options = options;
        Headers = options.ToHeaders().Headers;
        if (options.HedgeAfter is { } hedge)
        {
            if (stream)
            {
                throw new ArgumentException("A stream can't be hedged, because two answers can't be returned at once. Leave out the hedge or the stream.", nameof(options));
            }

            HeliconeOptions.CheckTime(hedge, nameof(options.HedgeAfter));
        }

        // The gateway was asked to retry, so that this client must not multiply it.
        foreach (KeyValuePair<string, string> header in Headers)
        {
            _serverRetries |= header.Key.Equals("Helicone-Retry-Enabled", StringComparison.OrdinalIgnoreCase) && header.Value == "true";
        }
    }

    internal ArraySegment<byte> Body { get; }

    internal IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    internal RequestOptions Options { get; }

    internal HeliconeOptions Client => _transport.Options;

    /// <summary>The cache seed, if there is one.</summary>
    internal string? CacheSeed => Headers.LastOrDefault(static h => h.Key.Equals("Helicone-Cache-Seed", StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The route to the model, where the API has one.</summary>
    internal ModelRoute? Route { get; init; }

    internal CallRun Begin(CancellationToken cancellationToken) => new(_transport, Options, _serverRetries, cancellationToken)
    {
        Telemetry = CallTelemetry.Begin(_endpoint.Operation, Route, Client.GatewayUri),
        Recording = _transport.Recorder is { } recorder ? new CallRecording(recorder, Body.AsMemory(), CacheSeed, Client.TimeProvider) : null,
    };

    /// <summary>Makes one attempt: sends the request, twice if it is hedged and slow.</summary>
    /// <returns>A response with the status 200.</returns>
    /// <exception cref="HeliconeException">Another status came, or no response.</exception>
    internal async Task<HttpResponseMessage> SendAsync(CallRun run)
    {
        HttpResponseMessage response = Options.HedgeAfter is { } head
            ? await Race.RunAsync(run, head, Client.TimeProvider, Options.Gate, token => FailOverAsync(run, token)).ConfigureAwait(false)
            : await FailOverAsync(run, run.Token).ConfigureAwait(false);
        run.FailedUpstream = GatewayErrorReader.ReadFailedAttempts(response.Headers, Client.ApiKey);
        return response;
    }

    /// <summary>Sends a request to the first address that can be reached.</summary>
    private async Task<HttpResponseMessage> FailOverAsync(CallRun run, CancellationToken cancellationToken)
    {
        GatewayAddresses addresses = _endpoint.Addresses;
        if (addresses.Roots.Length == 1)
        {
            return await SendOnceAsync(_endpoint[0], run, cancellationToken).ConfigureAwait(false);
        }

        HeliconeException? refused = null;
        DateTimeOffset refusedAt = default;
        TimeSpan refusedStarted = default;
        foreach (int index in addresses.InOrder())
        {
            if (refused is not null)
            {
                // Each address is a separate attempt. The call fails with the last one's error.
                run.RecordRefusal(refused, refusedAt, refusedStarted);
                refused = null;
            }

            DateTimeOffset startedAt = Client.TimeProvider.GetUtcNow();
            TimeSpan started = run.Elapsed;
            try
            {
                HttpResponseMessage response = await SendOnceAsync(_endpoint[index], run, cancellationToken).ConfigureAwait(false);
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

    private async Task<HttpResponseMessage> SendOnceAsync(Uri uri, CallRun run, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = _transport.CreateRequest(HttpMethod.Post, uri, Headers, authorize: true);
        request.Content = new ByteArrayContent(Body.Array!, Body.Offset, Body.Count);
        request.Content.Headers.ContentType = s_json;
        request.Headers.TryAddWithoutValidation("Accept", _stream ? "text/event-stream, application/json" : "application/json");

        run.Recording?.Forget();
        Task<HttpResponseMessage> sending = _transport.SendAsync(request, cancellationToken);
        _underWay?.Invoke();
        HttpResponseMessage response = await sending.ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.OK)
        {
            return response;
        }

        using (response)
        {
            if (run.Recording is { } recording)
            {
                await recording.CaptureErrorAsync(response).ConfigureAwait(false);
            }

            // Of two racing attempts, the silence of one must not end the other, and the loser ends at once.
            using Watchdog? own = cancellationToken == run.Token ? null : run.Watchdog.CreateForAttempt(cancellationToken);
            throw await ResponseBody.ReadErrorAsync(response, run, own ?? run.Watchdog, Client).ConfigureAwait(false);
        }
    }
}
