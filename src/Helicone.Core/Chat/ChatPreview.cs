using System;
using System.Collections.Generic;
using Helicone.Spending;

namespace Helicone.Chat;

/// <summary>The request of a call and its possible cost. Nothing was sent.</summary>
/// <param name="Uri">The address, at the first of the gateway's addresses.</param>
/// <param name="Body">The JSON body. It never contains the API key of the client.</param>
/// <param name="Estimates">The highest cost if a model of the route answers, for each of them, with the prices at hand.</param>
/// <param name="HasCurrentPrices">Indicates whether the prices come from the gateway, rather than from the copy that ships with the client.</param>
public sealed record ChatPreview(Uri Uri, string Body, IReadOnlyList<CostEstimate> Estimates, bool HasCurrentPrices)
{
    /// <summary>The estimate with the highest cost, or one whose cost isn't known when there is any.</summary>
    public CostEstimate Dearest => CostEstimator.Dearest(Estimates);
}
