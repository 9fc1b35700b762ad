using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Offline;
using Helicone.Resilience;

namespace Helicone.Http;

/// <summary>Sends requests and nothing else: one handler per connection, reused by every call.</summary>
internal sealed class HeliconeTransport : IDisposable
{
    private static readonly string s_version =
        typeof(HeliconeTransport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    private readonly HttpMessageInvoker _http;
    private readonly ProxyBesideLoopback _proxy;
    private readonly string _userAgent;
    private RetryPipeline? _retries;

    internal HeliconeTransport(HeliconeOptions options)
    {
        Options = options;
        _proxy = new ProxyBesideLoopback(options);
        _http = new HttpMessageInvoker(options.Handler ?? OfflineAssembly.CreateHandler(options) ?? CreateHandler(options, _proxy), disposeHandler: options.Handler is null);
        Recorder = OfflineAssembly.CreateRecorder(options);
        Addresses = new GatewayAddresses(options);
        _userAgent = $"Helicone.PowerShell/{s_version} ({options.UserAgentComment ?? RuntimeInformation.FrameworkDescription})";
    }

    internal HeliconeOptions Options { get; }

    /// <summary>Keeps calls and their answers; <see langword="null"/> when nothing is recorded.</summary>
    internal ICallRecorder? Recorder { get; }

    /// <summary>The addresses of the gateway.</summary>
    internal GatewayAddresses Addresses { get; }

    /// <summary>The retries of every call, built by the first one that needs them.</summary>
    internal RetryPipeline Retries => LazyInitializer.EnsureInitialized(ref _retries, () => new RetryPipeline(Options.TimeProvider))!;

    public void Dispose()
    {
        _http.Dispose();
        Recorder?.Dispose();
    }

    internal HttpRequestMessage CreateRequest(HttpMethod method, Uri uri, IReadOnlyList<KeyValuePair<string, string>>? headers, bool authorize)
    {
        HttpRequestMessage request = new(method, uri);
        if (authorize && Options.ApiKey is { } key)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Redaction.Reveal(key));
        }

        request.Headers.TryAddWithoutValidation("User-Agent", _userAgent);
#if !NET
        // .NET Framework otherwise asks first whether it may send the body, and waits for an answer that many servers do not give.
        request.Headers.ExpectContinue = false;
#endif
        if (headers is not null)
        {
            for (int i = 0; i < headers.Count; i++)
            {
                request.Headers.TryAddWithoutValidation(headers[i].Key, OnTheWire(headers[i].Value));
            }
        }

        return request;
    }

    /// <summary>Sends a request and gives the response as soon as its headers are there.</summary>
    /// <exception cref="HeliconeException">No response came.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, by the caller or by a watchdog.</exception>
    internal async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            Task<HttpResponseMessage> sending = request.Content is not null && ExchangeLog.Current is { } log
                ? ConnectAndSendAsync(request, log, cancellationToken)
                : ConnectAndSendAsync(request, cancellationToken);
            return await sending.ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            // Nobody asked for the cancellation: the handler's own connect timeout, or a client that was disposed under the call.
            throw e.InnerException is TimeoutException
                ? new HeliconeException(HeliconeErrorKind.TimedOut, FormattableString.Invariant($"No connection to {Authority(request)}{Through(request)} within {Options.ConnectTimeout.TotalSeconds:0.###} s."), e)
                {
                    TimeoutPhase = TimeoutPhase.Connect,
                    NothingSent = true,
                    Proxy = Proxy(request),
                }
                : new HeliconeException(HeliconeErrorKind.Unreachable, $"The connection to {Authority(request)}{Through(request)} was canceled: {e.GetBaseException().Message}", e);
        }
        catch (ObjectDisposedException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HeliconeException(HeliconeErrorKind.Unreachable, $"The client was closed before {Authority(request)} answered.", e) { IsTransient = false };
        }
        catch (Exception e) when (e is HttpRequestException or IOException && !cancellationToken.IsCancellationRequested)
        {
            throw new HeliconeException(HeliconeErrorKind.Unreachable, Explain(request, e), e) { NothingSent = IsBeforeSending(e), Proxy = Proxy(request) };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The call was cancelled.", e, cancellationToken);
        }
    }

    // A separate method, so that only a request that is logged pays for the closure.
    private Task<HttpResponseMessage> ConnectAndSendAsync(HttpRequestMessage request, ExchangeLog log, CancellationToken cancellationToken) =>
        log.SendAsync(request, Options.ApiKey, () => ConnectAndSendAsync(request, cancellationToken));

    /// <summary>An address below a base, whether or not the base ends with a slash or contains a path.</summary>
    internal static Uri Combine(Uri root, string path) => new(root.AbsoluteUri.TrimEnd('/') + "/" + path);

    private static string Authority(HttpRequestMessage request) => request.RequestUri!.GetLeftPart(UriPartial.Authority);

    private Uri? Proxy(HttpRequestMessage request) => Options.Handler is null && !Options.IsInProcess ? _proxy.Find(request.RequestUri!) : null;

    private string Through(HttpRequestMessage request) => Proxy(request) is { } proxy ? $" through the proxy {proxy.GetLeftPart(UriPartial.Authority)}" : string.Empty;

    private string Explain(HttpRequestMessage request, Exception exception)
    {
        string address = Authority(request);
        if (Proxy(request) is { } proxy)
        {
            return ExplainProxy(proxy.GetLeftPart(UriPartial.Authority), address, exception);
        }

        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case AuthenticationException when e.Message.IndexOf("certificate", StringComparison.OrdinalIgnoreCase) >= 0:
                    return $"The certificate of {address} is not trusted: {e.Message}";
                case AuthenticationException:
                    return $"No secure connection to {address}: {e.GetBaseException().Message}";
                case System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.HostNotFound or System.Net.Sockets.SocketError.TryAgain or System.Net.Sockets.SocketError.NoData } socket:
                    return $"The host of {address} cannot be found: {socket.Message}.";
                case System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.ConnectionRefused }:
                    return $"No server is listening at {address}: the connection was refused.";
                case System.Net.Sockets.SocketException socket:
                    return $"The connection to {address} broke: {socket.Message}.";
            }
        }

        return $"The connection to {address} broke: {exception.GetBaseException().Message}";
    }

    // Only the proxy is connected to: a socket error is always about the proxy, a TLS error about the address behind it.
    private static string ExplainProxy(string proxy, string address, Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case AuthenticationException when e.Message.IndexOf("certificate", StringComparison.OrdinalIgnoreCase) >= 0:
                    return $"The certificate of {address}, reached through the proxy {proxy}, is not trusted: {e.Message}";
                case System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.HostNotFound or System.Net.Sockets.SocketError.TryAgain or System.Net.Sockets.SocketError.NoData } socket:
                    return $"The proxy {proxy} for {address} cannot be found: {socket.Message}.";
                case System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.ConnectionRefused }:
                    return $"The proxy {proxy} for {address} refused the connection.";
            }
        }

        return exception.Message.IndexOf("'407'", StringComparison.Ordinal) >= 0 || exception.Message.IndexOf("(407)", StringComparison.Ordinal) >= 0
            ? $"The proxy {proxy} requires a user name and password to connect to {address}."
            : $"The connection to {address} through the proxy {proxy} broke: {exception.GetBaseException().Message}";
    }

#if NET
    // A connection that was never made: what broke afterwards may have been worked on.
    private static bool IsBeforeSending(Exception e) => e is HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    };

    private static string OnTheWire(string value) => value;

    private Task<HttpResponseMessage> ConnectAndSendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _http.SendAsync(request, cancellationToken);

    private static SocketsHttpHandler CreateHandler(HeliconeOptions options, ProxyBesideLoopback proxy) => new()
    {
        // DNS changes reach a long-running script within five minutes.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = options.ConnectTimeout,
        AutomaticDecompression = DecompressionMethods.All,
        // A redirect would carry the prompt, and on the same host the key, to wherever it points.
        AllowAutoRedirect = false,
        UseCookies = false,
        // The rest of an answer isn't read: the end of a stream arrives at once, and the rest of an interrupted one isn't waited for.
        ResponseDrainTimeout = TimeSpan.FromMilliseconds(250),
        Proxy = proxy,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        ActivityHeadersPropagator = null,
    };
#else
    // .NET Framework reports it with a status. .NET, which can load this build as well, has a socket or TLS error right inside: one of a connection that
    // breaks after it was made is inside an IOException.
    private static bool IsBeforeSending(Exception e) => e is HttpRequestException
    {
        InnerException: System.Net.Sockets.SocketException or AuthenticationException or WebException
        {
            Status: WebExceptionStatus.NameResolutionFailure or WebExceptionStatus.ProxyNameResolutionFailure or WebExceptionStatus.ConnectFailure
                or WebExceptionStatus.TrustFailure or WebExceptionStatus.SecureChannelFailure,
        },
    };

    // .NET Framework writes a header's characters as Latin-1 bytes; so each byte of the UTF-8 becomes a character.
    private static string OnTheWire(string value)
    {
        foreach (char c in value)
        {
            if (c > '\x7f')
            {
                return Encoding.GetEncoding("iso-8859-1").GetString(Encoding.UTF8.GetBytes(value));
            }
        }

        return value;
    }

    // This platform's handler has no connect timeout. A request with a body reveals when it is connected; one without is bounded by its other timeouts.
    private async Task<HttpResponseMessage> ConnectAndSendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is not { } content)
        {
            return await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        // Not disposed on success: the response goes on listening to the token while its body is read.
        CancellationTokenSource connecting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            request.Content = new ConnectedContent(content, () => connecting.CancelAfter(Timeout.InfiniteTimeSpan));
            connecting.CancelAfter(Options.ConnectTimeout);
            return await _http.SendAsync(request, connecting.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException or ObjectDisposedException
            && connecting.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            connecting.Dispose();
            throw new OperationCanceledException(e.Message, new TimeoutException(e.Message, e));
        }
        catch
        {
            connecting.Dispose();
            throw;
        }
    }

    private static HttpClientHandler CreateHandler(HeliconeOptions options, ProxyBesideLoopback proxy) => new()
    {
        AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
        AllowAutoRedirect = false,
        UseCookies = false,
        Proxy = proxy,
        // .NET Framework's own default is two connections per server.
        MaxConnectionsPerServer = int.MaxValue,
        // TLS 1.2 and 1.3 by number: the default of .NET Framework may still be older.
        SslProtocols = SslProtocols.Tls12 | (SslProtocols)12288,
    };
#endif
}
