using System.Net;
using System.Net.Sockets;
using System.Text;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;

namespace Helicone.Core.Tests.Http;

// The proxy of the system belongs to the process.
[Collection(nameof(AloneCollection))]
public class ProxyTests
{
    // Behind a proxy, nobody asks for its address.
    private static readonly Uri s_gateway = new("https://gateway.invalid/");
    private static readonly RequestOptions s_once = new() { MaxRetries = 0 };

    [Fact]
    public async Task DeadProxy_IsNamed_AndHeliconeIsNotBlamed()
    {
        Uri proxy = ClosedPort();

        HeliconeException e = await Clients.FailAsync(s_gateway, s_once, o => o with { Proxy = proxy });

        Assert.Equal(HeliconeErrorKind.Unreachable, e.Kind);
        Assert.Equal($"The proxy http://127.0.0.1:{proxy.Port} for https://gateway.invalid refused the connection.", e.Message);
        Assert.Equal(proxy, e.Proxy);
        Assert.True(Assert.Single(e.Attempts).NothingSent);
    }

    [Fact]
    public async Task UnknownProxy_IsNamed()
    {
        HeliconeException e = await Clients.FailAsync(s_gateway, s_once, o => o with { Proxy = new Uri("http://proxy.invalid:8080") });

        Assert.StartsWith("The proxy http://proxy.invalid:8080 for https://gateway.invalid cannot be found: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Proxy_GetsTheCredentials_AndAnErrorDoesNot()
    {
        List<string> heads = [];
        await using RawServer proxy = Proxy(heads, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");

        HeliconeException e = await Clients.FailAsync(s_gateway, s_once, o => o with { Proxy = proxy.Uri, ProxyCredential = new NetworkCredential("night", "s3cret-word") });

        Assert.Contains(heads, head => head.Contains("Proxy-Authorization: Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("night:s3cret-word")), StringComparison.Ordinal));
        Assert.All(heads, head => Assert.StartsWith("CONNECT gateway.invalid:443 ", head, StringComparison.Ordinal));
        Assert.Equal($"The proxy http://127.0.0.1:{proxy.Uri.Port} requires a user name and password to connect to https://gateway.invalid.", e.Message);
        Assert.DoesNotContain("s3cret-word", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProxyThatRefusesTheTunnel_IsNamed()
    {
        await using RawServer proxy = Proxy([], "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");

        HeliconeException e = await Clients.FailAsync(s_gateway, s_once, o => o with { Proxy = proxy.Uri });

        Assert.StartsWith($"The connection to https://gateway.invalid through the proxy http://127.0.0.1:{proxy.Uri.Port} broke: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProxyOfTheSystem_IsNamedWithoutItsPassword_AndNoProxyIgnoresIt()
    {
        Uri proxy = ClosedPort();
        SystemProxy before = SystemProxy.Replace(new WithPassword(new Uri($"http://night:s3cret-word@127.0.0.1:{proxy.Port}")));
        try
        {
            HeliconeException through = await Clients.FailAsync(s_gateway, s_once);
            HeliconeException direct = await Clients.FailAsync(s_gateway, s_once, o => o with { NoProxy = true });

            Assert.StartsWith($"The proxy http://127.0.0.1:{proxy.Port} for", through.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("s3cret-word", through.ToString() + through.Proxy, StringComparison.Ordinal);
            Assert.StartsWith("The host of https://gateway.invalid cannot be found", direct.Message, StringComparison.Ordinal);
            Assert.Null(direct.Proxy);
        }
        finally
        {
            before.Restore();
        }
    }

    [Theory]
    [InlineData("proxy.example:8080")]
    [InlineData("ftp://proxy.example")]
    [InlineData("http://night:s3cret-word@proxy.example")]
    [InlineData("night:s3cret-word@proxy.example:8080")]
    public void Proxy_ThatIsNotOne_IsRefused_AndItsPasswordNotShown(string address)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new HeliconeClient(Clients.Options(s_gateway) with { Proxy = new Uri(address) }));

        Assert.Contains("proxy.example", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret-word", e.ToString(), StringComparison.Ordinal);
    }

    private static RawServer Proxy(List<string> heads, string answer) => new(_ => Task.CompletedTask, greet: async (socket, stop) =>
    {
        byte[] buffer = new byte[8192];
        while (true)
        {
            int read = await socket.ReceiveAsync(buffer, stop);
            if (read == 0)
            {
                return;
            }

            lock (heads)
            {
                heads.Add(Encoding.ASCII.GetString(buffer, 0, read));
            }

            await socket.SendAsync(Encoding.ASCII.GetBytes(answer), stop);
        }
    });

    private static Uri ClosedPort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        return new Uri($"http://127.0.0.1:{port}");
    }

    /// <summary>What HTTPS_PROXY with a password becomes: an address that contains it.</summary>
    private sealed class WithPassword(Uri address) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => address;

        public bool IsBypassed(Uri host) => false;
    }

    private sealed record SystemProxy(IWebProxy Client, IWebProxy? Request)
    {
        /// <summary>.NET's default proxy, and the one that the netstandard2.0 build asks for.</summary>
        public static SystemProxy Replace(IWebProxy proxy)
        {
            SystemProxy before = new(HttpClient.DefaultProxy, WebRequest.DefaultWebProxy);
            HttpClient.DefaultProxy = proxy;
            WebRequest.DefaultWebProxy = proxy;
            return before;
        }

        public void Restore()
        {
            HttpClient.DefaultProxy = Client;
            WebRequest.DefaultWebProxy = Request;
        }
    }
}
