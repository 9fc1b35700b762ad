using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

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
    [InlineData("Enter-HeliconeSession -Session ''")]
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

    [Fact]
    public void Enter_TakesTheNameFirst_AsNewDoes_AndASessionToo()
    {
        using Shell shell = new();

        Result result = shell.Run(
            "Enter-HeliconeSession 'Nightly triage' -PassThru; Enter-HeliconeSession 'Nightly triage' -PassThru; $s = New-HeliconeSession -Id s-1; Enter-HeliconeSession $s -PassThru; 's-2' | Enter-HeliconeSession -PassThru").AssertNoErrors();

        Assert.Equal(["Nightly triage", "Nightly triage", null, null], result.Output.Select(session => Result.Property(session, "Name")));
        Assert.NotEqual(result.Output[0].ToString(), result.Output[1].ToString());
        Assert.Equal(["s-1", "s-2"], result.Texts.Skip(2));
    }

    [Theory]
    [InlineData("summary", "/triage/summary")]
    [InlineData("/summary", "/summary")]
    public async Task SessionPath_WithASlash_IsAbsolute_AndWithoutOne_ExtendsThePath(string path, string expected)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync($"Invoke-HeliconeChat 'x' -Session (New-HeliconeSession -Path /triage) -SessionPath {path}")).AssertNoErrors();

        Assert.Equal(expected, server.Chats[0].Headers["Helicone-Session-Path"]);
    }
}
