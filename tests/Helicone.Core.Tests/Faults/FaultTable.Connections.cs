using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Helicone.Errors;
using static Helicone.Core.Tests.Faults.Expectation;
using static Helicone.Core.Tests.Faults.Script;
using static Helicone.Errors.HeliconeErrorKind;

namespace Helicone.Core.Tests.Faults;

public static partial class FaultTable
{
    // Made before any handshake: on a busy machine, an RSA key takes longer than a client waits for a connection.
    private static readonly X509Certificate2 s_own = Certificate("localhost", IPAddress.Loopback);
    private static readonly X509Certificate2 s_other = Certificate("elsewhere.example", null);

    private static IEnumerable<Fault> Connections() =>
    [
        new("connection refused", Answer, Passing(Unreachable, null, "the connection was refused")) { Refused = true },
        new("host that nobody knows", Answer, Passing(Unreachable, null, "cannot be found"))
        {
            Greet = static (_, _) => Task.CompletedTask,
            Address = static _ => new Uri("https://nonexistent.invalid/"),
        },
        Tls("certificate that nobody trusts", (socket, _) => HandshakeAsync(socket, s_own), Passing(Unreachable, null, "is not trusted")),
        Tls("certificate of another host", (socket, _) => HandshakeAsync(socket, s_other), Passing(Unreachable, null, "RemoteCertificateNameMismatch")),
        Tls("plain http on the https port", (socket, stop) => SayAsync(socket, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", stop), Passing(Unreachable, null, "No secure connection")),
        Tls("connection closed in the TLS handshake", (socket, stop) => SayAsync(socket, string.Empty, stop), Passing(Unreachable, null)),
        Tls("TLS handshake that never ends", WaitAsync, Passing(TimedOut, null, "No connection to") with { Phase = TimeoutPhase.Connect, Attempts = 2 }) with
        {
            Client = options => options with { ConnectTimeout = TimeSpan.FromMilliseconds(150), MaxRetries = 1 },
        },

        new("reset before the headers", Reset, Passing(Unreachable, null, "broke")),
        new("reset before the headers, once", First(1, Reset), Whole(2, Unreachable)),
        new("closed before the headers", Close, Passing(Unreachable, null, "broke")),
        new("closed before the headers, twice", First(2, Close), Whole(3, Unreachable)),
        new("closed in the middle of the headers", Send("HTTP/1.1 200 OK\r\nContent-Le").Then(Close), Passing(Unreachable, null, "broke")),
        new("keep-alive connection closed under the next request", First(1, Close), Whole(2, Unreachable)) { AfterACall = true },
        new("keep-alive connection reset under the next request", First(1, Reset), Whole(2, Unreachable)) { AfterACall = true },
        new("not HTTP at all", Send("220 smtp.example ESMTP\r\n").Then(Close), Passing(Unreachable, null, "broke")),
        new("status that is no number", Send("HTTP/1.1 abc OK\r\n\r\n").Then(Close), Passing(Unreachable, null, "broke")),
        new("header without a colon", Send("HTTP/1.1 200 OK\r\nbroken header\r\n\r\n").Then(Close), Passing(Unreachable, null, "broke")),
        new("headers without end", Send("HTTP/1.1 200 OK\r\n").Then(Endless("X-Filler: " + new string('x', 4000) + "\r\n")), Passing(Unreachable, null)),
        new("interim responses before the answer", Send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n").Then(Answer), Whole()),
        new("answer and a connection that closes behind it", Answer.Then(Close), Whole()),
        new("retries of the server's own, and a connection that broke", First(1, Close), Whole(2, Unreachable)) { Call = ServerRetries },
    ];

    private static Fault Tls(string name, Func<Socket, CancellationToken, Task> greet, Expectation expected) => new(name, Answer, expected)
    {
        Greet = greet,
        Address = uri => new Uri($"https://127.0.0.1:{uri.Port}/"),
        // What is tested is why the handshake fails, not how fast. The one that never ends has its own limit.
        Client = static options => options with { ConnectTimeout = TimeSpan.FromMinutes(1) },
    };

    private static RequestOptions ServerRetries(RequestOptions options) =>
        options with { Headers = new Dictionary<string, string> { ["Helicone-Retry-Enabled"] = "true", ["Helicone-Retry-Num"] = "3" } };

    /// <summary>The same bytes again and again, until the client leaves.</summary>
    private static Func<FaultExchange, Task> Endless(string text) => async exchange =>
    {
        while (true)
        {
            await exchange.Raw.SendAsync(text);
        }
    };

    private static async Task HandshakeAsync(Socket socket, X509Certificate2 certificate)
    {
        using NetworkStream bytes = new(socket);
        using SslStream tls = new(bytes);
        try
        {
            await tls.AuthenticateAsServerAsync(certificate);
            Assert.Equal(0, await tls.ReadAsync(new byte[1]));
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // The client rejects the certificate.
        }
    }

    private static async Task SayAsync(Socket socket, string text, CancellationToken stop)
    {
        await socket.ReceiveAsync(new byte[4096], stop);
        await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(text), stop);
        socket.Shutdown(SocketShutdown.Send);
        await WaitAsync(socket, stop);
    }

    private static async Task WaitAsync(Socket socket, CancellationToken stop)
    {
        while (await socket.ReceiveAsync(new byte[4096], stop) > 0)
        {
        }
    }

    private static X509Certificate2 Certificate(string host, IPAddress? address)
    {
        using RSA rsa = RSA.Create(2048);
        CertificateRequest request = new("CN=" + host, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(host);
        if (address is not null)
        {
            names.AddIpAddress(address);
        }

        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
