using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Reference;

/// <summary>Rows 4 to 6, 10 and 11 of <c>litellm-integration.md</c> where LiteLLM's users lose them: of all that Helicone reads, a call sends these headers and no others.</summary>
public sealed class LiteLlmHeadersTests
{
    [Fact]
    public Task Session_User_AndProperties_AreExactlyTheirHeaders() => AssertOnTheWireAsync(
        "Invoke-HeliconeChat 'Hi' -Session (New-HeliconeSession -Id 's-1' -Name 'My Session') -UserId user-123 -Property @{ Environment = 'production' }",
        ("Helicone-Session-Id", "s-1"),
        ("Helicone-Session-Name", "My Session"),
        ("Helicone-Session-Path", "/"),
        ("Helicone-User-Id", "user-123"),
        ("Helicone-Property-Environment", "production"));

    [Theory]
    [InlineData("-Cache", "true", null)]
    [InlineData("-Cache -CacheMaxAge 1h", "true", "max-age=3600")]
    public Task Cache_IsExactlyItsHeaders(string parameters, string enabled, string? age) => AssertOnTheWireAsync(
        $"Invoke-HeliconeChat 'Hi' {parameters}",
        age is null ? [("Helicone-Cache-Enabled", enabled)] : [("Helicone-Cache-Enabled", enabled), ("Cache-Control", age)]);

    [Fact]
    public Task RateLimit_IsExactlyItsHeader() =>
        AssertOnTheWireAsync("Invoke-HeliconeChat 'Hi' -RateLimitPolicy '100;w=60'", ("Helicone-RateLimit-Policy", "100;w=60"));

    private static async Task AssertOnTheWireAsync(string call, params (string Name, string Value)[] headers)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync(call)).AssertNoErrors();

        Assert.Equal(
            headers.Select(header => $"{header.Name}: {header.Value}").Order(StringComparer.Ordinal),
            Assert.Single(server.Chats).Headers
                .Where(header => header.Key.StartsWith("Helicone-", StringComparison.OrdinalIgnoreCase) || header.Key == "Cache-Control")
                .Select(header => $"{header.Key}: {header.Value}")
                .Order(StringComparer.Ordinal));
    }
}
