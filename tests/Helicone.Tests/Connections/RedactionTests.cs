using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Connections;

/// <summary>Whatever goes well or wrong, the key is in no stream, no error record, no object, no view.</summary>
public sealed class RedactionTests
{
    private const string Loud = "$VerbosePreference = 'Continue'; $DebugPreference = 'Continue'; $InformationPreference = 'Continue'; ";

    [Theory]
    [InlineData("Invoke-HeliconeChat 'x'")]
    [InlineData("'a', 'b' | Invoke-HeliconeChat")]
    [InlineData("Invoke-HeliconeChat 'x' -Stream | Show-HeliconeStream -PassThru")]
    [InlineData("Get-HeliconeConnection; \"$(Get-HeliconeConnection)\"")]
    [InlineData("Test-HeliconeConnection -Detailed")]
    [InlineData("Get-HeliconeModel -Refresh")]
    [InlineData("Invoke-HeliconeChat 'x' -Header @{ Authorization = \"Bearer $key\" }")]
    [InlineData("Connect-Helicone -ApiKey \"$key \"")]
    [InlineData("Connect-Helicone -ApiKey @($key, $key)")]
    [InlineData("Connect-Helicone -ApiKey $key -GatewayUri http://gateway.example")]
    [InlineData("Connect-Helicone -ApiKey $key -Model 'a/b/c/d' -PassThru")]
    [InlineData("Get-HeliconeConnection | Out-Default; Connect-Helicone -ApiKey \"$key`n\"")]
    public async Task Key_IsNowhere(string command)
    {
        // A server that quotes the key in its error, as providers do.
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.FailAsync(503, "upstream refused the key " + exchange.Headers["Authorization"]));
        ScreenHost host = new();
        using Shell shell = Shell.ConnectedTo(server.Uri, "-MaxRetry 1", host);

        Result result = await shell.RunAsync(Loud + command, null, ("key", Shell.Key));

        // A prefix that is shown and a tail of four are all that may be seen.
        string secret = Shell.Key["sk-helicone-".Length..^4];
        Assert.DoesNotContain(secret, result.Everything(), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, host.Screen, StringComparison.Ordinal);
    }
}
