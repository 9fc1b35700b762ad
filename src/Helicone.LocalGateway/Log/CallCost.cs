using System;
using System.Linq;
using Helicone.Chat;
using Helicone.LocalGateway.Offline;
using Helicone.LocalGateway.Registry;
using Helicone.Spending;

namespace Helicone.LocalGateway.Log;

/// <summary>The cost of a call by this gateway's registry.</summary>
internal static class CallCost
{
    /// <summary>Computes the cost in US dollars; <see langword="null"/> when a part of the call has no known price, or nothing was counted.</summary>
    public static decimal? Of(ModelRegistry registry, string? model, string? provider, ChatUsage? usage)
    {
        if (usage?.ProviderCost is > 0 and { } charged)
        {
            return charged;
        }

        if (provider == OfflineProvider.ProviderName)
        {
            return 0;
        }

        // A provider that reports zeros has not counted: no prompt has no tokens.
        return usage is not null and not { PromptTokens: 0, CompletionTokens: 0, CacheWriteTokens: 0 } && model is not null && registry.Find(model)?.Endpoints.FirstOrDefault(e => e.ProviderSlug.Equals(provider, StringComparison.OrdinalIgnoreCase)) is { } endpoint
            ? CostCalculator.Calculate(endpoint.ToModelEndpoint(), usage)
            : null;
    }
}
