using Helicone.Bulk;
using Helicone.Core.Tests.Bulk;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;

namespace Helicone.Core.Tests.Faults;

/// <summary>A run that waits for its gateway sends again what nobody can have worked on, and nothing else.</summary>
public class GatewayWaitTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task ConnectionThatBreaksAfterTheRequest_IsNotSentAgainByTheWait(int retries)
    {
        await using RawServer server = new(exchange =>
        {
            exchange.Close();
            return Task.CompletedTask;
        });
        using HeliconeClient client = new(Clients.Options(server.Uri) with { MaxRetries = retries });
        using BulkRun run = new(client.Chat, new BulkOptions { WaitForGateway = TimeSpan.FromMinutes(5) });

        HeliconeException e = Assert.IsType<HeliconeException>((await TakeOneAsync(run)).Error);

        Assert.Equal(HeliconeErrorKind.Unreachable, e.Kind);
        Assert.Equal(retries + 1, server.Requests);
    }

    [Fact]
    public async Task ConnectionThatBreaksAfterTheRequest_AndIsThenRefused_IsNotSentAgainByTheWait()
    {
        Uri address = BulkRunTests.FreeAddress();
        TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RawServer first = new(async exchange =>
        {
            // No server is listening when the client tries again.
            gone.SetResult();
            await Task.Delay(Timeout.Infinite, exchange.Stop);
        }, address.Port);
        using HeliconeClient client = new(Clients.Options(address) with { MaxRetries = 1, RetryDelay = TimeSpan.FromMilliseconds(200) });
        using BulkRun run = new(client.Chat, new BulkOptions { WaitForGateway = TimeSpan.FromMinutes(5) });
        Task<BulkResult> result = TakeOneAsync(run);
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await first.DisposeAsync();

        HeliconeException e = Assert.IsType<HeliconeException>((await result).Error);

        Assert.Equal([HeliconeErrorKind.Unreachable, HeliconeErrorKind.Unreachable], e.Attempts.Select(a => a.Kind));
        Assert.Contains("refused", e.Attempts[1].Message, StringComparison.Ordinal);
        Assert.Equal(1, first.Requests);
    }

    [Fact]
    public async Task ConnectionThatIsRefused_IsWaitedFor()
    {
        await using RawServer server = new(exchange => exchange.RespondAsync(200, Answers.Whole), listen: false);
        TaskCompletionSource tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using HeliconeClient client = new(Clients.Options(server.Uri) with { MaxRetries = 1 });
        using BulkRun run = new(client.Chat, new BulkOptions { WaitForGateway = TimeSpan.FromMinutes(5) });
        Task<BulkResult> result = TakeOneAsync(run, new RequestOptions { OnRetry = _ => tried.TrySetResult() });
        await tried.Task.WaitAsync(TimeSpan.FromSeconds(20));

        server.Listen();

        Assert.Equal(FaultExchange.Answer, (await result).Completion?.Content);
        Assert.Equal(1, server.Requests);
    }

    private static async Task<BulkResult> TakeOneAsync(BulkRun run, RequestOptions? options = null)
    {
        run.Start(Clients.Ask(), options ?? new RequestOptions(), default);
        Task<BulkResult>? done;
        while (!run.TryTake(out done))
        {
            await run.WaitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        }

        return await done;
    }
}
