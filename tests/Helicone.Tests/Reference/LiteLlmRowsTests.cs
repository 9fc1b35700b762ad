using System.Text.Json.Nodes;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Reference;

/// <summary>What Helicone's users do with LiteLLM, done with the module: on the local gateway as the process that it is, with providers on loopback.</summary>
/// <remarks>The cache and the rate limit are the server's doing: of these, what is promised here is the headers, on the wire and nothing beside them.</remarks>
public sealed class LiteLlmRowsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-rows-").FullName;
    private readonly Variables _keys = new(("OPENAI_API_KEY", "test-openai-key"), ("ANTHROPIC_API_KEY", "test-anthropic-key"), ("CORP_KEY", "test-corp-key"));

    public void Dispose()
    {
        _keys.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Connect-Helicone -ApiKey $gateway.ApiKey -GatewayUri $gateway.Uri -ApiUri $gateway.Uri; $env:HELICONE_API_KEY = $null")]
    [InlineData("Connect-Helicone -EnvFile $file; $env:HELICONE_API_KEY = $null")]
    public async Task Key_OfTheEnvironment_OfAFile_OrOfAParameter(string connect)
    {
        using Variables variables = new(("HELICONE_API_KEY", null), ("HELICONE_BASE_URL", null), ("HELICONE_AI_GATEWAY_BASE_URL", null));
        string file = Path.Combine(_folder, ".env");
        using Shell shell = new();

        Result result = (await shell.RunAsync(
            $$"""
            $gateway = {{Start()}} -SetEnvironment
            $file = '{{file}}'
            [System.IO.File]::WriteAllText($file, "HELICONE_API_KEY=$env:HELICONE_API_KEY`nHELICONE_BASE_URL=$($gateway.Uri)`nHELICONE_AI_GATEWAY_BASE_URL=$($gateway.Uri)")
            {{connect}}
            "$(Invoke-HeliconeChat 'Hi' -Model gpt-4o-mini/offline)"
            """)).AssertNoErrors();

        Assert.StartsWith("[offline] gpt-4o-mini heard: \"Hi\"", result.Single.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpt-4o-mini")]
    [InlineData("helicone/gpt-4o-mini")]
    public async Task Model_WithOrWithoutLiteLlmsPrefix(string model)
    {
        await using ChatServer openai = await ChatServer.SayAsync("Blue scatters most.");
        using Shell shell = Connected(openai);

        Result result = (await shell.RunAsync($"Invoke-HeliconeChat 'Why is the sky blue?' -Model {model}")).AssertNoErrors();

        Assert.Equal("Blue scatters most.", result.Single.ToString());
        Assert.Equal("gpt-4o-mini", result.Property("RequestedModel"));
        Assert.Equal("gpt-4o-mini", Assert.Single(openai.Chats).Model);
        Assert.Equal("Bearer test-openai-key", openai.Chats[0].Headers["Authorization"]);
    }

    [Fact]
    public async Task Stream_PieceByPiece_AndTheLastPieceHasUsageAndCost()
    {
        await using ChatServer openai = await ChatServer.StartAsync(async exchange =>
        {
            await exchange.BeginStreamAsync();
            await exchange.TextAsync("Once ");
            await exchange.TextAsync("upon");
            await exchange.FinishAsync();
        });
        using Shell shell = Connected(openai);

        Result result = (await shell.RunAsync("$null = Get-HeliconeModel; $c = Invoke-HeliconeChat 'Tell' -Model gpt-4o-mini -Stream; -join $c.Text; $c[-1].Completion")).AssertNoErrors();

        Assert.Equal(["Once upon", "Once upon"], result.Texts);
        Assert.Equal("10→4", Result.Property(result.Output[1], "Usage")!.ToString());

        // 10 tokens in at $0.15 and 4 out at $0.60 a million.
        Assert.Equal(0.0000039m, Result.Property(result.Output[1], "Cost"));
    }

    [Fact]
    public async Task Session_User_AndProperties_AreHeaders_AndTheAnswerNamesItsSession()
    {
        const string Call = "Invoke-HeliconeChat 'Hi' -Session (New-HeliconeSession -Id 's-1' -Name 'My Session') -UserId user-123 -Property @{ Environment = 'production' }";
        using Shell local = Connected();

        Assert.Equal("s-1", (await local.RunAsync(Call + " -Model gpt-4o-mini/offline")).AssertNoErrors().Property("SessionId"));

        await AssertOnTheWireAsync(
            Call,
            ("Helicone-Session-Id", "s-1"),
            ("Helicone-Session-Name", "My Session"),
            ("Helicone-Session-Path", "/"),
            ("Helicone-User-Id", "user-123"),
            ("Helicone-Property-Environment", "production"));
    }

    [Theory]
    [InlineData("gpt-4o", "corp")]
    [InlineData("gpt-4o/openai", "openai")]
    public async Task Provider_IsTheCheapest_OrTheOneThatIsNamed(string model, string provider)
    {
        await using ChatServer openai = await ChatServer.SayAsync("openai");
        await using ChatServer corp = await ChatServer.SayAsync("corp");
        using Shell shell = Connected(openai, corp: corp);

        Result result = (await shell.RunAsync($"Invoke-HeliconeChat 'Hi' -Model {model}")).AssertNoErrors();

        Assert.Equal(provider, result.Single.ToString());
        Assert.Equal(provider, result.Property("Provider"));
    }

    [Theory]
    [InlineData("-Model gpt-4o/openai -Fallback claude-4.5-sonnet/anthropic")]
    [InlineData("-Model 'helicone/gpt-4o/openai,claude-4.5-sonnet/anthropic'")]
    public async Task Chain_GoesOnWhereTheFirstFails(string route)
    {
        await using ChatServer openai = await ChatServer.StartAsync(exchange => RefuseAsync(exchange, 503));
        await using ChatServer anthropic = await ChatServer.SayAsync("here");
        using Shell shell = Connected(openai, anthropic);

        Result result = (await shell.RunAsync($"Invoke-HeliconeChat 'Hi' {route}")).AssertNoErrors();

        Assert.Equal("here", result.Single.ToString());
        Assert.Equal("anthropic", result.Property("Provider"));
    }

    [Fact]
    public async Task Chain_OfRefusals_RaisesTheTrueCause_AndIsNotRetriedInVain()
    {
        await using ChatServer openai = await ChatServer.StartAsync(exchange => RefuseAsync(exchange, 400));
        await using ChatServer anthropic = await ChatServer.StartAsync(exchange => RefuseAsync(exchange, 400));
        using Shell shell = Connected(openai, anthropic);

        Result result = await shell.RunAsync("Invoke-HeliconeChat 'Hi' -Model gpt-4o/openai -Fallback claude-4.5-sonnet/anthropic; $Error[0].Exception.StatusCode");

        Assert.Equal("HeliconeInvalidRequest", result.ErrorId);
        Assert.Contains("'temperature' is out of range", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["400"], result.Texts);
        Assert.Single(openai.Chats);
        Assert.Single(anthropic.Chats);
    }

    [Theory]
    [InlineData("-Cache", "true", null)]
    [InlineData("-Cache -CacheMaxAge 1h", "true", "max-age=3600")]
    public Task Cache_IsExactlyItsHeaders(string parameters, string enabled, string? age) => AssertOnTheWireAsync(
        $"Invoke-HeliconeChat 'Hi' {parameters}",
        age is null ? [("Helicone-Cache-Enabled", enabled)] : [("Helicone-Cache-Enabled", enabled), ("Cache-Control", age)]);

    [Fact]
    public Task RateLimit_IsExactlyItsHeader() =>
        AssertOnTheWireAsync("Invoke-HeliconeChat 'Hi' -RateLimitPolicy '100;w=60'", ("Helicone-RateLimit-Policy", "100;w=60"));

    [Fact]
    public async Task Registry_HasModelsWithPrices_TabCompletesThem_AndAnAnswerHasItsCost()
    {
        await using ChatServer openai = await ChatServer.SayAsync("ok");
        using Shell shell = Connected(openai);

        Result result = (await shell.RunAsync(
            """
            @(Get-HeliconeModel).Count -ge 60
            (Get-HeliconeModel gpt-4o).PromptPrice
            $line = 'Invoke-HeliconeChat hi -Model gpt-4o-m'
            [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches[0].CompletionText
            (Invoke-HeliconeChat 'Hi' -Model gpt-4o/openai).Cost
            """)).AssertNoErrors();

        // 1000 tokens in at $2.50 and 200 out at $10 a million.
        Assert.Equal([true, 2.5m, "gpt-4o-mini", 0.0045m], result.Output.Select(item => item.BaseObject));
    }

    private static Task RefuseAsync(ChatExchange exchange, int status) => exchange.RespondAsync(
        status,
        """{"error":{"message":"'temperature' is out of range","type":"invalid_request_error","code":null}}""");

    /// <summary>Of all that Helicone reads, the call sends these headers and no others.</summary>
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

    private static JsonObject Provider(string name, ChatServer server) => new() { ["name"] = name, ["baseUrl"] = server.Uri + "v1" };

    private string Start() => $"Start-HeliconeGateway -DatabasePath '{Path.Combine(_folder, "gateway.db")}'";

    /// <summary>A shell on a gateway of its own, which has these providers.</summary>
    private Shell Connected(ChatServer? openai = null, ChatServer? anthropic = null, ChatServer? corp = null)
    {
        JsonArray providers = [];
        if (openai is not null)
        {
            providers.Add(Provider("openai", openai));
        }

        if (anthropic is not null)
        {
            providers.Add(Provider("anthropic", anthropic));
        }

        if (corp is not null)
        {
            JsonObject cheap = Provider("corp", corp);
            cheap["apiKeyVariable"] = "CORP_KEY";

            // As near as openai is, so that the price decides.
            cheap["priority"] = 3;
            cheap["models"] = new JsonArray(new JsonObject { ["id"] = "gpt-4o", ["pricing"] = new JsonObject { ["prompt"] = 1, ["completion"] = 4 } });
            providers.Add(cheap);
        }

        string configuration = Path.Combine(_folder, "gateway.json");
        File.WriteAllText(configuration, new JsonObject { ["providers"] = providers }.ToJsonString());
        Shell shell = new();
        shell.Run($"$null = {Start()} -ConfigPath '{configuration}'; Connect-Helicone -Local").AssertNoErrors();
        return shell;
    }
}
