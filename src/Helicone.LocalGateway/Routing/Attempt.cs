using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Requests;

namespace Helicone.LocalGateway.Routing;

/// <summary>One provider to ask for one model, on the way of one call.</summary>
/// <param name="Model">The model as the route calls it.</param>
/// <param name="Provider">Whom to ask.</param>
/// <param name="ProviderModelId">What that provider calls it.</param>
/// <param name="Source">How <c>details[]</c> names this attempt.</param>
/// <param name="IsStandIn">Indicates whether the provider was not asked for and only takes the place of those that are not configured.</param>
internal sealed record Attempt(string Model, Provider Provider, string ProviderModelId, string Source, bool IsStandIn = false)
{
    private ForwardedBody? _body;

    /// <summary>What the provider is sent; made once, for the cache's key and for every retry.</summary>
    public ForwardedBody BodyOf(InferenceRequest request) => _body ??= ForwardedBody.Create(request, ProviderModelId, Provider.Name, Provider.Dialect);
}
