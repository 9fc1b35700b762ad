using System.Management.Automation;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Gateways;

/// <summary>What a user sees when a provider of the local gateway has no key, or fails.</summary>
public sealed class ProviderFailureTests
{
    [Fact]
    public async Task ModelWithoutAKey_IsAnErrorThatNamesTheVariable_AndNoOfflineAnswer()
    {
        using Variables keys = new(("OPENAI_API_KEY", null), ("OPENROUTER_API_KEY", null));
        await using ChatServer mistral = await ChatServer.SayAsync("Bonjour.");
        using LocalShell shell = new LocalShell().With("mistral", mistral).Connect();

        Result result = await shell.TryAsync("Invoke-HeliconeChat 'Hi' -Model gpt-4o");

        Assert.Empty(result.Output);
        Assert.Equal("HeliconeUnauthenticated", result.ErrorId);
        Assert.Contains("OPENAI_API_KEY", result.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("key", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(mistral.Chats);
    }

    [Fact]
    public async Task AnswerAfterAFallback_SaysInAttemptsWhoFailed()
    {
        await using ChatServer broken = await ChatServer.StartAsync(exchange => exchange.RespondAsync(429, """{"error":{"message":"Slow down."}}"""));
        await using ChatServer working = await ChatServer.SayAsync("Hello.");
        using LocalShell shell = new LocalShell().With("broken", broken).With("working", working).Connect();

        Result result = await shell.RunAsync("$a = Invoke-HeliconeChat 'Hi' -Model m/broken,m/working; \"$a\"; $a.Attempts.Upstream; \"$($a.Attempts)\"");

        Assert.Equal("Hello.", result.Output[0].ToString());
        PSObject failed = result.Output[1];
        Assert.Equal(("m/broken/byok", 429), (Result.Property(failed, "Source"), Result.Property(failed, "StatusCode")));
        Assert.Contains("failed before: m/broken/byok (429)", result.Output[2].ToString(), StringComparison.Ordinal);
    }
}
