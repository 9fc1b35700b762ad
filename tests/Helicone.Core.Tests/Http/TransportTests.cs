using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;

namespace Helicone.Core.Tests.Http;

public class TransportTests
{
    [Fact]
    public async Task ClosedPort_NamesTheAddress()
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Uri uri = new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        listener.Stop();

        HeliconeException e = await Clients.FailAsync(uri);

        Assert.Equal(HeliconeErrorKind.Unreachable, e.Kind);
        Assert.Equal($"No server is listening at http://127.0.0.1:{uri.Port}: the connection was refused.", e.Message);
        Assert.Null(e.StatusCode);
        Assert.True(e.IsTransient);
        Assert.Equal(3, e.Attempts.Count);
        AssertNoKey(e);
    }

    [Fact]
    public async Task UnknownHost_IsNamed()
    {
        HeliconeException e = await Clients.FailAsync(new Uri("https://nonexistent.invalid/"), new RequestOptions { MaxRetries = 0 });

        Assert.Equal(HeliconeErrorKind.Unreachable, e.Kind);
        Assert.StartsWith("The host of https://nonexistent.invalid cannot be found:", e.Message, StringComparison.Ordinal);
        AssertNoKey(e);
    }

    [Fact]
    public async Task UntrustedCertificate_IsCalledThat_AndNothingIsSent()
    {
        using RSA rsa = RSA.Create(2048);
        CertificateRequest request = new("CN=localhost", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole), null, X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null));

        HeliconeException e = await Clients.FailAsync(server.Uri, new RequestOptions { MaxRetries = 0 }, o => o with { ConnectTimeout = TimeSpan.FromMinutes(1) });

        Assert.Equal(Uri.UriSchemeHttps, server.Uri.Scheme);
        Assert.Equal(HeliconeErrorKind.Unreachable, e.Kind);
        Assert.Contains("certificate", e.Message, StringComparison.Ordinal);
        Assert.Contains("not trusted", e.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
        AssertNoKey(e);
    }

    [Fact]
    public async Task PlainServer_BehindAnHttpsAddress_IsUnreachable()
    {
        await using RawServer server = new(exchange => exchange.RespondAsync(200, Answers.Whole));

        HeliconeException e = await Clients.FailAsync(new Uri($"https://127.0.0.1:{server.Uri.Port}/"), new RequestOptions { MaxRetries = 0, TotalTimeout = TimeSpan.FromSeconds(5) });

        Assert.Contains(e.Kind, new[] { HeliconeErrorKind.Unreachable, HeliconeErrorKind.TimedOut });
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task KeepAliveConnection_ClosedUnderTheNextRequest_IsOvercome()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.RespondAsync(200, Answers.Whole);
            if (exchange.Number == 1)
            {
                exchange.Close();
            }
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        await client.Chat.CompleteAsync(Clients.Ask(), null, default);
        ChatCompletion second = await client.Chat.CompleteAsync(Clients.Ask(), null, default);

        Assert.Equal("Rayleigh scattering.", second.Content);
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task KeepAliveConnection_ResetOnArrivalOfTheNextRequest_IsOvercome()
    {
        await using RawServer server = new(exchange =>
        {
            if (exchange.Number == 2)
            {
                exchange.Reset();
                return Task.CompletedTask;
            }

            return exchange.RespondAsync(200, Answers.Whole);
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        await client.Chat.CompleteAsync(Clients.Ask(), null, default);
        ChatCompletion second = await client.Chat.CompleteAsync(Clients.Ask(), null, default);

        Assert.Equal("Rayleigh scattering.", second.Content);
        Assert.Equal(3, server.Requests);
    }

    [Fact]
    public async Task Reset_BeforeHeaders_IsUnreachable()
    {
        await using RawServer server = new(exchange =>
        {
            exchange.Reset();
            return Task.CompletedTask;
        });

        HeliconeException e = await Clients.FailAsync(server.Uri);

        Assert.Equal(HeliconeErrorKind.Unreachable, e.Kind);
        Assert.Contains(server.Uri.Authority, e.Message, StringComparison.Ordinal);
        AssertNoKey(e);
    }

    [Theory]
    [InlineData("not http at all\r\n\r\n")]
    [InlineData("HTTP/1.1 abc OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nbroken header\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public async Task Server_ThatDoesNotSpeakHttp_IsOneClearError(string answer)
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.SendAsync(answer);
            exchange.Close();
        });

        HeliconeException blocking = await Clients.FailAsync(server.Uri, new RequestOptions { MaxRetries = 0 });
        (HeliconeException streamed, _) = await Clients.FailStreamAsync(server.Uri, new RequestOptions { MaxRetries = 0 });

        Assert.Contains(blocking.Kind, new[] { HeliconeErrorKind.Unreachable, HeliconeErrorKind.StreamInterrupted, HeliconeErrorKind.MalformedResponse });
        Assert.Contains(streamed.Kind, new[] { HeliconeErrorKind.Unreachable, HeliconeErrorKind.StreamInterrupted, HeliconeErrorKind.MalformedResponse });
    }

    [Fact]
    public async Task ContentLength_ThatIsTooShort_IsNotPassedOffAsAnAnswer()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Answers.Whole.Length - 20}\r\n\r\n{Answers.Whole}");
            exchange.Close();
        });

        HeliconeException e = await Clients.FailAsync(server.Uri, new RequestOptions { MaxRetries = 0 });

        Assert.Equal(HeliconeErrorKind.MalformedResponse, e.Kind);
    }

    [Fact]
    public async Task ContentLength_ThatIsTooLong_IsNotPassedOffAsAnAnswer()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Answers.Whole.Length + 20}\r\n\r\n{Answers.Whole}");
            exchange.Close();
        });

        HeliconeException e = await Clients.FailAsync(server.Uri, new RequestOptions { MaxRetries = 0 });

        Assert.Equal(HeliconeErrorKind.StreamInterrupted, e.Kind);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
#if !NETSTANDARD_CORE
    // .NET Standard 2.0 has no Brotli: that build doesn't ask for it, and leaves a body that claims it as it is.
    [InlineData("br")]
#endif
    public async Task CompressionThatLies_IsMalformed_BlockingAndStreamed(string encoding)
    {
        byte[] body = Encoding.UTF8.GetBytes(Answers.Whole);
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Sequence(
            ScriptedServer.Bytes(200, body, "application/json", ("Content-Encoding", encoding)),
            ScriptedServer.Bytes(200, body, "application/json", ("Content-Encoding", encoding)),
            ScriptedServer.Bytes(200, Encoding.UTF8.GetBytes(Answers.Text("x") + Answers.Finish + Answers.Done), "text/event-stream", ("Content-Encoding", encoding))));
        RequestOptions once = new() { MaxRetries = 0 };

        Assert.Equal(HeliconeErrorKind.MalformedResponse, (await Clients.FailAsync(server.Uri, once)).Kind);
        Assert.Equal(HeliconeErrorKind.MalformedResponse, (await Clients.FailStreamAsync(server.Uri, once)).Error.Kind);
        Assert.Equal(HeliconeErrorKind.MalformedResponse, (await Clients.FailStreamAsync(server.Uri, once)).Error.Kind);
    }

    [Fact]
    public async Task Compression_ThatIsTrue_IsUndone()
    {
        using MemoryStream zipped = new();
        using (GZipStream gzip = new(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(Answers.Whole));
        }

        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Bytes(200, zipped.ToArray(), "application/json", ("Content-Encoding", "gzip")));

        Assert.Equal("Rayleigh scattering.", (await Clients.CompleteAsync(server.Uri)).Content);
        string accepted = server.Chats.Single().Headers["Accept-Encoding"];
        Assert.Contains("gzip", accepted, StringComparison.Ordinal);
#if NETSTANDARD_CORE
        Assert.DoesNotContain("br", accepted, StringComparison.Ordinal);
#else
        Assert.Contains("br", accepted, StringComparison.Ordinal);
#endif
    }

    [Theory]
    [InlineData("<html><body>Sign in to the hotel Wi-Fi</body></html>", "text/html", "hotel Wi-Fi")]
    [InlineData("", "application/json", "The answer is empty.")]
    [InlineData("  \r\n", "application/json", "The answer is empty.")]
    [InlineData("{\"choices\":[{\"index\":0,\"message\":{\"content\":\"half of", "application/json", "not a chat completion")]
    [InlineData("{\"choices\":[]}", "application/json", "not a chat completion")]
    [InlineData("[]", "application/json", "not a chat completion")]
    [InlineData("null", "application/json", "not a chat completion")]
    [InlineData("{\"status\":\"healthy :)\"}", "application/json", "healthy")]
    [InlineData("{\"choices\":[{\"index\":0,\"message\":{\"content\":\"x\"}}]} trailing", "application/json", "not a chat completion")]
    [InlineData("{\"choices\":[{\"index\":0,\"message\":{\"content\":\"cut\"},\"finish_reason\":\"error\"}]}", "application/json", "finish_reason is 'error'")]
    public async Task Ok_ThatIsNoAnswer_IsAnError(string body, string contentType, string says)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(200, body, contentType));

        HeliconeException blocking = await Clients.FailAsync(server.Uri);
        Assert.Equal(3, server.Chats.Count);
        (HeliconeException streamed, _) = await Clients.FailStreamAsync(server.Uri);

        Assert.Contains(says, blocking.Message, StringComparison.Ordinal);
        Assert.Equal(blocking.Message, streamed.Message);
        Assert.Equal(blocking.Kind, streamed.Kind);
        Assert.Equal(says.Contains("finish", StringComparison.Ordinal) ? HeliconeErrorKind.UpstreamFailed : HeliconeErrorKind.MalformedResponse, blocking.Kind);
    }

    [Fact]
    public async Task Answer_NestedVeryDeeply_IsAnErrorAndNotACrash()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(200, "{\"choices\":[{\"message\":{\"content\":\"x\",\"deep\":" + new string('[', 100_000) + new string(']', 100_000) + "}}]}", "application/json"));

        Assert.Equal(HeliconeErrorKind.MalformedResponse, (await Clients.FailAsync(server.Uri, new RequestOptions { MaxRetries = 0 })).Kind);
    }

    [Theory]
    [InlineData("""{"usage":{"prompt_tokens":5,"completion_tokens":2,"prompt_tokens_details":[1,{"a":2}],"completion_tokens_details":null},""")]
    [InlineData("""{"usage":{"prompt_tokens":5.0,"completion_tokens":2,"total_tokens":-9,"prompt_tokens_details":"x","unknown":[{}]},"error":null,""")]
    [InlineData("""{"error":"","usage":{"prompt_tokens":5,"completion_tokens":2},"x":{"choices":[]},""")]
    public async Task Answer_WithOddFields_IsReadForTheRest(string beginning)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(200, beginning + """ "choices":[{"index":1e400,"message":{"role":7,"content":"x","tool_calls":null}}]}""", "application/json"));

        ChatCompletion completion = await Clients.CompleteAsync(server.Uri);

        Assert.Equal("x", completion.Content);
        Assert.Equal("assistant", completion.Role);
        Assert.Equal(new ChatUsage(5, 2, 7), completion.Usage);
    }

    [Fact]
    public async Task Answer_WithAByteOrderMark_IsTheAnswer()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(200, "\ufeff" + Answers.Whole, "application/json"));

        ChatCompletion completion = await Clients.CompleteAsync(server.Uri);

        Assert.Equal("Rayleigh scattering.", completion.Content);
        Assert.Equal(Answers.Whole, completion.Raw);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Redirect_IsNotFollowed(int status)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(status, "", null, ("Location", "https://elsewhere.example/?key=" + Clients.Key)));

        HeliconeException e = await Clients.FailAsync(server.Uri);

        Assert.Equal((HeliconeErrorKind.InvalidRequest, status), (e.Kind, e.StatusCode));
        Assert.Contains("elsewhere.example", e.Message, StringComparison.Ordinal);
        Assert.Single(server.Chats);
        AssertNoKey(e);
    }

    [Fact]
    public async Task Loopback_NeverGoesByAProxy()
    {
        await using RawServer proxy = new(exchange => exchange.RespondAsync(502, "through the proxy"));
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        IWebProxy before = HttpClient.DefaultProxy;
        try
        {
            HttpClient.DefaultProxy = new WebProxy(proxy.Uri);

            // The API elsewhere would use the proxy, and the gateway next to it must not.
            ChatCompletion completion = await Clients.CompleteAsync(server.Uri, null, o => o with { ApiUri = new Uri("https://nonexistent.invalid/") });

            Assert.Equal("Rayleigh scattering.", completion.Content);
            Assert.Equal(0, proxy.Requests);
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }

#if NETSTANDARD_CORE
    /// <summary>
    /// .NET Framework sends the low byte of each character of a header; .NET's handler, which runs this build here, refuses such a header. So this looks
    /// at what the handler is given.
    /// </summary>
    [Fact]
    public async Task NonAsciiValues_AreHandedOverAsTheBytesOfTheirUtf8()
    {
        HeaderHandler handler = new();

        await Clients.CompleteAsync(
            new Uri("http://localhost/"),
            new RequestOptions { Tags = new() { Properties = new Dictionary<string, string> { ["Team"] = "Zürich 🌍" } } },
            o => o with { Handler = handler });

        Assert.Equal("Zürich 🌍", Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(handler.Team!)));
    }

    private sealed class HeaderHandler : HttpMessageHandler
    {
        public string? Team { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Headers.TryGetValues("Helicone-Property-Team", out IEnumerable<string>? values))
            {
                Team = values.Single();
            }

            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Answers.Whole, Encoding.UTF8, "application/json") });
        }
    }
#else
    [Fact]
    public async Task NonAsciiValues_ArriveAsUtf8()
    {
        await using RawServer server = new(exchange => exchange.RespondAsync(200, Answers.Whole));

        await Clients.CompleteAsync(server.Uri, new RequestOptions { Tags = new() { Properties = new Dictionary<string, string> { ["Team"] = "Zürich 🌍" } } });

        Assert.Contains("Helicone-Property-Team: Zürich 🌍\r\n", server.LastHead, StringComparison.Ordinal);
    }
#endif

    [Fact]
    public async Task LoneSurrogate_InAPrompt_IsSentAsAReplacementCharacter()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);

        await client.Chat.CompleteAsync(Clients.Ask("cut \ud83d"), null, default);

        Assert.Matches("cut (\ufffd|\\\\uFFFD)\"", server.Chats.Single().Body);
    }

    [Fact]
    public async Task Check_SaysWhichPartFailsAndWhy()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(
            ScriptedServer.Text(401, "Invalid Helicone API key (hshed)"),
            context => ScriptedServer.Json(context.Request.Path == "/v1/models" ? """{"object":"list","data":[]}""" : "gone", context.Request.Path == "/v1/models" ? 200 : 503)(context));
        using HeliconeClient client = Clients.Client(server.Uri);

        ConnectionReport report = await client.CheckAsync(default);

        Assert.True(report.Gateway.Ok);
        Assert.False(report.Api.Ok);
        Assert.Equal(HeliconeErrorKind.UpstreamFailed, report.Api.Error!.Kind);
        Assert.False(report.Key.Ok);
        Assert.Equal(HeliconeErrorKind.Unauthenticated, report.Key.Error!.Kind);
        Assert.False(report.Ok);
        Assert.DoesNotContain(server.Requests.Where(r => r.Path != "/v1/chat/completions"), r => r.Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task Check_OfAKeyThatIsKnown_SendsNoPrompt()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(400, "Invalid body or missing model."), ScriptedServer.Json("{}"));
        using HeliconeClient client = Clients.Client(server.Uri);

        ConnectionReport report = await client.CheckAsync(default);

        Assert.True(report.Ok);
        Assert.Equal("{}", server.Chats.Single().Body);
    }

    [Fact]
    public async Task Check_OfABodyThatBreaks_ReportsItAndDoesNotThrow()
    {
        await using RawServer server = new(async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 50\r\n\r\nno gzip");
            exchange.Close();
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        ConnectionReport report = await client.CheckAsync(default);

        Assert.False(report.Gateway.Ok);
        Assert.True(report.Gateway.Error is { StatusCode: 404 });
    }

    [Theory]
    [InlineData("line\nbreak")]
    [InlineData("(nested)")]
    [InlineData("Zürich")]
    public void UserAgentComment_ThatCannotGoIntoAHeader_IsRefused(string comment) =>
        Assert.Throws<ArgumentException>(() => new HeliconeClient(new HeliconeOptions { UserAgentComment = comment }));

    [Theory]
    [InlineData("")]
    [InlineData("has space")]
    [InlineData("line\nbreak")]
    [InlineData("ключ-0123456789abcdef")]
    public void Key_ThatCannotGoIntoAHeader_IsRefused_AndNotShown(string key)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new HeliconeClient(new HeliconeOptions { ApiKey = new NetworkCredential("", key).SecurePassword }));

        Assert.True(key.Length == 0 || !e.ToString().Contains(key, StringComparison.Ordinal));
    }

    private static void AssertNoKey(Exception e)
    {
        for (Exception? inner = e; inner is not null; inner = inner.InnerException)
        {
            Assert.DoesNotContain(Clients.Key, inner.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(Clients.Key[12..], inner.ToString(), StringComparison.Ordinal);
        }
    }
}
