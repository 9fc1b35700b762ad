using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Chat;

/// <summary>Script blocks as values of parameters: run for each input object, with the object as $_.</summary>
public sealed class ItemScriptTests
{
    private const string Tickets = "[pscustomobject]@{ Title = 'Disk full'; Owner = 'ann' }, [pscustomobject]@{ Title = 'No mail'; Owner = 'bob' }";

    [Theory]
    [InlineData("")]
    [InlineData(" -ForEach")]
    public async Task Prompt_IsWhatTheBlockWritesForEachObject_AndNothingElse(string forEach)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync($"{Tickets} | Invoke-HeliconeChat {{ \"Translate: $($_.Title)\" }}{forEach} -ThrottleLimit 1")).AssertNoErrors();

        Assert.Equal(["user: Translate: Disk full", "user: Translate: No mail"], server.Chats.Select(chat => Assert.Single(chat.Messages)));
        Assert.Equal(["ann", "bob"], result.Output.Select(item => ((System.Management.Automation.PSObject)Result.Property(item, "Input")!).Properties["Owner"].Value));
    }

    [Fact]
    public async Task UserPathAndProperties_AreThoseOfEachObject()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri, "-Property @{ Environment = 'test' }");

        (await shell.RunAsync(
            $"{Tickets} | Invoke-HeliconeChat 'Urgent?' -ForEach -ThrottleLimit 1 -Session s1 -SessionPath {{ \"/by/$($_.Owner)\" }} -UserId {{ $PSItem.Owner }} -Property @{{ Team = {{ $_.Owner.Length }}; Kind = 'ticket' }} -RateLimitPolicy '100;w=60;s=user'")).AssertNoErrors();

        Assert.Equal(["ann", "bob"], server.Chats.Select(chat => chat.Headers["Helicone-User-Id"]));
        Assert.Equal(["/by/ann", "/by/bob"], server.Chats.Select(chat => chat.Headers["Helicone-Session-Path"]));
        Assert.All(server.Chats, chat => Assert.Equal(("3", "ticket", "test"), (chat.Headers["Helicone-Property-Team"], chat.Headers["Helicone-Property-Kind"], chat.Headers["Helicone-Property-Environment"])));
    }

    [Fact]
    public async Task Properties_MayBeABlockThatWritesAHashtable()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync($"{Tickets} | Invoke-HeliconeChat 'Urgent?' -ForEach -ThrottleLimit 1 -Property {{ @{{ Owner = $_.Owner }} }}")).AssertNoErrors();

        Assert.Equal(["ann", "bob"], server.Chats.Select(chat => chat.Headers["Helicone-Property-Owner"]));
    }

    [Theory]
    [InlineData("{ if ($_ -eq 'b') { throw 'no luck' }; \"Say $_\" }", "", "HeliconeInvalidPrompt", "no luck")]
    [InlineData("{ if ($_ -eq 'b') { Exit-HeliconeSession }; \"Say $_\" }", "", "HeliconeInvalidPrompt", "session")]
    [InlineData("{ if ($_ -ne 'b') { \"Say $_\" } }", "", "HeliconeInvalidPrompt", "nothing")]
    [InlineData("'Say'", "-UserId { if ($_ -ne 'b') { $_ } }", "HeliconeInvalidUser", "one value")]
    [InlineData("'Say'", "-UserId { if ($_ -eq 'b') { \"x`ny\" } else { $_ } }", "HeliconeInvalidUser", "")]
    [InlineData("'Say'", "-UserId { if ($_ -eq 'b') { 1/0 } else { $_ } }", "HeliconeInvalidUser", "zero")]
    [InlineData("'Say'", "-Property { if ($_ -eq 'b') { 42 } else { @{ a = $_ } } }", "HeliconeInvalidProperty", "hashtable")]
    [InlineData("'Say'", "-Property @{ Team = { if ($_ -eq 'b') { 1, 2 } else { $_ } } }", "HeliconeInvalidProperty", "one value")]
    [InlineData("'Say'", "-Session s -SessionPath { if ($_ -eq 'b') { throw 'no luck' }; \"/$_\" }", "HeliconeInvalidSession", "no luck")]
    public async Task BlockThatFails_IsAnErrorOfItsObject_AndTheOthersGoOn(string prompt, string parameters, string id, string why)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync($"'a', 'b', 'c' | Invoke-HeliconeChat {prompt} -ForEach {parameters}");

        Assert.False(result.Terminated);
        Assert.Equal(id, result.ErrorId);
        Assert.Equal("b", result.Error.TargetObject.ToString());
        Assert.Contains(why, result.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["a", "c"], result.Output.Select(item => Result.Property(item, "Input")));
        Assert.Equal(2, server.Chats.Count);
    }

    [Fact]
    public async Task File_IsSentTogetherWithWhatTheBlockWrites()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("""
            $path = [IO.Path]::Combine([IO.Path]::GetTempPath(), [guid]::NewGuid().ToString('N') + '.txt')
            [IO.File]::WriteAllText($path, 'disk is full')
            [IO.FileInfo]$path | Invoke-HeliconeChat { "Explain $($_.Extension)" } -ForEach
            [IO.File]::Delete($path)
            """)).AssertNoErrors();

        Assert.StartsWith("Explain .txt", server.Chats[0].Prompt, StringComparison.Ordinal);
        Assert.Contains("disk is full", server.Chats[0].Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BlockInAnAnswer_IsTextAndNeverRun()
    {
        await using ChatServer server = await ChatServer.SayAsync("{ $global:ran = $true }");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("$a = Invoke-HeliconeChat 'x'; $null = $a, 'b' | Invoke-HeliconeChat $a -ForEach -UserId $a.Content -Property @{ p = $a.Content }; \"ran: $global:ran\"")).AssertNoErrors();

        Assert.Equal("ran: ", result.Single.ToString());
        Assert.Equal("{ $global:ran = $true }", server.Chats[1].Headers["Helicone-User-Id"]);
    }
}
