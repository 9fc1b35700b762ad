using Helicone.Tests.Hosting;

namespace Helicone.Tests.Sessions;

public sealed class SessionTests
{
    [Fact]
    public void New_HasARandomId_AndWhatItWasGiven()
    {
        using Shell shell = new();

        Result result = shell.Run("New-HeliconeSession 'Nightly triage' -Path triage; New-HeliconeSession").AssertNoErrors();

        Assert.Equal("Nightly triage", Result.Property(result.Output[0], "Name"));
        Assert.Equal("/triage", Result.Property(result.Output[0], "Path"));
        Assert.Equal('4', Guid.Parse(result.Output[0].ToString()).ToString("D")[14]);
        Assert.NotEqual(result.Output[0].ToString(), result.Output[1].ToString());
    }

    [Theory]
    [InlineData("New-HeliconeSession -Id ''")]
    [InlineData("New-HeliconeSession -Id \"a`nb\"")]
    [InlineData("New-HeliconeSession -Name \"a`rb\"")]
    [InlineData("New-HeliconeSession -Path \"/a`0b\"")]
    [InlineData("Enter-HeliconeSession ''")]
    [InlineData("Enter-HeliconeSession @{}")]
    public void Session_ThatCannotBeOne_IsRefused(string command)
    {
        using Shell shell = new();

        Result result = shell.Run($"try {{ {command} }} catch {{ throw }}");

        Assert.True(result.Terminated);
        Assert.Equal("HeliconeInvalidSession", result.ErrorId);
        Assert.Contains("New-HeliconeSession", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Exit_WithoutEnter_IsOneError()
    {
        using Shell shell = new();

        Result result = shell.Run("Enter-HeliconeSession -Name a -PassThru; Exit-HeliconeSession; Exit-HeliconeSession");

        Assert.Equal("a", result.Property("Name"));
        Assert.Equal("HeliconeSessionNotFound", result.ErrorId);
    }
}
