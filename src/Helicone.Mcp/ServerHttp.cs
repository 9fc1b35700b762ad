using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Security;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Mcp;

/// <summary>The HTTP client of a server on the network: adds the token and the headers to each request, follows no redirect, and bounds each message.</summary>
internal sealed class ServerHttp : DelegatingHandler
{
    private readonly SecureString? _token;
    private readonly IReadOnlyDictionary<string, string> _headers;

    private ServerHttp(McpServerOptions options)
        : base(new HttpClientHandler
        {
            // A redirect would carry the headers to another server.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
        })
    {
        _token = options.Token;
        _headers = options.Headers;
    }

    /// <summary>The status of the last response that was a failure.</summary>
    internal HttpStatusCode? Failed { get; private set; }

    internal static HttpClient Create(McpServerOptions options, out ServerHttp handler)
    {
        handler = new ServerHttp(options);
#pragma warning disable RS0030 // The connections of a server belong to the server, not to the client of the gateway.
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore RS0030
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (_token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", new NetworkCredential(string.Empty, _token).Password);
        }

        foreach (KeyValuePair<string, string> header in _headers)
        {
            request.Headers.Remove(header.Key);
            request.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode && (int)response.StatusCode is not 404 and not 405 and not 400)
        {
            // Those three are how older servers refuse the newer transport.
            Failed = response.StatusCode;
        }

        if (response.Content is { } content)
        {
            response.Content = new Bounded(content);
        }

        return response;
    }

    /// <summary>The content of a response as a bounded stream.</summary>
    private sealed class Bounded : HttpContent
    {
        private readonly HttpContent _inner;

        internal Bounded(HttpContent inner)
        {
            _inner = inner;
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

        protected override async Task<Stream> CreateContentReadStreamAsync() =>
            new MessageStream(await _inner.ReadAsStreamAsync().ConfigureAwait(false), _inner.Headers.ContentType?.MediaType == "text/event-stream" ? MessageFraming.Events : MessageFraming.Document);

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
