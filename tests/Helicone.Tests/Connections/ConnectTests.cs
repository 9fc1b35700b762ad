using System.Management.Automation;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Connections;

public sealed class ConnectTests
{
    [Theory]
    [InlineData("-ApiKey $key")]
    [InlineData("$key")]
    [InlineData("-ApiKey (ConvertTo-Secure $key)")]
    [InlineData("-ApiKey ([pscredential]::new('helicone', (ConvertTo-Secure $key)))")]
    [InlineData("-EnvFile $file")]
    public async Task Key_HoweverItIsGiven_GoesToTheGateway(string parameters)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = new();
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $"# a comment\r\nOTHER=1\r\nexport HELICONE_API_KEY=\"{Shell.Key}\" # mine\r\n");

        Result result = (await shell.RunAsync(
            $$"""
            function ConvertTo-Secure([string] $text) { $s = [securestring]::new(); $text.ToCharArray().ForEach({ $s.AppendChar($_) }); , $s }
            Connect-Helicone {{parameters}} -GatewayUri {{server.Uri}} -ApiUri {{server.Uri}} -PassThru
            $null = Invoke-HeliconeChat 'x'
            """,
            null,
            ("key", Shell.Key),
            ("file", file))).AssertNoErrors();
        File.Delete(file);

        Assert.Equal("Bearer " + Shell.Key, server.Chats[0].Headers["Authorization"]);
        Assert.Equal("sk-helicone-…5g7h", result.Property("ApiKey"));
    }

    [Fact]
    public async Task Environment_HasAKey_CallsConnectByThemselves_AndFollowIt()
    {
        await using ChatServer first = await ChatServer.SayAsync("first");
        await using ChatServer second = await ChatServer.SayAsync("second");
        using Shell shell = new();
        using Variables variables = new(("HELICONE_API_KEY", Shell.Key), ("HELICONE_AI_GATEWAY_BASE_URL", first.Uri + "v1"), ("HELICONE_BASE_URL", first.Uri.ToString()));

        Result result = (await shell.RunAsync(
            "\"$(Invoke-HeliconeChat 'x')\"; (Get-HeliconeConnection).KeySource; $env:HELICONE_AI_GATEWAY_BASE_URL = $other; \"$(Invoke-HeliconeChat 'x')\"",
            null,
            ("other", second.Uri.ToString()))).AssertNoErrors();

        Assert.Equal(["first", "$env:HELICONE_API_KEY", "second"], result.Texts);
        Assert.Equal("Bearer " + Shell.Key, second.Chats[0].Headers["Authorization"]);
    }

    [Theory]
    [InlineData("$c = Connect-Helicone @first -PassThru; Connect-Helicone @second; Invoke-HeliconeChat 'x' -Connection $c")]
    [InlineData("Connect-Helicone @first; $c = Get-HeliconeConnection; Disconnect-Helicone; Invoke-HeliconeChat 'x' -Connection $c")]
    [InlineData("Connect-Helicone @first; 'x' | Invoke-HeliconeChat -Connection (Get-HeliconeConnection)")]
    [InlineData("Connect-Helicone @first; 1..6 | Invoke-HeliconeChat -ThrottleLimit 2 | ForEach-Object { Connect-Helicone @second; $_ }")]
    [InlineData("Connect-Helicone @first; 1..6 | Invoke-HeliconeChat -ThrottleLimit 2 | ForEach-Object { Disconnect-Helicone; $_ }")]
    public async Task Connection_ThatIsHeldOrInUse_StaysOpen_WhateverTheSessionConnectsTo(string script)
    {
        await using ChatServer first = await ChatServer.SayAsync("first");
        await using ChatServer second = await ChatServer.SayAsync("second");
        using Shell shell = new();

        Result result = (await shell.RunAsync(
            $"$first = @{{ ApiKey = '{Shell.Key}'; GatewayUri = '{first.Uri}'; ApiUri = '{first.Uri}' }}; $second = @{{ ApiKey = '{Shell.Key}'; GatewayUri = '{second.Uri}'; ApiUri = '{second.Uri}' }}; {script}")).AssertNoErrors();

        Assert.Equal(script.Contains("1..6", StringComparison.Ordinal) ? 6 : 1, result.Output.Count);
        Assert.All(result.Texts, text => Assert.Equal("first", text));
    }

    [Fact]
    public async Task NothingSet_SaysEveryWayToSetIt()
    {
        using Shell shell = new();

        Result result = await shell.RunAsync("try { Invoke-HeliconeChat 'x' } catch { throw }");

        Assert.True(result.Terminated);
        Assert.Equal("HeliconeNotConnected", result.ErrorId);
        Assert.Equal(ErrorCategory.AuthenticationError, result.Error.CategoryInfo.Category);
        foreach (string way in new[] { "-ApiKey", "-EnvFile", "$env:HELICONE_API_KEY", "Connect-Helicone -Local" })
        {
            Assert.Contains(way, result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("sk-proj-aaaaaaaaaaaaaaaaaaaa", "OpenAI")]
    [InlineData("sk-ant-api03-aaaaaaaaaaaaaa", "Anthropic")]
    [InlineData("gsk_aaaaaaaaaaaaaaaaaaaaaa", "Groq")]
    [InlineData("Bearer sk-helicone-aaaaaaa", "Bearer")]
    [InlineData("sk-helicone-aaa aaaaaaaaaa", "white space")]
    [InlineData("sk-helicone-aaaaaaaaaaaa\n", "line break")]
    [InlineData("sk-helicone-aaaaaaaaaaaa\u0007", "control character")]
    [InlineData("", "empty")]
    [InlineData(null, "empty")]
    public async Task Key_ThatCannotBeOne_IsRefusedAndNotShown(string? key, string why)
    {
        using Shell shell = new();
        using Variables variables = new(("HELICONE_API_KEY", Shell.Key));

        Result result = await shell.RunAsync("Connect-Helicone -ApiKey $key", null, ("key", key));
        Result connection = await shell.RunAsync("Get-HeliconeConnection");

        Assert.Equal("HeliconeInvalidKey", result.ErrorId);
        Assert.Equal(ErrorCategory.InvalidArgument, result.Error.CategoryInfo.Category);
        Assert.Contains(why, result.Error.ToString(), StringComparison.Ordinal);
        if (key is { Length: > 0 })
        {
            Assert.DoesNotContain(key, result.Everything(), StringComparison.Ordinal);
        }

        // Nobody is connected with another key instead of the one that was meant.
        Assert.Equal("$env:HELICONE_API_KEY", connection.Property("KeySource"));
    }

    [Fact]
    public async Task Environment_HasTheKeyOfAnotherService_IsRefusedAtTheFirstCall()
    {
        using Variables variables = new(("HELICONE_API_KEY", "sk-ant-api03-aaaaaaaaaaaaaa"));
        using Shell shell = new();

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x'");

        Assert.Equal("HeliconeInvalidKey", result.ErrorId);
        Assert.Equal("$env:HELICONE_API_KEY", result.Error.TargetObject);
        Assert.DoesNotContain("api03-aaaa", result.Everything(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Environment_HasNoAddress_SaysWhichVariable()
    {
        using Variables variables = new(("HELICONE_API_KEY", Shell.Key), ("HELICONE_AI_GATEWAY_BASE_URL", "not an address"));
        using Shell shell = new();

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x'");

        Assert.Equal("HeliconeInvalidOption", result.ErrorId);
        Assert.Contains("HELICONE_AI_GATEWAY_BASE_URL", result.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-GatewayUri http://gateway.example", "HeliconeInvalidOption", "isn't encrypted")]
    [InlineData("-GatewayUri ftp://gateway.example", "HeliconeInvalidOption", "http or https")]
    [InlineData("-GatewayUri https://me:secret@gateway.example", "HeliconeInvalidOption", "user name")]
    [InlineData("-TimeoutSec 0", "ParameterArgumentValidationError", "TimeoutSec")]
    [InlineData("-MaxRetry 99", "ParameterArgumentValidationError", "MaxRetry")]
    [InlineData("-Model 'a/b/c/d'", "HeliconeInvalidRoute", "three parts")]
    [InlineData("-RateLimitPolicy @{ a = 'b' }", "HeliconeInvalidRateLimitPolicy", "'b'")]
    [InlineData("-Property @{ 'a b' = 1 }", "HeliconeInvalidProperty", "a space")]
    [InlineData("-UserId \"a`nb\"", "HeliconeInvalidUser", "line feed")]
    [InlineData("-Session 42", "HeliconeInvalidSession", "42")]
    public async Task Option_OutOfRange_IsRefused(string parameters, string id, string why)
    {
        using Shell shell = new();

        Result result = await shell.RunAsync($"try {{ Connect-Helicone -ApiKey $key {parameters} }} catch {{ throw }}", null, ("key", Shell.Key));

        Assert.Equal(id, result.ErrorId);
        Assert.Contains(why, result.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("(Parameter", result.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("me:secret", result.Everything(), StringComparison.Ordinal);
        Assert.Empty((await shell.RunAsync("Get-HeliconeConnection")).Output);
    }

    [Theory]
    [InlineData("-Region EU", "https://ai-gateway.helicone.ai/", "https://eu.api.helicone.ai/")]
    [InlineData("-Region US", "https://ai-gateway.helicone.ai/", "https://api.helicone.ai/")]
    [InlineData("", "https://ai-gateway.helicone.ai/", "https://api.helicone.ai/")]
    [InlineData("-GatewayUri https://proxy.example/helicone/v1/", "https://proxy.example/helicone/", "https://proxy.example/helicone/")]
    public async Task Region_OrAddress_SaysWhereCallsGo(string parameters, string gateway, string api)
    {
        using Shell shell = new();

        Result result = (await shell.RunAsync($"Connect-Helicone -ApiKey $key {parameters} -PassThru", null, ("key", Shell.Key))).AssertNoErrors();

        Assert.Equal(gateway, result.Property("GatewayUri")!.ToString());
        Assert.Equal(api, result.Property("ApiUri")!.ToString());
    }

    [Fact]
    public async Task Region_OfTheKey_IsFollowed()
    {
        using Shell shell = new();

        Result result = (await shell.RunAsync("Connect-Helicone -ApiKey sk-helicone-eu-q7w3e5r-t9y2u4i-o6p8a1s-d3f5g7h -PassThru")).AssertNoErrors();

        Assert.Equal("https://eu.api.helicone.ai/", result.Property("ApiUri")!.ToString());
    }

    [Theory]
    [InlineData("nowhere.env", "HeliconeEnvFileNotFound")]
    [InlineData("empty.env", "HeliconeEnvFileKeyNotFound")]
    public async Task EnvFile_WithoutAKey_IsOneClearError(string name, string id)
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "empty.env"), "# HELICONE_API_KEY=no\nHELICONE_API_KEY=\n");
        using Shell shell = new();

        Result result = await shell.RunAsync($"Connect-Helicone -EnvFile '{Path.Combine(folder, name)}'");
        Directory.Delete(folder, recursive: true);

        Assert.Equal(id, result.ErrorId);
        Assert.Contains("HELICONE_API_KEY=", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnvFile_ThatCannotBeRead_IsOneClearError()
    {
        string path = Path.GetTempFileName();
        Result result;
        using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        using (Shell shell = new())
        {
            result = await shell.RunAsync($"Connect-Helicone -EnvFile '{path}'");
        }

        File.Delete(path);
        Assert.Equal("HeliconeEnvFileUnreadable", result.ErrorId);
        Assert.Equal(path, result.Error.TargetObject);
        Assert.Contains("-EnvFile", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_BelongsToItsRunspace()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell one = Shell.ConnectedTo(server.Uri);
        using Shell other = new();

        Assert.Single((await one.RunAsync("Get-HeliconeConnection")).Output);
        Assert.Empty((await other.RunAsync("Get-HeliconeConnection")).Output);
        Assert.Equal("HeliconeNotConnected", (await other.RunAsync("Invoke-HeliconeChat 'x'")).ErrorId);
    }

    [Fact]
    public async Task Disconnect_ForgetsTheKey()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("Disconnect-Helicone; Get-HeliconeConnection; Invoke-HeliconeChat 'x'");

        Assert.Empty(result.Output);
        Assert.Equal("HeliconeNotConnected", result.ErrorId);
    }

    [Fact]
    public async Task Module_RemovedAndImportedAgain_Works()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync(
            $"$null = Invoke-HeliconeChat 'x'; Remove-Module Helicone; Import-Module '{Repository.Manifest}'; Get-HeliconeConnection; Connect-Helicone -ApiKey $key -GatewayUri {server.Uri} -ApiUri {server.Uri}; \"$(Invoke-HeliconeChat 'x')\"",
            null,
            ("key", Shell.Key))).AssertNoErrors();

        Assert.Equal(["ok"], result.Texts);
    }

    [Fact]
    public async Task Test_SaysWhetherChatsWillWork_AndWhichPartDoesNot()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.Headers["Authorization"] == "Bearer " + Shell.Key
            ? exchange.RespondAsync(400, "Invalid body or missing model.")
            : exchange.RespondAsync(401, "Invalid Helicone API key"));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result good = (await shell.RunAsync("Test-HeliconeConnection")).AssertNoErrors();
        Result bad = (await shell.RunAsync($"Connect-Helicone -ApiKey sk-helicone-0000000-0000000-0000000-0000000 -GatewayUri {server.Uri} -ApiUri {server.Uri}; Test-HeliconeConnection; Test-HeliconeConnection -Detailed")).AssertNoErrors();

        Assert.Equal(true, good.Single.BaseObject);
        Assert.Equal(false, bad.Output[0].BaseObject);
        Assert.StartsWith("OK", (string)Result.Property(bad.Output[1], "Gateway")!, StringComparison.Ordinal);
        Assert.StartsWith("Unauthenticated", (string)Result.Property(bad.Output[1], "Key")!, StringComparison.Ordinal);
        Assert.Equal(false, Result.Property(bad.Output[1], "Success"));
    }

    [Theory]
    [InlineData("-GatewayUri https://proxy.example/helicone/v1/", "https://proxy.example/helicone/", "https://proxy.example/helicone/")]
    [InlineData("-GatewayUri https://proxy.example -ApiUri https://api.example", "https://api.example/", "https://api.example/")]
    [InlineData("-GatewayUri https://proxy.example -Region EU", "https://eu.api.helicone.ai/", "https://eu.api.helicone.ai/")]
    [InlineData("-GatewayUri https://ai-gateway.helicone.ai", "https://api.helicone.ai/", "https://api.worker.helicone.ai/")]
    public async Task Gateway_OutsideTheCloud_HasRegistryAndLogToo(string parameters, string api, string log)
    {
        using Shell shell = new();

        Result result = (await shell.RunAsync($"Connect-Helicone -ApiKey $key {parameters} -PassThru", null, ("key", Shell.Key))).AssertNoErrors();

        Assert.Equal((api, log), (result.Property("ApiUri")!.ToString(), result.Property("LogUri")!.ToString()));
    }

    [Theory]
    [InlineData("Invoke-HeliconeChat 'x' -Connection $c")]
    [InlineData("Get-HeliconeModel -Connection $c")]
    [InlineData("Test-HeliconeConnection -Connection $c")]
    public async Task Connection_OfAnotherRunspace_CanBePassedOn(string command)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell one = Shell.ConnectedTo(server.Uri);
        using Shell other = new();
        object connection = (await one.RunAsync("Get-HeliconeConnection")).Single;

        Result result = (await other.RunAsync(command, null, ("c", connection))).AssertNoErrors();

        Assert.NotEmpty(result.Output);
        Assert.Empty((await other.RunAsync("Get-HeliconeConnection")).Output);
    }

    [Fact]
    public async Task Runspace_WithoutAConnection_SaysThatConnectionsBelongToARunspace_AndShowsTheLine()
    {
        using Shell shell = new();

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'x'");

        Assert.Contains("belongs to the runspace", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("-Connection $using:c", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7.4.1.500", "It failed. Do this.")]
    [InlineData("3.0.0.0", "It failed. Do this.")]
    [InlineData("7.5.0.500", "It failed.")]
    public void Engine_ThatDoesNotShowAdvice_HasItInTheMessage(string engine, string text)
    {
        using Shell shell = new();
        System.Reflection.MethodInfo method = Shell.Module.GetType("Helicone.Errors.ErrorRecords", throwOnError: true)!
            .GetMethod("Text", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!;

        Assert.Equal(text, method.Invoke(null, ["It failed.", "Do this.", Version.Parse(engine)]));
    }

    [Theory]
    [InlineData(true, "3.1.32", true)]
    [InlineData(true, "7.0.0", true)]
    [InlineData(true, "8.0.0", false)]
    [InlineData(false, "4.0.30319.42000", false)]
    public void PowerShell_ThatCannotLoadTheClient_IsRefusedAtImport(bool hasLoadContexts, string runtime, bool refused)
    {
        using Shell shell = new();
        System.Reflection.MethodInfo method = Shell.Module.GetType("Helicone.Runtime.DependencyLoader", throwOnError: true)!
            .GetMethod("Refusal", System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static)!;

        string? refusal = (string?)method.Invoke(null, [hasLoadContexts, Version.Parse(runtime)]);

        Assert.Equal(refused, refusal?.Contains("needs PowerShell 7.4 or later", StringComparison.Ordinal) == true);
    }
}
