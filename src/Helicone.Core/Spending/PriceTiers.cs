using System.Collections.Generic;
using Helicone.Registry;

namespace Helicone.Spending;

/// <summary>The prices of an endpoint by number of tokens. A tier inherits what it doesn't set from the tier below it.</summary>
internal readonly struct PriceTiers
{
    private readonly List<ModelPricing> _tiers;

    internal PriceTiers(ModelEndpoint endpoint)
    {
        _tiers = [endpoint.Pricing!];
        foreach (ModelPricing tier in endpoint.PricingTiers)
        {
            _tiers.Add(Inherit(tier, _tiers[_tiers.Count - 1]));
        }
    }

    /// <summary>The highest tier whose threshold that number of tokens reaches.</summary>
    internal ModelPricing At(long tokens)
    {
        ModelPricing found = _tiers[0];
        foreach (ModelPricing tier in _tiers)
        {
            found = tokens >= tier.Threshold ? tier : found;
        }

        return found;
    }

    private static ModelPricing Inherit(ModelPricing tier, ModelPricing below) => tier with
    {
        // Helicone writes these as multiples of the prompt's price, and it's the multiple that is inherited.
        CacheRead = tier.CacheRead ?? Scale(below.CacheRead, tier, below),
        CacheWrite = tier.CacheWrite ?? Scale(below.CacheWrite, tier, below),
        CacheWrite1h = tier.CacheWrite1h ?? Scale(below.CacheWrite1h, tier, below),
        Thinking = tier.Thinking ?? below.Thinking,
        Image = Inherit(tier.Image, below.Image),
        Audio = Inherit(tier.Audio, below.Audio),
        Video = Inherit(tier.Video, below.Video),
        File = Inherit(tier.File, below.File),
        WebSearch = tier.WebSearch ?? below.WebSearch,
        Request = tier.Request ?? below.Request,
    };

    private static decimal? Scale(decimal? price, ModelPricing tier, ModelPricing below) => below.Prompt == 0 ? price : price * tier.Prompt / below.Prompt;

    private static ModalityPricing? Inherit(ModalityPricing? tier, ModalityPricing? below) => tier is null || below is null
        ? tier ?? below
        : new ModalityPricing { Input = tier.Input ?? below.Input, CachedInput = tier.CachedInput ?? below.CachedInput, Output = tier.Output ?? below.Output };
}
