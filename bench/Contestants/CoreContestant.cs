using System.Net;
using Helicone.Chat;

namespace Helicone.Bench.Contestants;

/// <summary>Helicone.Core, as the cmdlets use it.</summary>
internal sealed class CoreContestant(Uri server) : IContestant
{
    private readonly HeliconeClient _client = new(new HeliconeOptions
    {
        GatewayUri = server,
        ApiUri = server,
        ApiKey = new NetworkCredential(string.Empty, "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd").SecurePassword,
    });

    public async Task CallAsync()
    {
        ChatCompletion answer = await _client.Chat.CompleteAsync(new ChatRequest([new ChatMessage("user", "Why is the sky blue?")]), null, default).ConfigureAwait(false);
        if (answer.Content.Length == 0)
        {
            throw new InvalidOperationException("No answer.");
        }
    }

    public async Task<int> StreamAsync()
    {
        int chunks = 0;
        ChatCompletion? completion = null;
        await foreach (ChatChunk chunk in _client.Chat.Stream(new ChatRequest([new ChatMessage("user", "Why is the sky blue?")])).ConfigureAwait(false))
        {
            chunks += chunk.Text.Length > 0 ? 1 : 0;
            completion = chunk.Completion ?? completion;
        }

        return completion is null ? throw new InvalidOperationException("No whole answer.") : chunks;
    }
}
