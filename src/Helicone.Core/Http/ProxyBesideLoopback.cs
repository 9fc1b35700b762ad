using System;
using System.Net;
#if NET
using System.Net.Http;
#endif

namespace Helicone.Http;

/// <summary>The proxy of the environment or the system, but never for loopback: a local gateway is not behind any proxy.</summary>
internal sealed class ProxyBesideLoopback : IWebProxy
{
    // Asked for late: what the system's proxy is takes a while to find out, and a connection to loopback never needs to know.
#if NET
    private static IWebProxy? System => HttpClient.DefaultProxy;
#else
    private static IWebProxy? System => WebRequest.DefaultWebProxy;
#endif

    public ICredentials? Credentials
    {
        get => System?.Credentials;
        set => throw new NotSupportedException();
    }

    public Uri? GetProxy(Uri destination) => destination.IsLoopback ? null : System?.GetProxy(destination);

    public bool IsBypassed(Uri host) => host.IsLoopback || System is not { } proxy || proxy.IsBypassed(host);
}
