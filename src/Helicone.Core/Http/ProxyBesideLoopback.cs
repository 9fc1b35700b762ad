using System;
using System.Net;
#if NET
using System.Net.Http;
#endif

namespace Helicone.Http;

/// <summary>The proxy of the options, else the one of the environment or the system, but never for loopback: a local gateway is not behind a proxy.</summary>
internal sealed class ProxyBesideLoopback : IWebProxy
{
    private readonly IWebProxy? _proxy;
    private readonly bool _isNone;
    private readonly ICredentials? _credentials;

    internal ProxyBesideLoopback(HeliconeOptions options)
    {
        _proxy = options.Proxy is { } address ? new WebProxy(address) : null;
        _isNone = options.NoProxy;
        _credentials = options.ProxyCredential;
    }

    public ICredentials? Credentials
    {
        get => _credentials ?? Proxy?.Credentials;
        set => throw new NotSupportedException();
    }

    // The default is looked up late: finding the system's proxy takes a while, and a connection to loopback never needs it.
#if NET
    private IWebProxy? Proxy => _isNone ? null : _proxy ?? HttpClient.DefaultProxy;
#else
    private IWebProxy? Proxy => _isNone ? null : _proxy ?? WebRequest.DefaultWebProxy;
#endif

    /// <summary>The address without a user name or password, which HTTPS_PROXY may contain: .NET takes those from <see cref="Credentials"/>, and quotes the address in errors.</summary>
    public Uri? GetProxy(Uri destination) => destination.IsLoopback || Proxy?.GetProxy(destination) is not { } proxy ? null
        : proxy.UserInfo.Length == 0 ? proxy
        : new UriBuilder(proxy) { UserName = string.Empty, Password = string.Empty }.Uri;

    public bool IsBypassed(Uri host) => host.IsLoopback || Proxy is not { } proxy || proxy.IsBypassed(host);

    /// <summary>The proxy between this machine and an address, if there is one.</summary>
    internal Uri? Find(Uri destination) => IsBypassed(destination) || GetProxy(destination) is not { } proxy || proxy == destination ? null : proxy;
}
