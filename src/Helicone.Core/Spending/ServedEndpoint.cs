using System;
using System.Collections.Generic;
using System.Linq;
using Helicone.Chat;
using Helicone.Registry;

namespace Helicone.Spending;

/// <summary>Finds the endpoint that served a call, from what is known of the call.</summary>
internal static class ServedEndpoint
{
    /// <summary>The endpoints of which one served the call. Empty when the registry doesn't list it; more than one when they can't be distinguished.</summary>
    internal static IReadOnlyList<ModelEndpoint> Find(ModelRegistry registry, ModelRoute route, string? served, string? provider)
    {
        List<Match> matches = [];
        List<ModelCandidate> unlisted = [];
        foreach (ModelCandidate candidate in route.Candidates)
        {
            ModelInfo[] models = Models(registry, candidate.Model);
            matches.AddRange(models.SelectMany(m => Matches(m, candidate)));
            if (models.Length == 0)
            {
                unlisted.Add(candidate);
            }
        }

        int best = Best();
        if (best == 0 && served is not null)
        {
            // The gateway renames some models. For a name that isn't listed, the answer contains the real one.
            matches.AddRange(unlisted.SelectMany(c => Models(registry, served).SelectMany(m => Matches(m, c))));
            best = Best();
        }

        List<Match> kept = matches.FindAll(m => m.Rank == best);

        // The answer doesn't name a model: only if everything that was requested is one model is it known which one answered.
        if (best == 0 && (unlisted.Count > 0 || kept.Select(m => m.Model).Distinct().Count() > 1))
        {
            return [];
        }

        return kept.GroupBy(m => m.Candidate).Select(Chosen).Distinct().ToArray();

        int Best() => matches.Count == 0 ? 0 : matches.Max(m => m.Rank);

        IEnumerable<Match> Matches(ModelInfo model, ModelCandidate candidate) => Endpoints(model, candidate, route, provider)
            .Select(e => new Match(candidate, model, e, served is null ? 0 : ServedModelName.Rank(served, model.Id, e.ProviderModelId)));
    }

    /// <summary>The models that go by a name: by the registry's, or else by a provider's or a version of either.</summary>
    internal static ModelInfo[] Models(ModelRegistry registry, string name)
    {
        if (registry.Models.FirstOrDefault(m => string.Equals(m.Id, name, StringComparison.OrdinalIgnoreCase)) is { } model)
        {
            return [model];
        }

        (ModelInfo Model, int Rank)[] ranked = registry.Models
            .Select(m => (Model: m, Rank: m.Endpoints.Select(e => ServedModelName.Rank(name, m.Id, e.ProviderModelId)).DefaultIfEmpty(0).Max()))
            .Where(m => m.Rank > 0)
            .ToArray();
        return ranked.Where(m => m.Rank == ranked.Max(r => r.Rank)).Select(m => m.Model).ToArray();
    }

    private static IEnumerable<ModelEndpoint> Endpoints(ModelInfo model, ModelCandidate candidate, ModelRoute route, string? provider)
    {
        string? where = provider ?? candidate.Provider;
        return model.Endpoints.Where(e => where is null
            ? !route.Exclusions.Contains(e.Provider, StringComparer.OrdinalIgnoreCase)
            : string.Equals(e.Provider, where, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The gateway's own choice among the endpoints of one candidate: credits first, then the cheapest, which the registry lists first.</summary>
    private static ModelEndpoint Chosen(IEnumerable<Match> candidate)
    {
        ModelEndpoint[] endpoints = candidate.Select(m => m.Endpoint).ToArray();
        return endpoints.FirstOrDefault(e => e.Pricing is not null && e.SupportsCredits != false)
            ?? endpoints.FirstOrDefault(e => e.Pricing is not null)
            ?? endpoints[0];
    }

    private readonly record struct Match(ModelCandidate Candidate, ModelInfo Model, ModelEndpoint Endpoint, int Rank);
}
