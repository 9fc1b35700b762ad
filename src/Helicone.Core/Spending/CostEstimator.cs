using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Helicone.Chat;
using Helicone.Registry;

namespace Helicone.Spending;

/// <summary>Computes what a call may cost at most, for each model of its route.</summary>
internal static class CostEstimator
{
    // A tokenizer that isn't OpenAI's may split the same text into more tokens, and an image into more than the usual number. A ceiling is
    // checked against these margins; they are generous, since a call under a ceiling must not cost more than was reserved for it.
    private const decimal OtherVocabulary = 1.35m;
    private const int ImageTokens = 1_200;
    private const int MostImageTokens = 4_000;

    // gpt-4o-mini counts an image as some 33 times the tokens of gpt-4o, so that it costs the same.
    private const int MostImageTokensOfMini = 48_000;

    // Searches are billed one by one, and the model decides how many it makes.
    private const int MostWebSearches = 10;

    private static readonly string[] s_openAiVocabulary = ["gpt-4o", "gpt-4.1", "gpt-5", "gpt-oss", "chatgpt-4o", "o1", "o3", "o4"];

    /// <summary>Estimates a call for each model of its route, in the route's order.</summary>
    internal static IReadOnlyList<CostEstimate> Estimate(ModelRegistry registry, ModelRoute route, ReadOnlyMemory<byte> body)
    {
        PromptSize size = PromptSize.Of(body);
        RequestLimits limits = RequestLimits.Of(body);
        return [.. route.Candidates.Select(candidate => Estimate(registry, route, candidate, size, limits))];
    }

    /// <summary>The estimate with the highest cost; one whose cost isn't known when there is any.</summary>
    internal static CostEstimate Dearest(IReadOnlyList<CostEstimate> estimates) =>
        estimates.FirstOrDefault(static e => e.HighestCost is null) ?? estimates.OrderByDescending(static e => e.HighestCost).First();

    private static CostEstimate Estimate(ModelRegistry registry, ModelRoute route, ModelCandidate candidate, PromptSize size, RequestLimits limits)
    {
        bool isCounted = size is { Images: 0, MostSound: 0, MostFiles: 0, IsElsewhere: false } && HasOpenAiVocabulary(candidate.Model);
        CostEstimate estimate = new()
        {
            Model = candidate.ToString(),
            PromptTokens = size.Text + ((long)size.Images * ImageTokens) + size.Sound + size.Files,
            IsEstimate = !isCounted,
            MaxTokens = limits.MaxTokens,
            Choices = limits.Choices,
        };
        if (CostCalculator.IsFree(candidate.Provider) || CostCalculator.IsFree(candidate.Model))
        {
            return estimate with { Provider = candidate.Provider ?? candidate.Model, PromptCost = 0, HighestCost = 0 };
        }

        // A name with a version is the model's; where several models go by it, any of them may answer.
        ModelInfo[] models = ServedEndpoint.Models(registry, candidate.Model);
        ModelEndpoint[] endpoints = [.. models.SelectMany(static m => m.Endpoints).Where(e => MayAnswer(e, candidate, route))];
        if (endpoints.Length == 0)
        {
            return estimate with { Unknown = models.Length == 0 ? $"The registry doesn't list the model '{candidate.Model}'." : $"No provider in the registry serves '{candidate}'." };
        }

        ModelInfo model = models[0];
        long? answer = limits.MaxTokens ?? models.Max(static m => (long?)m.MaxOutput ?? m.ContextLength);
        estimate = estimate with { ContextLength = model.ContextLength, MaxTokens = answer };
        if (size.IsElsewhere && answer is not null && ContextOf(models) is null)
        {
            return estimate with { Provider = endpoints[0].Provider, HighestCost = null, Unknown = $"The request only refers to a part of its prompt, which may be as long as the context of '{candidate.Model}' allows, and the registry has no context length for it." };
        }

        decimal highest = -1;
        foreach (ModelEndpoint endpoint in endpoints)
        {
            if (endpoint.Pricing is null)
            {
                return estimate with { Provider = endpoint.Provider, PromptCost = null, HighestCost = null, Unknown = $"The registry has no price for '{candidate.Model}' at '{endpoint.Provider}'." };
            }

            if (answer is null)
            {
                return estimate with { Provider = endpoint.Provider, HighestCost = null, Unknown = $"The registry has no maximum response length for '{candidate.Model}', and the request sets none." };
            }

            if (Highest(endpoint, candidate, size, ContextOf(models), limits, answer.Value) is not { } cost)
            {
                return estimate with { Provider = endpoint.Provider, HighestCost = null, Unknown = $"The registry has no price for a part of this call, such as web searches, at '{endpoint.Provider}'." };
            }

            if (cost > highest)
            {
                highest = cost;
                estimate = estimate with
                {
                    Provider = endpoint.Provider,
                    HighestCost = cost,
                    PromptCost = CostCalculator.Calculate(endpoint, new ChatUsage(estimate.PromptTokens, 0, estimate.PromptTokens)),
                };
            }
        }

        return estimate;
    }

    private static bool MayAnswer(ModelEndpoint endpoint, ModelCandidate candidate, ModelRoute route) => candidate.Provider is { } provider
        ? string.Equals(endpoint.Provider, provider, StringComparison.OrdinalIgnoreCase)
        : !route.Exclusions.Contains(endpoint.Provider, StringComparer.OrdinalIgnoreCase);

    // Null unless it is known of each: any of them may answer.
    private static long? ContextOf(ModelInfo[] models) => models.Any(static m => m.ContextLength is null) ? null : models.Max(static m => m.ContextLength);

    private static bool HasOpenAiVocabulary(string model) => s_openAiVocabulary.Any(prefix => model.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>The cost when everything goes the expensive way: the longest response, all of it reasoning or none, and the prompt written to the provider's cache.</summary>
    private static decimal? Highest(ModelEndpoint endpoint, ModelCandidate candidate, PromptSize size, long? context, RequestLimits limits, long answer)
    {
        decimal margin = HasOpenAiVocabulary(candidate.Model) ? 1 : OtherVocabulary;
        int image = candidate.Model.StartsWith("gpt-4o-mini", StringComparison.OrdinalIgnoreCase) ? MostImageTokensOfMini : MostImageTokens;

        // A prompt that is longer than the context is refused, so files and what the request only refers to can't be longer than it.
        long files = size.IsElsewhere ? context ?? 0 : Math.Min(size.MostFiles, context ?? long.MaxValue);
        long prompt = (long)Math.Ceiling(size.Text * margin) + ((long)size.Images * image) + size.MostSound + files;
        long output = answer * limits.Choices;
        ChatUsage usage = new(limits.WritesCache ? 0 : prompt, output, prompt + output, CacheWriteTokens: limits.WritesCache ? prompt : 0)
        {
            CacheWrite1hTokens = limits.WritesCacheForAnHour ? prompt : 0,
            WebSearchRequests = candidate.Online || limits.SearchesWeb ? MostWebSearches : 0,
        };
        decimal?[] costs =
        [
            CostCalculator.Calculate(endpoint, usage),
            CostCalculator.Calculate(endpoint, usage with { ReasoningTokens = output }),
            limits.Speaks ? CostCalculator.Calculate(endpoint, usage with { CompletionAudioTokens = output }) : 0,
            limits.Draws ? CostCalculator.Calculate(endpoint, usage with { CompletionTokens = 0, Image = new ModalityTokens(Output: output) }) : 0,
        ];
        return costs.Contains(null) ? null : costs.Max();
    }

    /// <summary>The parts of a request that determine its response and its price.</summary>
    private readonly record struct RequestLimits(long? MaxTokens, long Choices, bool WritesCache, bool WritesCacheForAnHour, bool SearchesWeb, bool Speaks, bool Draws)
    {
        internal static RequestLimits Of(ReadOnlyMemory<byte> body)
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement;
            string text = root.GetRawText();
            bool writes = text.Contains("\"cache_control\"");
            string modalities = root.TryGetProperty("modalities", out JsonElement kinds) ? kinds.GetRawText() : string.Empty;
            return new RequestLimits(
                Larger(Number(root, "max_completion_tokens"), Number(root, "max_tokens")),
                Math.Max(1, Number(root, "n") ?? 1),
                writes,
                writes && text.Contains("\"1h\""),
                root.TryGetProperty("web_search_options", out _) || root.TryGetProperty("plugins", out _) || text.Contains("\"web_search"),
                modalities.Contains("audio"),
                modalities.Contains("image"));
        }

        // Each provider has one of the two names, and ignores the other.
        private static long? Larger(long? one, long? other) => one is null || other > one ? other : one;

        private static long? Number(JsonElement root, string name) =>
            root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number > 0 ? number : null;
    }
}
