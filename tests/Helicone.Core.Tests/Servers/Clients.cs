using System.Net;
using System.Security;
using Helicone.Chat;
using Helicone.Errors;

namespace Helicone.Core.Tests.Servers;

/// <summary>Clients and requests as the tests like them.</summary>
public static class Clients
{
    public const string Key = "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-dddabcd";

    public static SecureString SecureKey => new NetworkCredential(string.Empty, Key).SecurePassword;

    public static HeliconeOptions Options(Uri uri) => new()
    {
        GatewayUri = uri,
        ApiUri = uri,
        LogUri = uri,
        ApiKey = SecureKey,
        RetryDelay = TimeSpan.FromMilliseconds(1),
        MaxRetryDelay = TimeSpan.FromMilliseconds(5),
    };

    public static HeliconeClient Client(Uri uri) => new(Options(uri));

    public static ChatRequest Ask(string prompt = "Why is the sky blue?") => new([new ChatMessage("user", prompt)]);

    public static async Task<ChatCompletion> CompleteAsync(Uri uri, RequestOptions? options = null, Func<HeliconeOptions, HeliconeOptions>? configure = null)
    {
        using HeliconeClient client = new((configure ?? (o => o))(Options(uri)));
        return await client.Chat.CompleteAsync(Ask(), options, default);
    }

    /// <summary>The error of a blocking call.</summary>
    public static async Task<HeliconeException> FailAsync(Uri uri, RequestOptions? options = null, Func<HeliconeOptions, HeliconeOptions>? configure = null) =>
        await Assert.ThrowsAsync<HeliconeException>(() => CompleteAsync(uri, options, configure));

    /// <summary>The error of a stream, and the chunks that came before it.</summary>
    public static async Task<(HeliconeException Error, List<ChatChunk> Chunks)> FailStreamAsync(Uri uri, RequestOptions? options = null, Func<HeliconeOptions, HeliconeOptions>? configure = null)
    {
        using HeliconeClient client = new((configure ?? (o => o))(Options(uri)));
        List<ChatChunk> chunks = [];
        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(async () =>
        {
            await foreach (ChatChunk chunk in client.Chat.Stream(Ask(), options))
            {
                chunks.Add(chunk);
            }
        });
        Assert.DoesNotContain(chunks, c => c.Completion is not null);
        return (e, chunks);
    }

    public static async Task<List<ChatChunk>> StreamAsync(Uri uri, RequestOptions? options = null, Func<HeliconeOptions, HeliconeOptions>? configure = null)
    {
        using HeliconeClient client = new((configure ?? (o => o))(Options(uri)));
        return await ReadAllAsync(client.Chat.Stream(Ask(), options));
    }

    public static async Task<List<ChatChunk>> ReadAllAsync(AsyncSequence<ChatChunk> stream, CancellationToken cancellationToken = default)
    {
        List<ChatChunk> chunks = [];
        await foreach (ChatChunk chunk in stream.WithCancellation(cancellationToken))
        {
            chunks.Add(chunk);
        }

        return chunks;
    }
}
