using System.ClientModel;
using OpenAI;
using OpenAI.Chat;

namespace Helicone.Bench.Contestants;

/// <summary>The OpenAI .NET SDK.</summary>
internal sealed class OpenAIContestant(Uri server) : IContestant
{
    private readonly ChatClient _chat = new(
        "gpt-4o-mini",
        new ApiKeyCredential("sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd"),
        new OpenAIClientOptions { Endpoint = new Uri(server, "v1") });

    public async Task CallAsync()
    {
        ClientResult<ChatCompletion> answer = await _chat.CompleteChatAsync("Why is the sky blue?").ConfigureAwait(false);
        if (answer.Value.Content[0].Text.Length == 0)
        {
            throw new InvalidOperationException("No answer.");
        }
    }

    public async Task<int> StreamAsync()
    {
        int chunks = 0;
        await foreach (StreamingChatCompletionUpdate update in _chat.CompleteChatStreamingAsync("Why is the sky blue?").ConfigureAwait(false))
        {
            chunks += update.ContentUpdate.Count > 0 && update.ContentUpdate[0].Text.Length > 0 ? 1 : 0;
        }

        return chunks;
    }
}
