using System.Net;
using System.Security;
using Helicone.Chat;

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

    public static async Task<List<ChatChunk>> ReadAllAsync(ChatStream stream, CancellationToken cancellationToken = default)
    {
        List<ChatChunk> chunks = [];
        await foreach (ChatChunk chunk in stream.WithCancellation(cancellationToken))
        {
            chunks.Add(chunk);
        }

        return chunks;
    }
}
