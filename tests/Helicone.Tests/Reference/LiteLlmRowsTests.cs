using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Text.Json.Nodes;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Reference;

/// <summary>
/// The rows of <c>litellm-integration.md</c>, one after the other: what Helicone's users do with LiteLLM, done with the module on the local gateway,
/// started as a user starts it. The models are providers on loopback, so that it can be seen who was asked, and how often.
/// </summary>
public sealed class LiteLlmRowsTests : IDisposable
{
    private readonly LocalShell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("$env:HELICONE_API_KEY = $key; $env:HELICONE_BASE_URL = $env:HELICONE_AI_GATEWAY_BASE_URL = $gateway.Uri")]
    [InlineData("[System.IO.File]::WriteAllText($file, \"HELICONE_API_KEY=$key`nHELICONE_BASE_URL=$($gateway.Uri)`nHELICONE_AI_GATEWAY_BASE_URL=$($gateway.Uri)\"); Connect-Helicone -EnvFile $file")]
    [InlineData("function Get-Secret($Name) { $gateway.ApiKey }; Connect-Helicone -ApiKey (Get-Secret Helicone) -GatewayUri $gateway.Uri -ApiUri $gateway.Uri")]
    public async Task Row01_Key_OfTheEnvironment_OfADotEnvFile_OrOfAVault_IsAllItTakes(string connect)
    {
        using Variables variables = new(("HELICONE_API_KEY", null), ("HELICONE_BASE_URL", null), ("HELICONE_AI_GATEWAY_BASE_URL", null));
        await _shell.RunAsync($"$gateway = {_shell.Start}; $key = [System.Net.NetworkCredential]::new('', $gateway.ApiKey).Password; $file = '{Path.Combine(_shell.Folder, ".env")}'");

        Result result = await _shell.RunAsync(connect + "; $answer = Invoke-HeliconeChat 'Hi' -Model gpt-4o-mini/offline; $answer; $answer | Get-HeliconeRequest; Get-HeliconeConnection");

        Assert.StartsWith("[offline] gpt-4o-mini heard: \"Hi\"", result.Output[0].ToString(), StringComparison.Ordinal);
        Assert.Equal(200, Result.Property(result.Output[1], "Status"));
        string key = (await _shell.RunAsync("$key")).Single.ToString();
        Assert.DoesNotContain(key, result.Everything(), StringComparison.Ordinal);
        Assert.EndsWith(key[^4..], (string)Result.Property(result.Output[2], "ApiKey")!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpt-4o-mini")]
    [InlineData("helicone/gpt-4o-mini")]
    public async Task Row02_Model_IsTheSame_WithOrWithoutLiteLlmsPrefix(string model)
    {
        await using ChatServer openai = await ChatServer.SayAsync("Blue scatters most.");
        _shell.With("openai", openai).Connect();

        Result result = await _shell.RunAsync($"Invoke-HeliconeChat 'Why is the sky blue?' -Model {model}; Get-HeliconeRequest");

        Assert.Equal("Blue scatters most.", result.Output[0].ToString());
        Assert.All(result.Output, item => Assert.Equal("gpt-4o-mini", Result.Property(item, "RequestedModel")));
        Assert.Equal(Result.Property(result.Output[0], "RequestId"), Result.Property(result.Output[1], "RequestId"));
        ChatExchange asked = Assert.Single(openai.Chats);
        Assert.Equal(("gpt-4o-mini", "Bearer test-openai-key"), (asked.Model, asked.Headers["Authorization"]));
    }

    [Fact]
    public async Task Row03_Stream_ComesInPieces_AndHasItsUsageAndItsCost_OnTheLastPieceAndInTheLog()
    {
        await using ChatServer openai = await ChatServer.StartAsync(async exchange =>
        {
            await exchange.BeginStreamAsync();
            await exchange.TextAsync("Once ");
            await exchange.TextAsync("upon");
            await exchange.FinishAsync();
        });
        _shell.With("openai", openai).Connect();

        Result result = await _shell.RunAsync("$null = Get-HeliconeModel; $chunks = Invoke-HeliconeChat 'Tell' -Model gpt-4o-mini -Stream; $chunks.Text.Where{ $_ }; $chunks[-1].Completion; Get-HeliconeRequest -IncludeBody");

        Assert.Equal(["Once ", "upon", "Once upon"], result.Texts.SkipLast(1));
        (PSObject answer, PSObject row) = (result.Output[2], result.Output[3]);
        Assert.Equal("10→4", Result.Property(answer, "Usage")!.ToString());
        Assert.Equal((10L, 4L), (Result.Property(row, "PromptTokens"), Result.Property(row, "CompletionTokens")));

        // 10 tokens in at $0.15 and 4 out at $0.60 a million.
        Assert.Equal((0.0000039m, 0.0000039m), (Result.Property(answer, "Cost"), Result.Property(row, "Cost")));
        Assert.NotNull(Result.Property(row, "TimeToFirstToken"));
        Assert.Contains("Once upon", (string)Result.Property(row, "ResponseBody")!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Row04_Session_IsRecorded_WithItsNameAndItsPaths()
    {
        _shell.Connect();

        Result result = await _shell.RunAsync(
            """
            $session = New-HeliconeSession -Name 'My Session' -Id s-1 -Path /abstract
            $null = Invoke-HeliconeChat 'Outline' -Session $session
            (Invoke-HeliconeChat 'Title' -Session $session -SessionPath title).SessionId
            $null = Invoke-HeliconeChat 'Elsewhere'
            Get-HeliconeRequest -Session $session | ForEach-Object { "$($_.SessionId) $($_.SessionName) $($_.SessionPath)" }
            Get-HeliconeSession -Name 'My*'
            """);

        Assert.Equal(["s-1", "s-1 My Session /abstract/title", "s-1 My Session /abstract"], result.Texts.SkipLast(1));
        Assert.Equal(("s-1", "My Session", 2L), (Result.Property(result.Output[^1], "SessionId"), Result.Property(result.Output[^1], "Name"), Result.Property(result.Output[^1], "Requests")));
    }

    [Fact]
    public async Task Row05_User_IsRecorded()
    {
        _shell.Connect();

        Result result = await _shell.RunAsync(
            "$a = Invoke-HeliconeChat 'Hi' -UserId user-123; $null = Invoke-HeliconeChat 'Hi'; $a.RequestId; (Get-HeliconeRequest -UserId user-123).RequestId; Get-HeliconeUser | ForEach-Object { \"$($_.UserId) $($_.Requests) $($_.PromptTokens)\" }; $a.Usage.PromptTokens");

        Assert.Equal(result.Texts.First(), result.Texts.ElementAt(1));
        Assert.Equal($"user-123 1 {result.Output[3]}", result.Texts.ElementAt(2));
        Assert.Equal(4, result.Output.Count);
    }

    [Fact]
    public async Task Row06_Properties_AreRecorded_AndCallsAreFoundAndGroupedByThem()
    {
        _shell.Connect();

        Result result = await _shell.RunAsync(
            """
            $null = Invoke-HeliconeChat 'Hi' -Property @{ Environment = 'production'; Ticket = 'T-1' }
            $null = Invoke-HeliconeChat 'Hi' -Property @{ Environment = 'production' }
            $null = Invoke-HeliconeChat 'Hi' -Property @{ Environment = 'test' }
            $row = Get-HeliconeRequest -Property @{ Environment = 'prod*'; Ticket = 'T-1' }
            $row.Properties.Environment
            $row.Properties['Ticket']
            $n = @{}; Get-HeliconeRequest | ForEach-Object { $n[$_.Properties.Environment]++ }
            "$($n.production) $($n.test)"
            """);

        Assert.Equal(["production", "T-1", "2 1"], result.Texts);
    }

    [Fact]
    public async Task Row07_ModelAlone_IsServedByTheCheapestProvider()
    {
        await using ChatServer openai = await ChatServer.SayAsync("openai");
        await using ChatServer corp = await ChatServer.SayAsync("corp");
        _shell.With("openai", openai).With("corp", corp, Cheaper()).Connect();

        Result result = await _shell.RunAsync("$null = Get-HeliconeModel; Invoke-HeliconeChat 'Hi' -Model gpt-4o; Get-HeliconeRequest");

        // 1000 tokens in at $1 and 200 out at $4 a million, where openai takes $2.50 and $10.
        Assert.Equal("corp", result.Output[0].ToString());
        Assert.All(result.Output, item => Assert.Equal(("corp", 0.0018m), (Result.Property(item, "Provider"), Result.Property(item, "Cost"))));
        Assert.Empty(openai.Chats);
    }

    [Theory]
    [InlineData("gpt-4o/openai", "openai")]
    [InlineData("claude-4.5-sonnet/anthropic", "anthropic")]
    public async Task Row08_ProviderThatIsNamed_IsTheOneThatIsAsked(string model, string provider)
    {
        await using ChatServer named = await ChatServer.SayAsync("here");
        await using ChatServer corp = await ChatServer.SayAsync("cheaper");
        _shell.With(provider, named).With("corp", corp, Cheaper()).Connect();

        Result result = await _shell.RunAsync($"Invoke-HeliconeChat 'Hi' -Model {model}; Get-HeliconeRequest");

        Assert.Equal("here", result.Output[0].ToString());
        Assert.All(result.Output, item => Assert.Equal(provider, Result.Property(item, "Provider")));
        Assert.Empty(corp.Chats);
    }

    [Theory]
    [InlineData("-Model gpt-4o/openai -Fallback claude-4.5-sonnet/anthropic")]
    [InlineData("-Model 'helicone/gpt-4o/openai,claude-4.5-sonnet/anthropic'")]
    public async Task Row09_Chain_GoesOnWhereTheFirstFails_AndTheLogSaysWhoAnswered(string route)
    {
        await using ChatServer openai = await ChatServer.StartAsync(exchange => RefuseAsync(exchange, 503));
        await using ChatServer anthropic = await ChatServer.SayAsync("here");
        _shell.With("openai", openai).With("anthropic", anthropic).Connect();

        Result result = await _shell.RunAsync($"Invoke-HeliconeChat 'Hi' {route}; Get-HeliconeRequest");

        Assert.Equal("here", result.Output[0].ToString());
        Assert.All(result.Output, item => Assert.Equal(("anthropic", "gpt-4o/openai,claude-4.5-sonnet/anthropic"), (Result.Property(item, "Provider"), Result.Property(item, "RequestedModel"))));
        Assert.Single(openai.Chats);
    }

    [Fact]
    public async Task Row09_ChainOfRefusals_RaisesTheTrueCause_IsNotRetriedInVain_AndIsInTheLog()
    {
        await using ChatServer openai = await ChatServer.StartAsync(exchange => RefuseAsync(exchange, 400));
        await using ChatServer anthropic = await ChatServer.StartAsync(exchange => RefuseAsync(exchange, 400));
        _shell.With("openai", openai).With("anthropic", anthropic).Connect();

        Result result = await _shell.TryAsync(
            """
            Invoke-HeliconeChat 'Hi' -Model gpt-4o/openai -Fallback claude-4.5-sonnet/anthropic
            $Error[0].Exception.StatusCode
            $Error[0].Exception.Upstream | ForEach-Object { "$($_.Source) $($_.StatusCode)" }
            $row = Get-HeliconeRequest $Error[0].Exception -IncludeBody
            $row.Status
            $row.ResponseBody
            """);

        Assert.Equal("HeliconeInvalidRequest", result.ErrorId);
        Assert.Contains("'temperature' is out of range", result.Error.ToString(), StringComparison.Ordinal);

        // The gateway sends a plain 500, as on Helicone's cloud; the log contains what was sent.
        Assert.Equal(["400", "gpt-4o/openai/byok 400", "claude-4.5-sonnet/anthropic/byok 400", "500"], result.Texts.SkipLast(1));
        Assert.Contains("'temperature' is out of range", result.Texts.Last(), StringComparison.Ordinal);
        Assert.Single(openai.Chats);
        Assert.Single(anthropic.Chats);
    }

    [Fact]
    public async Task Row10_SameQuestion_ComesFromTheCacheTheSecondTime_AndIsNotPaid()
    {
        await using ChatServer openai = await ChatServer.SayAsync("A name system.");
        _shell.With("openai", openai).Connect();

        Result result = await _shell.RunAsync(
            """
            $null = Get-HeliconeModel
            $answers = 1..2 | ForEach-Object { Invoke-HeliconeChat 'What is DNS?' -Model gpt-4o-mini -Cache -UserId "user-$_" }
            $answers | ForEach-Object { "$_ $($_.CacheStatus) $($_.Cost)" }
            $answers | Get-HeliconeRequest | ForEach-Object { "$($_.UserId) $($_.CacheStatus) $($_.Cost)" }
            (Get-HeliconeRequest -Cached).RequestId -eq $answers[1].RequestId
            """);

        // 1000 tokens in at $0.15 and 200 out at $0.60 a million, once.
        Assert.Equal(["A name system. Miss 0.00027", "A name system. Hit 0", "user-1 Miss 0.00027", "user-2 Hit 0", "True"], Rounded(result));
        Assert.Single(openai.Chats);
    }

    [Fact]
    public async Task Row11_Limit_HoldsAtItsQuota_IsRaisedForWhatItIs_AndNobodyIsAsked()
    {
        await using ChatServer openai = await ChatServer.SayAsync("ok");
        _shell.With("openai", openai).Connect("-RateLimitPolicy @{ 'basic-2' = '2;w=60' }");

        Result result = await _shell.TryAsync(
            """
            1..2 | ForEach-Object { (Invoke-HeliconeChat "$_" -Model gpt-4o-mini -RateLimitPolicy basic-2).RateLimit | ForEach-Object { "$($_.Remaining) of $($_.Limit)" } }
            Invoke-HeliconeChat '3' -Model gpt-4o-mini -RateLimitPolicy basic-2 -MaxRetry 0
            $problem = $Error[0].Exception
            "$($problem.Kind) $($problem.StatusCode) $($problem.RetryAfter.TotalSeconds -gt 0)"
            "$((Get-HeliconeRequest -Status 429).RequestId -eq $problem.RequestId)"
            "$(@(Get-HeliconeRequest).Count)"
            """);

        Assert.Equal(["1 of 2", "0 of 2", "RateLimited 429 True", "True", "3"], result.Texts);
        Assert.Equal(("HeliconeRateLimited", ErrorCategory.LimitsExceeded), (result.ErrorId, result.Error.CategoryInfo.Category));
        Assert.Contains("'2;w=60' is reached", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["1", "2"], openai.Chats.Select(chat => chat.Prompt));
    }

    [Fact]
    public async Task Row11_NameThatNobodyDefined_IsRefused_WhereHeliconeWouldLetEveryCallPass()
    {
        _shell.Connect();

        Result result = await _shell.TryAsync("Invoke-HeliconeChat 'Hi' -RateLimitPolicy basic-100; Get-HeliconeRequest");

        Assert.Equal("HeliconeInvalidRateLimitPolicy", result.ErrorId);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Row12_Call_IsLookedUp_InThePipelineAndOnThePage()
    {
        _shell.Connect();

        Result result = await _shell.RunAsync(
            """
            $session = New-HeliconeSession 'Nightly triage'
            $answer = Invoke-HeliconeChat 'Is <this> alert new?' -Session $session -SessionPath /triage/alerts -UserId ops
            ($answer | Get-HeliconeRequest -IncludeBody).RequestBody
            $answer.RequestId
            $answer | Open-HeliconeDashboard -PassThru | ForEach-Object AbsoluteUri
            Open-HeliconeDashboard -Session $session -PassThru | ForEach-Object AbsoluteUri
            Open-HeliconeDashboard -PassThru | ForEach-Object AbsoluteUri
            """);

        string[] texts = [.. result.Texts];
        Assert.Contains("alert new?", texts[0], StringComparison.Ordinal);
        using HttpClient browser = new(new HttpClientHandler { CookieContainer = new CookieContainer() });
        string call = await browser.GetStringAsync(new Uri(texts[2]));
        Assert.Contains("Is &lt;this&gt; alert new?", call, StringComparison.Ordinal);
        Assert.Contains("[offline] gpt-4o-mini heard", call, StringComparison.Ordinal);
        Assert.Contains(texts[1], call, StringComparison.Ordinal);
        string session = await browser.GetStringAsync(new Uri(texts[3]));
        Assert.Contains("data-path=\"/triage/alerts\"", session, StringComparison.Ordinal);
        Assert.Contains("/requests/" + texts[1], session, StringComparison.Ordinal);
        Assert.Contains("/requests/" + texts[1], await browser.GetStringAsync(new Uri(texts[4])), StringComparison.Ordinal);

        using HttpClient thief = new();
        using HttpResponseMessage again = await thief.GetAsync(new Uri(texts[2]));
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
    }

    [Fact]
    public async Task Row13_Registry_HasPricesAndContexts_TabCompletesIt_AndAnAnswerHasItsCost()
    {
        await using ChatServer openai = await ChatServer.SayAsync("ok");
        _shell.With("openai", openai).Connect();

        Result result = await _shell.RunAsync(
            """
            @(Get-HeliconeModel).Count -ge 60
            $model = Get-HeliconeModel gpt-4o
            "$($model.PromptPrice) $($model.CompletionPrice) $($model.ContextLength)"
            function Complete($line) { [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches[0].CompletionText }
            Complete 'Invoke-HeliconeChat hi -Model gpt-4o-m'
            Complete 'Invoke-HeliconeChat hi -Model gpt-4o -Fallback claude-4.5-s'
            Complete 'Get-HeliconeModel -Provider anth'
            (Invoke-HeliconeChat 'Hi' -Model gpt-4o/openai).Cost
            """);

        // 1000 tokens in at $2.50 and 200 out at $10 a million.
        Assert.Equal(["True", "2.5 10 128000", "gpt-4o-mini", "claude-4.5-sonnet", "anthropic", "0.0045"], Rounded(result));
    }

    /// <summary>A provider as near as openai is, so that the price decides.</summary>
    private static JsonObject Cheaper() => new()
    {
        ["priority"] = 3,
        ["models"] = new JsonArray(new JsonObject { ["id"] = "gpt-4o", ["pricing"] = new JsonObject { ["prompt"] = 1, ["completion"] = 4 } }),
    };

    private static Task RefuseAsync(ChatExchange exchange, int status) => exchange.RespondAsync(
        status,
        """{"error":{"message":"'temperature' is out of range","type":"invalid_request_error","code":null}}""");

    /// <summary>The texts, with decimals as short as they can be: 0.00 is 0.</summary>
    private static IEnumerable<string> Rounded(Result result) => result.Texts.Select(text => string.Join(' ', text.Split(' ').Select(word =>
        word.Contains('.', StringComparison.Ordinal) && decimal.TryParse(word, NumberStyles.Number, CultureInfo.InvariantCulture, out decimal number) ? number.ToString("0.#########", CultureInfo.InvariantCulture) : word)));
}
