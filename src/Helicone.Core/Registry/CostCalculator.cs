using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Helicone.Chat;

namespace Helicone.Registry;

/// <summary>What an answer cost by the registry's prices.</summary>
public static class CostCalculator
{
    /// <summary>The local gateway's own provider. Its answers are made up, and free.</summary>
    private const string OfflineProvider = "offline";

    private const decimal PerMillion = 1_000_000m;

    // The dated snapshot of a model that the registry lists without a date: gpt-4o-mini-2024-07-18, claude-sonnet-4@20250514.
    private static readonly Regex s_snapshot = new(
        @"^(-\d{4}-\d{2}-\d{2}|[-@]\d{4,8}|-latest)$",
        RegexOptions.CultureInvariant,
        TimeSpan.FromSeconds(1));

    /// <summary>The price of a call in US dollars; <see langword="null"/> when the registry does not know enough to say.</summary>
    /// <param name="registry">The prices.</param>
    /// <param name="route">What was asked for.</param>
    /// <param name="servedModel">The model as the answer names it.</param>
    /// <param name="provider">Who served it, where known. Where not, the route's provider counts, else the cheapest: the gateway's own choice among credits.</param>
    /// <param name="usage">The tokens. Cached ones are billed at the price of a cache read, reasoning ones at their own where there is one.</param>
    public static decimal? Calculate(ModelRegistry registry, ModelRoute route, string? servedModel, string? provider, ChatUsage usage)
    {
        if (IsFree(provider))
        {
            return 0;
        }

        if (Find(registry.Models, route, servedModel) is not { } found)
        {
            return null;
        }

        string? where = provider ?? found.Candidate?.Provider;
        ModelEndpoint? endpoint = where is null
            ? Cheapest(found.Model, route)
            : found.Model.Endpoints.FirstOrDefault(e => string.Equals(e.Provider, where, StringComparison.OrdinalIgnoreCase));
        return endpoint?.Pricing is null ? null : Calculate(Tier(endpoint, usage), usage);
    }

    /// <summary>The price of tokens.</summary>
    public static decimal Calculate(ModelPricing pricing, ChatUsage usage)
    {
        decimal cached = Math.Min(usage.CachedTokens, usage.PromptTokens);
        decimal written = Math.Min(usage.CacheWriteTokens, usage.PromptTokens - cached);
        decimal plain = usage.PromptTokens - cached - written;
        decimal reasoning = Math.Min(usage.ReasoningTokens, usage.CompletionTokens);
        decimal spoken = usage.CompletionTokens - reasoning;
        return ((plain * pricing.Prompt)
            + (cached * (pricing.CacheRead ?? pricing.Prompt))
            + (written * (pricing.CacheWrite ?? pricing.Prompt))
            + (spoken * pricing.Completion)
            + (reasoning * (pricing.Thinking ?? pricing.Completion))) / PerMillion;
    }

    /// <summary>Whether a provider costs nothing, whatever the model.</summary>
    internal static bool IsFree(string? provider) => string.Equals(provider, OfflineProvider, StringComparison.OrdinalIgnoreCase);

    // What the gateway chooses when nobody says where: not what was excluded, and with credits if credits can pay for it.
    private static ModelEndpoint? Cheapest(ModelInfo model, ModelRoute route)
    {
        ModelEndpoint[] open = model.Endpoints
            .Where(e => e.Pricing is not null && !route.Exclusions.Contains(e.Provider, StringComparer.OrdinalIgnoreCase))
            .ToArray();
        return open.FirstOrDefault(e => e.SupportsCredits != false) ?? open.FirstOrDefault();
    }

    private static ModelPricing Tier(ModelEndpoint endpoint, ChatUsage usage) =>
        endpoint.PricingTiers.LastOrDefault(t => t.Threshold <= usage.PromptTokens && t.Threshold > 0) ?? endpoint.Pricing!;

    private static (ModelInfo Model, ModelCandidate? Candidate)? Find(IReadOnlyList<ModelInfo> models, ModelRoute route, string? served)
    {
        ModelCandidate? only = route.Candidates.Count == 1 ? route.Candidates[0] : null;
        if (only is not null && ById(models, only.Model) is { } asked)
        {
            return (asked, only);
        }

        if (served is null)
        {
            return null;
        }

        ModelInfo? model = ById(models, served)
            ?? models.FirstOrDefault(m => served.StartsWith(m.Id, StringComparison.OrdinalIgnoreCase) && s_snapshot.IsMatch(served.Substring(m.Id.Length)));
        if (model is null)
        {
            return null;
        }

        ModelCandidate[] candidates = route.Candidates.Where(c => string.Equals(c.Model, model.Id, StringComparison.OrdinalIgnoreCase)).ToArray();

        // The same model at two providers: which of them it was, only the gateway knows.
        return (model, candidates.Length == 1 ? candidates[0] : null);
    }

    private static ModelInfo? ById(IReadOnlyList<ModelInfo> models, string id) =>
        models.FirstOrDefault(m => string.Equals(m.Id, id, StringComparison.OrdinalIgnoreCase));
}
