namespace Helicone.LocalGateway.Routing;

/// <summary>One element of a model list: <c>model[:online][/provider[/deployment]]</c>.</summary>
/// <param name="Model">The model's id, as it was written.</param>
/// <param name="Provider">The one provider to ask.</param>
/// <param name="Deployment">The one deployment or key to use there.</param>
/// <param name="Online">Indicates whether web search is requested. As on Helicone's cloud, only providers with a specific mapping support it.</param>
internal sealed record ModelListElement(string Model, string? Provider, string? Deployment, bool Online)
{
    /// <summary>The same with the model under another name.</summary>
    public ModelListElement Named(string model) => model == Model ? this : this with { Model = model };
}
