using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Chat;

/// <summary>One clear error record each: id, category, what to type next; and nothing is sent where it can be known beforehand.</summary>
public sealed class BadInputTests
{
    [Theory]
    [InlineData("", "HeliconeInvalidPrompt")]
    [InlineData("''", "HeliconeInvalidPrompt")]
    [InlineData("'x' -Model 'a/b/c/d'", "HeliconeInvalidRoute")]
    [InlineData("'x' -Model 'gpt-4o,,x'", "HeliconeInvalidRoute")]
    [InlineData("'x' -Model '!openai'", "HeliconeInvalidRoute")]
    [InlineData("'x' -Fallback '/openai'", "HeliconeInvalidRoute")]
    [InlineData("'x' -Model gpt-4o/azure -ExcludeProvider azure", "HeliconeInvalidRoute")]
    [InlineData("'x' -RateLimitPolicy basic-100", "HeliconeInvalidRateLimitPolicy")]
    [InlineData("'x' -RateLimitPolicy '100;w=5'", "HeliconeInvalidRateLimitPolicy")]
    [InlineData("'x' -RateLimitPolicy @{ Quota = 1 }", "HeliconeInvalidRateLimitPolicy")]
    [InlineData("'x' -RateLimitPolicy @{ Quota = 1; Window = '1h'; Who = 'me' }", "HeliconeInvalidRateLimitPolicy")]
    [InlineData("'x' -RateLimitPolicy '100;w=60;s=user'", "HeliconeInvalidRateLimitPolicy")]
    [InlineData("'x' -RateLimitPolicy '100;w=60;s=team' -Property @{ other = 1 }", "HeliconeInvalidRateLimitPolicy")]
    [InlineData("'x' -Header @{ 'Helicone-RateLimit-Policy' = 'basic-100' }", "HeliconeInvalidRateLimitPolicy")]
    [InlineData("'x' -Property @{ \"a`nb\" = 1 }", "HeliconeInvalidProperty")]
    [InlineData("'x' -Property @{ a = \"b`r`nX-Evil: 1\" }", "HeliconeInvalidProperty")]
    [InlineData("'x' -Property @{ '' = 1 }", "HeliconeInvalidProperty")]
    [InlineData("'x' -Property @{ a = $null }", "HeliconeInvalidProperty")]
    [InlineData("'x' -Property @{ a = 1, 2 }", "HeliconeInvalidProperty")]
    [InlineData("'x' -UserId \"a`nb\"", "HeliconeInvalidUser")]
    [InlineData("'x' -UserId ''", "HeliconeInvalidUser")]
    [InlineData("'x' -RequestId 42", "HeliconeInvalidRequestId")]
    [InlineData("'x' -RequestId 01890a5d-ac96-774b-bcce-b302099a8057", "HeliconeInvalidRequestId")]
    [InlineData("'x' -Session ''", "HeliconeInvalidSession")]
    [InlineData("'x' -Session 42", "HeliconeInvalidSession")]
    [InlineData("'x' -SessionPath /a", "HeliconeInvalidSession")]
    [InlineData("'x' -Session s -SessionPath \"/a`nb\"", "HeliconeInvalidSession")]
    [InlineData("'x' -CacheBucketSize 21", "HeliconeInvalidCache")]
    [InlineData("'x' -CacheMaxAge 400d", "HeliconeInvalidCache")]
    [InlineData("'x' -CacheSeed ''", "HeliconeInvalidCache")]
    [InlineData("'x' -Header @{ 'a b' = 1 }", "HeliconeInvalidHeader")]
    [InlineData("'x' -Header @{ Authorization = 'Bearer x' }", "HeliconeInvalidHeader")]
    [InlineData("'x' -Header @{ Host = 'elsewhere' }", "HeliconeInvalidHeader")]
    [InlineData("'x' -Message @{ content = 'no role' }", "HeliconeInvalidMessage")]
    [InlineData("'x' -Message @{ role = 'robot'; content = 'x' }", "HeliconeInvalidMessage")]
    [InlineData("'x' -Message 42", "HeliconeInvalidMessage")]
    [InlineData("'x' -Body @{ a = { } }", "HeliconeInvalidBody")]
    [InlineData("'x' -Body @{ a = [securestring]::new() }", "HeliconeInvalidBody")]
    [InlineData("'x' -Body @{ a = [double]::NaN }", "HeliconeInvalidBody")]
    public async Task Chat_IsRefused_BeforeAnythingIsSent(string parameters, string id)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        // In a try block, only what ends the command is caught.
        Result result = await shell.RunAsync($"try {{ Invoke-HeliconeChat {parameters} }} catch {{ throw }}");

        Assert.Empty(result.Output);
        Assert.True(result.Terminated);
        Assert.Equal(id, result.ErrorId);
        Assert.Equal(ErrorCategory.InvalidArgument, result.Error.CategoryInfo.Category);
        Assert.False(string.IsNullOrWhiteSpace(result.Error.ErrorDetails.RecommendedAction));
        Assert.Empty(server.Chats);
    }

    [Fact]
    public async Task RequestId_ForTwoCalls_IsRefusedAtTheSecond()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("'a', 'b' | Invoke-HeliconeChat -RequestId 3f2c1a90-6a1b-4c2d-8e3f-0123456789ab");

        Assert.Equal("HeliconeInvalidRequestId", result.ErrorId);
        Assert.True(server.Chats.Count <= 1);
    }

    [Fact]
    public async Task EmptyObject_AmongOthers_IsOneErrorAndNoCall()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("'a', '', 'c' | Invoke-HeliconeChat");

        Assert.Equal(["a", "c"], result.Output.Select(item => Result.Property(item, "Input")));
        Assert.Equal("HeliconeInvalidPrompt", result.ErrorId);
        Assert.False(result.Terminated);
        Assert.Equal(2, server.Chats.Count);
    }

    [Fact]
    public async Task ClosedPort_IsUnreachable_AndSaysWhatToDo()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using Shell shell = Shell.ConnectedTo(new Uri($"http://127.0.0.1:{port}"), "-MaxRetry 0");

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x'");

        Assert.Equal("HeliconeUnreachable", result.ErrorId);
        Assert.Equal(ErrorCategory.ConnectionError, result.Error.CategoryInfo.Category);
        Assert.Contains($"127.0.0.1:{port}", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Test-HeliconeConnection", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gateway_GoneInTheMiddleOfMany_StopsTheRunAndSaysWhereToGoOn()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using Shell shell = Shell.ConnectedTo(new Uri($"http://127.0.0.1:{port}"), "-MaxRetry 0");

        Result result = await shell.RunAsync("try { 1..1000 | Invoke-HeliconeChat -ThrottleLimit 2 } catch { throw }");

        Assert.True(result.Terminated);
        Assert.Equal("HeliconeGatewayGone", result.Errors[^1].FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.ConnectionError, result.Errors[^1].CategoryInfo.Category);
        Assert.InRange(result.Errors.Count, 2, 10);
        Helicone.Tests.Bulk.Stopped stopped = new(result.Errors[^1]);
        Assert.Equal((0, result.Errors.Count - 1), (stopped.Done, stopped.Failed));

        // Each input that had come in is either in a separate error or among the unanswered, and the first of those is the target.
        int known = result.Errors.Count - 1 + stopped.Unanswered.Count;
        Assert.Equal(Enumerable.Range(1, known), result.Errors.SkipLast(1).Select(error => (int)error.TargetObject).Concat(stopped.Unanswered.Cast<int>()).Order());
        Assert.Equal(stopped.Unanswered[0], result.Errors[^1].TargetObject);
        Assert.Contains("-Journal", result.Errors[^1].ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongHost_IsUnreachable_AndNamesIt()
    {
        // .invalid never resolves (RFC 2606).
        using Shell shell = Shell.ConnectedTo(new Uri("https://gateway.invalid"), "-MaxRetry 0");

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x'");

        Assert.Equal("HeliconeUnreachable", result.ErrorId);
        Assert.Contains("gateway.invalid", result.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_ThatNobodyTrusts_IsUnreachable_AndNothingIsSent()
    {
        using RSA rsa = RSA.Create(2048);
        CertificateRequest request = new("CN=localhost", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.SayAsync("ok"), certificate);
        using Shell shell = Shell.ConnectedTo(server.Uri, "-MaxRetry 0");

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x'");

        Assert.Equal("HeliconeUnreachable", result.ErrorId);
        Assert.Contains("certificate", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Chats);
    }

    [Fact]
    public async Task Key_ThatTheGatewayDoesNotKnow_IsUnauthenticated_AndSaysWhatToDo()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.RespondAsync(401, "Invalid Helicone API key"));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x'");

        Assert.Equal("HeliconeUnauthenticated", result.ErrorId);
        Assert.Equal(ErrorCategory.AuthenticationError, result.Error.CategoryInfo.Category);
        Assert.Equal("x", result.Error.TargetObject);
        Assert.Contains("Connect-Helicone", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'7x'")]
    [InlineData("'soon'")]
    public async Task Time_ThatIsNone_IsRefusedWithExamples(string age)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync($"Invoke-HeliconeChat 'x' -CacheMaxAge {age}");

        Assert.Contains("1h30m", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Chats);
    }

    [Theory]
    [InlineData("7d", 604800)]
    [InlineData("1h30m", 5400)]
    [InlineData("90", 90)]
    [InlineData("'00:02:00'", 120)]
    [InlineData("([timespan]::FromHours(2))", 7200)]
    [InlineData("1.5h", 5400)]
    public async Task Time_HoweverItIsWritten_IsSeconds(string age, int seconds)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync($"Invoke-HeliconeChat 'x' -CacheMaxAge {age}")).AssertNoErrors();

        Assert.Equal($"max-age={seconds}", server.Chats[0].Headers["Cache-Control"]);
    }

    [Theory]
    [InlineData("$a = 30d; Invoke-HeliconeChat 'x' -CacheMaxAge $a", "30d")]
    [InlineData("$a = 30d; Invoke-HeliconeChat 'x' -Hedge $a", "30d")]
    [InlineData("Invoke-HeliconeChat 'x' -RateLimitPolicy @{ Quota = 1000; Window = 90d }", "90d")]
    public async Task Time_ThatPowerShellHasReadAsADecimal_IsRefused_AndSaysWhy(string command, string typed)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync(command);

        Assert.Contains("decimal", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains($"'{typed}'", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Chats);
    }
}
