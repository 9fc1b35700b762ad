using System.Diagnostics;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using Microsoft.AspNetCore.Http;

namespace Helicone.Core.Tests.Http;

/// <summary>Ctrl+C: back within half a second, and the server sees that the client has disconnected.</summary>
[Collection(nameof(AloneCollection))]
public class CancellationTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_prompt = TimeSpan.FromMilliseconds(500);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BlockingCall_EndsAtOnce_AndTheServerSeesIt(bool headersCame)
    {
        TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Silence(left, async context =>
        {
            if (headersCame)
            {
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("{");
                await context.Response.Body.FlushAsync();
            }

            arrived.TrySetResult();
        }));
        using HeliconeClient client = Clients.Client(server.Uri);
        using CancellationTokenSource stop = new();

        Task call = client.Chat.CompleteAsync(Clients.Ask(), null, stop.Token);
        await arrived.Task.WaitAsync(s_patience);
        await Task.Delay(headersCame ? 100 : 0);
        await AssertEndsAsync(stop, call);

        await left.Task.WaitAsync(s_patience);
        Assert.Single(server.Chats);
    }

    [Fact]
    public async Task Stream_EndsAtOnce_AndTheServerSeesIt()
    {
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Silence(left, async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(Answers.Text("x"));
            await context.Response.Body.FlushAsync();
        }));
        using HeliconeClient client = Clients.Client(server.Uri);
        using CancellationTokenSource stop = new();

        Task call = ReadAsync();
        await seen.Task.WaitAsync(s_patience);
        await AssertEndsAsync(stop, call);

        await left.Task.WaitAsync(s_patience);

        async Task ReadAsync()
        {
            await foreach (ChatChunk chunk in client.Chat.Stream(Clients.Ask()).WithCancellation(stop.Token))
            {
                seen.TrySetResult();
            }
        }
    }

    [Fact]
    public async Task Stream_BeforeItsFirstToken_EndsAtOnce()
    {
        TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Silence(left, _ =>
        {
            arrived.TrySetResult();
            return Task.CompletedTask;
        }));
        using HeliconeClient client = Clients.Client(server.Uri);
        using CancellationTokenSource stop = new();

        Task call = Clients.ReadAllAsync(client.Chat.Stream(Clients.Ask()), stop.Token);
        await arrived.Task.WaitAsync(s_patience);
        await AssertEndsAsync(stop, call);

        await left.Task.WaitAsync(s_patience);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WaitForARetry_EndsAtOnce(bool stream)
    {
        TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(429, "slow down", "text/plain", ("Retry-After", "50")));
        using HeliconeClient client = Clients.Client(server.Uri);
        using CancellationTokenSource stop = new();
        RequestOptions options = new() { OnRetry = _ => waiting.TrySetResult() };

        Task call = stream
            ? Clients.ReadAllAsync(client.Chat.Stream(Clients.Ask(), options), stop.Token)
            : client.Chat.CompleteAsync(Clients.Ask(), options, stop.Token);
        await waiting.Task.WaitAsync(s_patience);
        await Task.Delay(50);
        await AssertEndsAsync(stop, call);

        Assert.Single(server.Chats);
    }

    [Fact]
    public async Task TokenThatIsAlreadyCancelled_SendsNothing()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using HeliconeClient client = Clients.Client(server.Uri);
        using CancellationTokenSource stop = new();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Chat.CompleteAsync(Clients.Ask(), null, stop.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Clients.ReadAllAsync(client.Chat.Stream(Clients.Ask()), stop.Token));

        Assert.Empty(server.Chats);
    }

    [Fact]
    public async Task ClientDisposedUnderACall_IsAnErrorAndNotACancellation()
    {
        TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Silence(left, _ =>
        {
            arrived.TrySetResult();
            return Task.CompletedTask;
        }));
        HeliconeClient client = Clients.Client(server.Uri);

        Task call = client.Chat.CompleteAsync(Clients.Ask(), new RequestOptions { TotalTimeout = TimeSpan.FromSeconds(5) }, default);
        await arrived.Task.WaitAsync(s_patience);
        client.Dispose();

        await Assert.ThrowsAsync<HeliconeException>(() => call).WaitAsync(s_patience);
        HeliconeException after = await Assert.ThrowsAsync<HeliconeException>(() => client.Chat.CompleteAsync(Clients.Ask(), null, default)).WaitAsync(s_patience);
        Assert.Contains("closed", after.Message, StringComparison.Ordinal);
        Assert.Single(after.Attempts);
    }

    private static async Task AssertEndsAsync(CancellationTokenSource stop, Task call)
    {
        Assert.False(call.IsCompleted);
        Stopwatch clock = Stopwatch.StartNew();
        await stop.CancelAsync();
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call).WaitAsync(s_patience);
        clock.Stop();
        Assert.True(clock.Elapsed < s_prompt, $"It took {clock.Elapsed}.");
        Assert.Equal(stop.Token, e.CancellationToken);
    }
}
