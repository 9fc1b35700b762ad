using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Security;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Mcp;

/// <summary>The HTTP client of a server on the network: adds the token and the headers to each request, sends nothing to another address, and bounds each message.</summary>
internal sealed class ServerHttp : DelegatingHandler
{
    // A server may ask without end, and not take the answers.
    private const int MaxAtOnce = 1_000;

    private readonly Uri _server;
    private readonly SecureString? _token;
    private readonly IReadOnlyDictionary<string, string> _headers;
    private readonly Action _onListChanged;
    private int _atOnce;

    private ServerHttp(McpServerOptions options, Action onListChanged)
        : base(new HttpClientHandler
        {
            // A redirect would carry the headers to another server.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
        })
    {
        _server = options.Uri!;
        _token = options.Token;
        _headers = options.Headers;
        _onListChanged = onListChanged;
    }

    internal static HttpClient Create(McpServerOptions options, Action onListChanged)
    {
#pragma warning disable RS0030 // The connections of a server belong to the server, not to the client of the gateway.
        return new HttpClient(new ServerHttp(options, onListChanged)) { Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore RS0030
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpTrace? trace = HttpTrace.Current;
        Check(request.RequestUri!, trace);
        if (_token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", new NetworkCredential(string.Empty, _token).Password);
        }

        foreach (KeyValuePair<string, string> header in _headers)
        {
            request.Headers.Remove(header.Key);
            request.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        HttpResponseMessage response;
        Interlocked.Increment(ref _atOnce);
        try
        {
            response = _atOnce <= MaxAtOnce
                ? await base.SendAsync(request, cancellationToken).ConfigureAwait(false)
                : throw new HttpRequestException($"More than {MaxAtOnce} requests wait for this server.");
        }
        finally
        {
            Interlocked.Decrement(ref _atOnce);
        }

        Note(response, trace);
        if (response.Content is { } content)
        {
            response.Content = new Bounded(content, trace, _onListChanged);
        }

        return response;
    }

    // A server of the older transport names the address for the messages, and the token is not for any other.
    private void Check(Uri address, HttpTrace? trace)
    {
        if (address.Scheme != _server.Scheme || address.Port != _server.Port || !address.Host.Equals(_server.Host, StringComparison.OrdinalIgnoreCase))
        {
            string text = $"The server wants its messages sent to another address, '{address.GetLeftPart(UriPartial.Path)}', and they are sent to the server that you named only.";
            if (trace is not null)
            {
                trace.Refusal = new McpException(McpErrorKind.InvalidResponse, text);
            }

            throw new HttpRequestException(text);
        }
    }

    private static void Note(HttpResponseMessage response, HttpTrace? trace)
    {
        if (trace is null)
        {
            return;
        }

        if (!response.IsSuccessStatusCode)
        {
            trace.Add(response.StatusCode);
            if ((int)response.StatusCode is >= 300 and < 400 && response.Headers.Location is { } location)
            {
                trace.Location ??= location.IsAbsoluteUri ? location : new Uri(response.RequestMessage!.RequestUri!, location);
            }
        }
        else if (response.StatusCode == HttpStatusCode.OK && response.Content?.Headers.ContentType?.MediaType is var type and not "application/json" and not "text/event-stream")
        {
            trace.MediaType ??= type ?? "no content type";
        }
    }

    /// <summary>The content of a response as a bounded stream.</summary>
    private sealed class Bounded : HttpContent
    {
        private readonly HttpContent _inner;
        private readonly HttpTrace? _trace;
        private readonly Action _onListChanged;

        internal Bounded(HttpContent inner, HttpTrace? trace, Action onListChanged)
        {
            (_inner, _trace, _onListChanged) = (inner, trace, onListChanged);
            foreach (KeyValuePair<string, IEnumerable<string>> header in inner.Headers)
            {
                Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            using Stream source = await CreateContentReadStreamAsync().ConfigureAwait(false);
            await source.CopyToAsync(stream).ConfigureAwait(false);
        }

        protected override async Task<Stream> CreateContentReadStreamAsync()
        {
            MessageStream stream = new(
                await _inner.ReadAsStreamAsync().ConfigureAwait(false),
                _inner.Headers.ContentType?.MediaType == "text/event-stream" ? MessageFraming.Events : MessageFraming.Document,
                _onListChanged);
            _trace?.Add(stream);
            return stream;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _inner.Headers.ContentLength ?? 0;
            return _inner.Headers.ContentLength is not null;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
