using System;
using System.Text.Json;

namespace Helicone.Registry;

/// <summary>Reads prices in both forms of the registry (SPEC SimplifiedPricing and ModelPricing).</summary>
internal static class ModelPricingJson
{
    private const decimal Million = 1_000_000;

    // Nothing costs a million dollars per million tokens; a slip in the registry must not become the cost of an answer, or overflow it.
    private const decimal MaxPrice = 1_000_000;

    // Anthropic's price of a one-hour write, as a multiple of the prompt's. The summary has only the price of a five-minute write.
    private const decimal AnthropicOneHour = 2;

    /// <summary>The summary: US dollars per million, absolute.</summary>
    internal static ModelPricing? ReadPerMillion(JsonElement pricing, string author)
    {
        if (pricing.ValueKind != JsonValueKind.Object || Price(pricing, "prompt", 1) is not { } prompt || Price(pricing, "completion", 1) is not { } completion)
        {
            return null;
        }

        return new ModelPricing
        {
            Prompt = prompt,
            Completion = completion,
            CacheRead = Price(pricing, "cacheRead", 1),
            CacheWrite = Price(pricing, "cacheWrite", 1),
            CacheWrite1h = string.Equals(author, "anthropic", StringComparison.OrdinalIgnoreCase) ? prompt * AnthropicOneHour : null,
            Thinking = Price(pricing, "thinking", 1),
            Image = Modality(pricing, "image", 1),
            Audio = Modality(pricing, "audio", 1),
            Video = Modality(pricing, "video", 1),
            File = Modality(pricing, "file", 1),
            WebSearch = Price(pricing, "web_search", 1) / Million,
            Threshold = Threshold(pricing),
        };
    }

    /// <summary>The gateway's own form: US dollars per token, with the cache as multiples of the prompt's price.</summary>
    internal static ModelPricing? ReadPerToken(JsonElement pricing)
    {
        if (pricing.ValueKind != JsonValueKind.Object || Price(pricing, "input", Million) is not { } input || Price(pricing, "output", Million) is not { } output)
        {
            return null;
        }

        JsonElement? multipliers = pricing.TryGetProperty("cacheMultipliers", out JsonElement cache) && cache.ValueKind == JsonValueKind.Object ? cache : null;
        decimal? written5m = Multiple("write5m");
        return new ModelPricing
        {
            Prompt = input,
            Completion = output,
            CacheRead = Multiple("cachedInput"),
            CacheWrite = written5m,

            // What isn't listed here has the prompt's price.
            CacheWrite1h = Multiple("write1h") ?? (written5m is null ? null : input),
            Thinking = Price(pricing, "thinking", Million),
            Image = Modality(pricing, "image", Million),
            Audio = Modality(pricing, "audio", Million),
            Video = Modality(pricing, "video", Million),
            File = Modality(pricing, "file", Million),
            WebSearch = Price(pricing, "web_search", 1),
            Request = Price(pricing, "request", 1),
            Threshold = Threshold(pricing),
        };

        // A multiple that was divided before can't be exact.
        decimal? Multiple(string name) => multipliers is { } m && Price(m, name, 1) * input is { } price and <= MaxPrice ? Math.Round(price, 12) : null;
    }

    private static ModalityPricing? Modality(JsonElement pricing, string name, decimal scale)
    {
        if (!pricing.TryGetProperty(name, out JsonElement prices))
        {
            return null;
        }

        // Older registries have one number for both directions.
        if (prices.ValueKind == JsonValueKind.Number)
        {
            decimal? price = Price(pricing, name, scale);
            return new ModalityPricing { Input = price, Output = price };
        }

        if (prices.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        decimal? input = Price(prices, "input", scale);
        return new ModalityPricing
        {
            Input = input,
            CachedInput = Price(prices, "cachedInput", scale) ?? (Price(prices, "cachedInputMultiplier", 1) * input),
            Output = Price(prices, "output", scale),
        };
    }

    private static decimal? Price(JsonElement parent, string name, decimal scale) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal number) && number >= 0 && number <= MaxPrice / scale
            ? number * scale
            : null;

    private static long Threshold(JsonElement parent) =>
        parent.TryGetProperty("threshold", out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : 0;
}
