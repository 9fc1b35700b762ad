using System.Collections.Generic;
using System.Text.Json;
using Helicone.Serialization;

namespace Helicone.Chat;

/// <summary>Reads <c>logprobs</c> of a choice: <c>{ content: [{ token, logprob, bytes, top_logprobs }], refusal }</c>.</summary>
internal static class LogProbsReader
{
    internal static IReadOnlyList<TokenLogProbability> Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json, MessageParts.DocumentOptions);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("content", out JsonElement tokens) ? Read(tokens) : [];
    }

    private static TokenLogProbability[] Read(JsonElement tokens)
    {
        if (tokens.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        List<TokenLogProbability> result = [];
        foreach (JsonElement token in tokens.EnumerateArray())
        {
            if (JsonText.StringOf(token, "token") is { } text
                && token.TryGetProperty("logprob", out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double logProbability))
            {
                result.Add(new TokenLogProbability(text, logProbability, token.TryGetProperty("top_logprobs", out JsonElement top) ? Read(top) : []));
            }
        }

        return result.ToArray();
    }
}
