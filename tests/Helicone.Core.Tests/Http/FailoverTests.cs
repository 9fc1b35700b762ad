using Helicone.Chat;
using Helicone.Core.Tests.Bulk;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.Core.Tests.Http;

public class FailoverTests
{
    [Fact]
    public async Task AddressThatIsGone_IsPassedOver_AndReturnedToWhenItIsBack()
    {
        FakeTimeProvider time = new();
        Uri first = BulkRunTests.FreeAddress();
        await using RawServer second = new(exchange => exchange.RespondAsync(200, Answers.Whole));
        using HeliconeClient client = new(Clients.Options(first) with { ApiUri = second.Uri, FallbackGatewayUris = [second.Uri], TimeProvider = time });

        ChatCompletion completion = await client.Chat.CompleteAsync(Clients.Ask(), null, default);
        Assert.Equal("Rayleigh scattering.", completion.Content);
        Assert.Equal([HeliconeErrorKind.Unreachable, null], completion.Attempts.Select(a => a.Kind));
        Assert.Equal([1, 2], completion.Attempts.Select(a => a.Number));

        // While it rests, nobody knocks there.
        await using RawServer back = new(exchange => exchange.RespondAsync(200, Answers.Whole), first.Port);
        Assert.Single((await client.Chat.CompleteAsync(Clients.Ask(), null, default)).Attempts);
        Assert.Equal((0, 2), (back.Requests, second.Requests));

        time.Advance(TimeSpan.FromSeconds(31));
        await client.Chat.CompleteAsync(Clients.Ask(), null, default);
        Assert.Equal((1, 2), (back.Requests, second.Requests));
    }

    [Fact]
    public async Task ErrorOfAnAddressThatAnswers_IsNotTakenToAnother()
    {
        await using RawServer first = new(exchange => exchange.RespondAsync(401, "Invalid Helicone API key"));
        await using RawServer second = new(exchange => exchange.RespondAsync(200, Answers.Whole));
        using HeliconeClient client = new(Clients.Options(first.Uri) with { FallbackGatewayUris = [second.Uri] });

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => client.Chat.CompleteAsync(Clients.Ask(), null, default));

        Assert.Equal(HeliconeErrorKind.Unauthenticated, e.Kind);
        Assert.Equal((1, 0), (first.Requests, second.Requests));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RequestThatWasRead_IsNotSentToAnotherAddress_WhenTheConnectionBreaks(bool reset)
    {
        await using RawServer first = new(exchange =>
        {
            if (reset)
            {
                exchange.Reset();
            }
            else
            {
                exchange.Close();
            }

            return Task.CompletedTask;
        });
        await using RawServer second = new(exchange => exchange.RespondAsync(200, Answers.Whole));
        using HeliconeClient client = new(Clients.Options(first.Uri) with { FallbackGatewayUris = [second.Uri], MaxRetries = 0 });

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => client.Chat.CompleteAsync(Clients.Ask(), null, default));

        Assert.Equal(HeliconeErrorKind.Unreachable, e.Kind);
        Assert.Single(e.Attempts);
        Assert.Equal((1, 0), (first.Requests, second.Requests));
    }

    [Fact]
    public async Task RequestThatWasRead_IsRetriedAtAnotherAddress_AsFarAsTheRetriesGo()
    {
        await using RawServer first = new(exchange =>
        {
            exchange.Reset();
            return Task.CompletedTask;
        });
        await using RawServer second = new(exchange => exchange.RespondAsync(200, Answers.Whole));
        using HeliconeClient client = new(Clients.Options(first.Uri) with { FallbackGatewayUris = [second.Uri], MaxRetries = 1 });

        ChatCompletion completion = await client.Chat.CompleteAsync(Clients.Ask(), null, default);

        Assert.Equal([HeliconeErrorKind.Unreachable, null], completion.Attempts.Select(a => a.Kind));
        Assert.NotNull(completion.Attempts[0].Wait);
        Assert.Equal((1, 1), (first.Requests, second.Requests));
    }

    [Fact]
    public async Task AddressThatRefused_IsInTheStory_WhenTheNextOneBreaks()
    {
        Uri nobody = BulkRunTests.FreeAddress();
        await using RawServer second = new(exchange =>
        {
            exchange.Close();
            return Task.CompletedTask;
        });
        await using RawServer third = new(exchange => exchange.RespondAsync(200, Answers.Whole));
        using HeliconeClient client = new(Clients.Options(nobody) with { FallbackGatewayUris = [second.Uri, third.Uri], MaxRetries = 0 });

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => client.Chat.CompleteAsync(Clients.Ask(), null, default));

        Assert.Equal([1, 2], e.Attempts.Select(a => a.Number));
        Assert.Contains(nobody.Authority, e.Attempts[0].Message, StringComparison.Ordinal);
        Assert.Contains(second.Uri.Authority, e.Attempts[1].Message, StringComparison.Ordinal);
        Assert.Equal((1, 0), (second.Requests, third.Requests));
    }

    [Fact]
    public void FallbackThatWouldLeak_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new HeliconeClient(new HeliconeOptions { FallbackGatewayUris = [new Uri("http://example.com/")] }));

    [Fact]
    public async Task Hedge_SecondAttemptAnswers_AndTheFirstIsCancelled()
    {
        TaskCompletionSource<bool> left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawServer server = new(async exchange =>
        {
            if (exchange.Number == 1)
            {
                left.TrySetResult(await exchange.WaitForClientToLeaveAsync());
                exchange.Close();
            }
            else
            {
                await exchange.RespondAsync(200, Answers.Whole);
            }
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        ChatCompletion completion = await client.Chat.CompleteAsync(Clients.Ask(), new RequestOptions { HedgeAfter = TimeSpan.FromMilliseconds(50) }, default);

        Assert.Equal("Rayleigh scattering.", completion.Content);
        Assert.Equal([true, false], completion.Attempts.Select(a => a.LostRace));
        Assert.True(await left.Task.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task Hedge_AnswerInTime_IsAloneOnTheWire()
    {
        await using RawServer server = new(exchange => exchange.RespondAsync(200, Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);

        ChatCompletion completion = await client.Chat.CompleteAsync(Clients.Ask(), new RequestOptions { HedgeAfter = TimeSpan.FromSeconds(30) }, default);

        Assert.Single(completion.Attempts);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task Hedge_FirstAnswersLate_ButBeforeTheSecond_Wins()
    {
        await using RawServer server = new(async exchange =>
        {
            if (exchange.Number == 1)
            {
                await Task.Delay(300);
                await exchange.RespondAsync(200, Answers.Whole);
            }
            else
            {
                await exchange.WaitForClientToLeaveAsync();
                exchange.Close();
            }
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        ChatCompletion completion = await client.Chat.CompleteAsync(Clients.Ask(), new RequestOptions { HedgeAfter = TimeSpan.FromMilliseconds(50) }, default);

        Assert.Equal("Rayleigh scattering.", completion.Content);
        Assert.Equal(2, completion.Attempts.Count);
        Assert.Single(completion.Attempts, a => a.LostRace);
    }

    [Fact]
    public async Task Hedge_ErrorOfOneThatStalls_DoesNotEndTheOther()
    {
        TaskCompletionSource second = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource firstLeft = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawServer server = new(async exchange =>
        {
            if (exchange.Number == 1)
            {
                await second.Task.WaitAsync(exchange.Stop);
                await exchange.SendAsync("HTTP/1.1 503 X\r\nContent-Length: 500\r\n\r\nDown for");
                await exchange.WaitForClientToLeaveAsync();
                firstLeft.SetResult();
                exchange.Close();
                return;
            }

            second.TrySetResult();
            await firstLeft.Task.WaitAsync(exchange.Stop);
            await exchange.RespondAsync(200, Answers.Whole);
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        ChatCompletion completion = await client.Chat.CompleteAsync(
            Clients.Ask(),
            new RequestOptions { HedgeAfter = TimeSpan.FromMilliseconds(50), IdleTimeout = TimeSpan.FromMilliseconds(300), MaxRetries = 0 },
            default).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal("Rayleigh scattering.", completion.Content);
        Assert.Equal([true, false], completion.Attempts.Select(a => a.LostRace));
        Assert.Contains("Down for", completion.Attempts[0].Message, StringComparison.Ordinal);
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task Hedge_LoserWithAnErrorThatStalls_DoesNotDelayTheWinner()
    {
        TaskCompletionSource second = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawServer server = new(async exchange =>
        {
            if (exchange.Number == 1)
            {
                await second.Task.WaitAsync(exchange.Stop);
                await exchange.SendAsync("HTTP/1.1 503 X\r\nContent-Length: 500\r\n\r\nDown for");
                await Task.Delay(200);
                stalled.SetResult();
                Assert.True(await exchange.WaitForClientToLeaveAsync());
                exchange.Close();
                return;
            }

            second.TrySetResult();
            await stalled.Task.WaitAsync(exchange.Stop);
            await exchange.RespondAsync(200, Answers.Whole);
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        // The limit for silence is a minute: the loser ends because it has lost, not because of that.
        ChatCompletion completion = await client.Chat.CompleteAsync(Clients.Ask(), new RequestOptions { HedgeAfter = TimeSpan.FromMilliseconds(50) }, default)
            .WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal("Rayleigh scattering.", completion.Content);
        Assert.Equal([true, false], completion.Attempts.Select(a => a.LostRace));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Hedge_OutOfTime_ClaimsNoAnswer(int failures)
    {
        await using RawServer server = new(async exchange =>
        {
            if (exchange.Number <= failures)
            {
                await exchange.RespondAsync(503, """{"error":"Down for maintenance"}""");
                return;
            }

            await exchange.WaitForClientToLeaveAsync();
            exchange.Close();
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => client.Chat.CompleteAsync(
            Clients.Ask(),
            new RequestOptions { HedgeAfter = TimeSpan.FromSeconds(1), TotalTimeout = TimeSpan.FromSeconds(6) },
            default)).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal((HeliconeErrorKind.TimedOut, TimeoutPhase.Total), (e.Kind, e.TimeoutPhase));
        Assert.DoesNotContain("answered first", e.ToString() + string.Join("\n", e.Attempts.Select(a => a.Message)), StringComparison.Ordinal);
        Assert.Equal(failures > 0 ? "The call took longer than 6 s. Before that: Down for maintenance (503)." : "The call took longer than 6 s.", e.Message);
        Assert.Equal(failures + 2, server.Requests);
        Assert.Equal([.. Enumerable.Repeat<HeliconeErrorKind?>(HeliconeErrorKind.UpstreamFailed, failures), HeliconeErrorKind.TimedOut, HeliconeErrorKind.TimedOut], e.Attempts.Select(a => a.Kind));
        Assert.DoesNotContain(e.Attempts, a => a.LostRace);
    }

    [Fact]
    public async Task Hedge_OfTwoThatFail_ClaimsNoAnswer()
    {
        TaskCompletionSource second = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawServer server = new(async exchange =>
        {
            if (exchange.Number == 1)
            {
                await second.Task.WaitAsync(exchange.Stop);
                await exchange.RespondAsync(503, """{"error":"the first"}""");
                return;
            }

            second.TrySetResult();
            await exchange.RespondAsync(503, """{"error":"the second"}""");
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => client.Chat.CompleteAsync(
            Clients.Ask(), new RequestOptions { HedgeAfter = TimeSpan.FromMilliseconds(50), MaxRetries = 0 }, default));

        Assert.Equal(["the first (503).", "the second (503)."], e.Attempts.Select(a => a.Message).Order());
        Assert.All(e.Attempts, a => Assert.Equal((HeliconeErrorKind.UpstreamFailed, 503, false), (a.Kind, a.StatusCode, a.LostRace)));
    }

    [Fact]
    public void Hedge_OfAStream_IsRefused()
    {
        using HeliconeClient client = Clients.Client(new Uri("http://127.0.0.1:9/"));

        Assert.Throws<ArgumentException>(() => client.Chat.Stream(Clients.Ask(), new RequestOptions { HedgeAfter = TimeSpan.FromSeconds(1) }));
    }
}
