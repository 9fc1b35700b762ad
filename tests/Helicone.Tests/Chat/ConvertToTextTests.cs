using Helicone.Tests.Hosting;

namespace Helicone.Tests.Chat;

public sealed class ConvertToTextTests
{
    [Theory]
    [InlineData("\"a`e[2Jb`n`u{202e}c\" | ConvertTo-HeliconeText", "a\u241b[2Jb\n\u27e6U+202E\u27e7c")]
    [InlineData("[pscustomobject]@{ Name = 'x'; Empty = ''; Count = 7 } | ConvertTo-HeliconeText -Property Name, Empty, Count, Missing", "x · 7")]
    public async Task Text_IsSafeToWriteToATerminal(string script, string expected)
    {
        using Shell shell = new();

        Assert.Equal(expected, Assert.Single((await shell.RunAsync(script)).AssertNoErrors().Output).BaseObject);
    }

    [Fact]
    public async Task Null_ReturnsNothing()
    {
        using Shell shell = new();

        Assert.Empty((await shell.RunAsync("$null | ConvertTo-HeliconeText")).AssertNoErrors().Output);
    }
}
