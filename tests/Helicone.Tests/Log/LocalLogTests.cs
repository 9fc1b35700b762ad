using System.Management.Automation;
using Helicone.Tests.Hosting;

namespace Helicone.Tests.Log;

/// <summary>From end to end, with the gateway that ships in the module: what is sent is found again.</summary>
public sealed class LocalLogTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-log-").FullName;
    private readonly Shell _shell = new();

    public async Task InitializeAsync() => (await _shell.RunAsync($"$null = Start-HeliconeGateway -DatabasePath '{Path.Combine(_folder, "gateway.db")}'; Connect-Helicone -Local")).AssertNoErrors();

    public async Task DisposeAsync()
    {
        (await _shell.RunAsync("Stop-HeliconeGateway")).AssertNoErrors();
        _shell.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Chat_IsFoundByEverythingItWasTaggedWith()
    {
        PSObject answer = (await RunAsync(
            "$s = New-HeliconeSession 'Nightly triage' -Path /triage; Invoke-HeliconeChat 'Hi' -Session $s -SessionPath sum -UserId user-789 -Property @{ Environment = 'production'; Ticket = 'T-1' }; Invoke-HeliconeChat 'Other'")).Output[0];
        string id = (string)Result.Property(answer, "RequestId")!;

        foreach (string filter in (string[])["-Session $s", "-Session $s.Id.ToUpper().Replace('A', '*').ToLower()", "-UserId user-789", "-UserId USER*", "-Property @{ environment = 'prod*'; Ticket = 'T-1' }", "-Session $s -Since 1h -Status 200", id])
        {
            PSObject row = (await RunAsync("Get-HeliconeRequest " + filter)).Single;
            Assert.Equal(id, row.ToString());
            Assert.Equal(("/triage/sum", "Nightly triage", "user-789", "offline"), (Result.Property(row, "SessionPath"), Result.Property(row, "SessionName"), Result.Property(row, "UserId"), Result.Property(row, "Provider")));
        }

        Assert.Empty((await RunAsync("Get-HeliconeRequest -Session $s -Until 1h; Get-HeliconeRequest -Status 500; Get-HeliconeRequest -Property @{ Ticket = 'T_1' }; Get-HeliconeRequest -UserId 'user_*'")).Output);
        Assert.Equal(2, (await RunAsync("Get-HeliconeRequest -Since 1h")).Output.Count);
        Assert.Equal(id, (await RunAsync("Invoke-HeliconeChat 'Hi' -RequestId 00000000-0000-4000-8000-000000000001 | Get-HeliconeRequest; $s | Get-HeliconeSession | Get-HeliconeRequest")).Output[1].ToString());
    }

    [Fact]
    public async Task Row_AgreesWithTheAnswer_AndHasItsBodies()
    {
        Result result = await RunAsync("$a = Invoke-HeliconeChat 'What is DNS?' -Model gpt-4o-mini; $a; Get-HeliconeRequest $a -IncludeBody; Get-HeliconeRequest -IncludeBody");

        (PSObject answer, PSObject row, PSObject listed) = (result.Output[0], result.Output[1], result.Output[2]);
        PSObject usage = new(Result.Property(answer, "Usage"));
        Assert.Equal(Convert.ToInt64(Result.Property(usage, "PromptTokens"), null), Result.Property(row, "PromptTokens"));
        Assert.Equal(Convert.ToInt64(Result.Property(usage, "CompletionTokens"), null), Result.Property(row, "CompletionTokens"));
        Assert.Equal("gpt-4o-mini", Result.Property(row, "Model"));
        Assert.Contains("What is DNS?", (string)Result.Property(row, "RequestBody")!, StringComparison.Ordinal);
        Assert.Contains("[offline]", (string)Result.Property(row, "ResponseBody")!, StringComparison.Ordinal);
        Assert.Equal(Result.Property(row, "RequestBody"), Result.Property(listed, "RequestBody"));
        Assert.InRange((DateTimeOffset.UtcNow - (DateTimeOffset)Result.Property(row, "CreatedAt")!).TotalMinutes, 0, 5);
    }

    [Fact]
    public async Task WhatIsSaidAfterwards_IsInTheLog()
    {
        Result result = await RunAsync(
            "Invoke-HeliconeChat 'Hi' | Set-HeliconeRequestProperty -Property @{ Reviewed = 'yes' } -PassThru | Set-HeliconeRequestFeedback -Rating Negative -PassThru | Add-HeliconeRequestScore -Score @{ accuracy = 0.5; helpful = $true } -PassThru | Get-HeliconeRequest");

        Assert.Equal(false, result.Property("Feedback"));
        Assert.Equal(["yes", "0.5", "1"], (await RunAsync("$r = Get-HeliconeRequest -Property @{ Reviewed = 'y*' }; $r.Properties['Reviewed']; \"$($r.Scores['accuracy'])\"; \"$($r.Scores['helpful'])\"")).Texts);
        Assert.Equal("HeliconeRequestNotFound", (await _shell.RunAsync("Set-HeliconeRequestFeedback 00000000-0000-4000-8000-000000000009 Positive")).ErrorId);
    }

    [Fact]
    public async Task Log_ByHand_IsARowLikeAnyOther()
    {
        Result result = await RunAsync(
            "$id = Send-HeliconeLog 'Hi' 'Hello' -Model my-model -PromptTokens 3 -CompletionTokens 2 -Duration 1.5s -TimeToFirstToken 120ms -Session s-9 -SessionPath /own -UserId u-9 -Property @{ Kind = 'own' } -PassThru; Send-HeliconeLog -Tool weather -Request @{ city = 'Oslo' } -Session s-9; Get-HeliconeRequest $id -IncludeBody");

        Assert.Equal(("my-model", 3L, 2L, "s-9", "/own"), (result.Property("Model"), result.Property("PromptTokens"), result.Property("CompletionTokens"), result.Property("SessionId"), result.Property("SessionPath")));
        Assert.Equal((TimeSpan.FromSeconds(1.5), TimeSpan.FromMilliseconds(120)), (result.Property("Latency"), result.Property("TimeToFirstToken")));
        Assert.Contains("Hello", (string)result.Property("ResponseBody")!, StringComparison.Ordinal);
        Assert.Equal(["my-model", "tool:weather"], (await RunAsync("(Get-HeliconeRequest -Session s-9).Model")).Texts.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task SessionsAndUsers_AddUp()
    {
        await RunAsync("$s = New-HeliconeSession 'Nightly triage'; 'a', 'b', 'c' | Invoke-HeliconeChat -Session $s -UserId u-1; Invoke-HeliconeChat 'd' -UserId u-2");

        PSObject session = (await RunAsync("Get-HeliconeSession -Since 1h -Name Nightly*")).Single;
        Assert.Equal((3L, "Nightly triage"), (Result.Property(session, "Requests"), Result.Property(session, "Name")));
        Assert.Equal((await RunAsync("$n = 0; Get-HeliconeRequest -Session $s | ForEach-Object { $n += $_.TotalTokens }; $n")).Single.ToString(), Result.Property(session, "TotalTokens")!.ToString());
        Assert.Equal(session.ToString(), (await RunAsync("Get-HeliconeSession -Search triage")).Single.ToString());
        Assert.Equal(session.ToString(), (await RunAsync("Get-HeliconeSession -Name 'Nightly triage' -UserId u-1")).Single.ToString());
        Assert.Empty((await RunAsync("Get-HeliconeSession nowhere; Get-HeliconeSession -Name Day*")).Output);
        Assert.Equal(["u-1=3", "u-2=1"], (await RunAsync("Get-HeliconeUser -Since 1h | ForEach-Object { \"$($_.UserId)=$($_.Requests)\" }")).Texts.Order(StringComparer.Ordinal));
        Assert.Equal("u-2", (await RunAsync("Get-HeliconeUser u-2")).Single.ToString());
    }

    private async Task<Result> RunAsync(string script) => (await _shell.RunAsync(script)).AssertNoErrors();
}
