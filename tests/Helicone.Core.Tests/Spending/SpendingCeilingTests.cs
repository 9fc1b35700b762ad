using Helicone.Errors;
using Helicone.Spending;

namespace Helicone.Core.Tests.Spending;

public class SpendingCeilingTests
{
    private static readonly CostEstimate s_cent = new() { Model = "m", HighestCost = 0.01m };

    [Fact]
    public async Task Call_ThatFits_IsReservedAndThenReplacedByItsCost()
    {
        SpendingCeiling ceiling = new(0.05m);
        using CallBudget budget = new([ceiling], [s_cent]);

        await budget.BeginAsync(CancellationToken.None);
        Assert.Equal((0m, 0.01m), (ceiling.Spent, ceiling.Reserved));
        budget.Answered(0.004m);

        Assert.Equal((0.004m, 0m), (ceiling.Spent, ceiling.Reserved));
    }

    [Fact]
    public async Task Call_ThatDoesNotFit_IsRefusedWithWhatWasSpent()
    {
        SpendingCeiling ceiling = new(0.015m);
        using CallBudget first = new([ceiling], [s_cent]);
        await first.BeginAsync(CancellationToken.None);
        first.Answered(0.007m);
        using CallBudget second = new([ceiling], [s_cent]);

        HeliconeException refused = await Assert.ThrowsAsync<HeliconeException>(() => second.BeginAsync(CancellationToken.None));

        Assert.Equal(HeliconeErrorKind.BudgetExceeded, refused.Kind);
        Assert.Equal(new BudgetStatus(0.015m, 0.007m, 0, 0.01m), refused.Budget);
        Assert.False(refused.IsTransient);
        Assert.True(refused.NeverSent);
        Assert.Equal((0.007m, 0m), (ceiling.Spent, ceiling.Reserved));
    }

    [Fact]
    public async Task Call_ThatFitsOnlyIfOthersCostLess_WaitsForThem()
    {
        SpendingCeiling ceiling = new(0.015m);
        using CallBudget first = new([ceiling], [s_cent]);
        using CallBudget second = new([ceiling], [s_cent]);
        await first.BeginAsync(CancellationToken.None);

        Task waiting = second.BeginAsync(CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        first.Answered(0.005m);
        await waiting;

        Assert.Equal((0.005m, 0.01m), (ceiling.Spent, ceiling.Reserved));
    }

    [Fact]
    public async Task Call_ThatWaits_IsRefusedWhenTheOthersCostTooMuch()
    {
        SpendingCeiling ceiling = new(0.015m);
        using CallBudget first = new([ceiling], [s_cent]);
        using CallBudget second = new([ceiling], [s_cent]);
        await first.BeginAsync(CancellationToken.None);

        Task waiting = second.BeginAsync(CancellationToken.None);
        first.Answered(0.01m);

        Assert.Equal(HeliconeErrorKind.BudgetExceeded, (await Assert.ThrowsAsync<HeliconeException>(() => waiting)).Kind);
    }

    [Fact]
    public async Task WaitingCall_EndsWithItsToken()
    {
        SpendingCeiling ceiling = new(0.015m);
        using CallBudget first = new([ceiling], [s_cent]);
        using CallBudget second = new([ceiling], [s_cent]);
        await first.BeginAsync(CancellationToken.None);
        using CancellationTokenSource stop = new();
        Task waiting = second.BeginAsync(stop.Token);

        stop.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0.01m, ceiling.Reserved);
    }

    [Fact]
    public async Task TwoCeilings_BothReserve_OrNeitherDoes()
    {
        SpendingCeiling run = new(0.05m);
        SpendingCeiling connection = new(0.005m);
        using CallBudget budget = new([run, connection], [s_cent]);

        HeliconeException refused = await Assert.ThrowsAsync<HeliconeException>(() => budget.BeginAsync(CancellationToken.None));

        Assert.Equal(0.005m, refused.Budget!.Limit);
        Assert.Equal((0m, 0m), (run.Reserved, connection.Reserved));
    }

    public static TheoryData<HeliconeException, decimal> Failures => new()
    {
        { new HeliconeException(HeliconeErrorKind.Unreachable, "refused") { NothingSent = true }, 0 },
        { new HeliconeException(HeliconeErrorKind.RateLimited, "429") { StatusCode = 429 }, 0 },
        { new HeliconeException(HeliconeErrorKind.UpstreamFailed, "500") { StatusCode = 500 }, 0 },
        { new HeliconeException(HeliconeErrorKind.UpstreamFailed, "the log's disk is full") { StatusCode = 507, Code = "log_unavailable" }, 0.01m },
        { new HeliconeException(HeliconeErrorKind.UpstreamFailed, "the provider was silent") { StatusCode = 504 }, 0.01m },
        { new HeliconeException(HeliconeErrorKind.RateLimited, "429") { StatusCode = 429, Upstream = [new UpstreamAttempt("m/a", 504, null, "silent"), new UpstreamAttempt("m/b", 429, null, "busy")] }, 0.01m },
        { new HeliconeException(HeliconeErrorKind.TimedOut, "slow"), 0.01m },
        { new HeliconeException(HeliconeErrorKind.Unreachable, "reset after it was sent"), 0.01m },
        { new HeliconeException(HeliconeErrorKind.MalformedResponse, "half a document") { StatusCode = 200 }, 0.01m },
        { new HeliconeException(HeliconeErrorKind.StreamInterrupted, "broke off"), 0.01m },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task FailedAttempt_CostsNothingOnlyIfItCertainlyDidNot(HeliconeException error, decimal spent)
    {
        SpendingCeiling ceiling = new(0.05m);
        using CallBudget budget = new([ceiling], [s_cent]);
        await budget.BeginAsync(CancellationToken.None);

        budget.Failed(error);

        Assert.Equal((spent, 0m), (ceiling.Spent, ceiling.Reserved));
    }

    [Fact]
    public async Task CallThatIsCutOff_CountsInFull()
    {
        SpendingCeiling ceiling = new(0.05m);
        using (CallBudget budget = new([ceiling], [s_cent]))
        {
            await budget.BeginAsync(CancellationToken.None);
            Assert.True(budget.TryBegin());
            budget.Answered(0.002m);
        }

        Assert.Equal((0.012m, 0m), (ceiling.Spent, ceiling.Reserved));
    }

    [Fact]
    public async Task ManyCallsAtOnce_NeverReserveMoreThanTheLimit()
    {
        SpendingCeiling ceiling = new(1);
        int refused = 0;
        decimal most = 0;
        object gate = new();
        await Parallel.ForAsync(0, 1_000, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, token) =>
        {
            using CallBudget budget = new([ceiling], [s_cent]);
            try
            {
                await budget.BeginAsync(token);
            }
            catch (HeliconeException e) when (e.Kind == HeliconeErrorKind.BudgetExceeded)
            {
                Interlocked.Increment(ref refused);
                return;
            }

            lock (gate)
            {
                most = Math.Max(most, ceiling.Spent + ceiling.Reserved);
            }

            await Task.Yield();
            budget.Answered(0.003m);
        });

        Assert.InRange(most, 0.99m, 1);
        Assert.InRange(ceiling.Spent, 0.99m - 0.003m, 1);
        Assert.Equal((int)(1_000 - (ceiling.Spent / 0.003m)), refused);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Limit_IsMoreThanNothing(int limit) => Assert.Throws<ArgumentOutOfRangeException>(() => new SpendingCeiling(limit));
}
