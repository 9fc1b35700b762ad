using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Requests;
using Helicone.LocalGateway.Routing;

namespace Helicone.LocalGateway.Providers;

/// <summary>Someone who can be asked.</summary>
internal abstract class Provider
{
    /// <summary>The name in a route, in <c>helicone-provider</c> and in <c>details[].source</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Who is asked first where a route leaves the choice: the lower.</summary>
    public virtual int Priority => WellKnownProvider.DefaultPriority;

    /// <summary>The address that is asked, without anything in it that may be a secret; <see langword="null"/> where nothing leaves this process.</summary>
    public virtual string? TargetUrl => null;

    /// <summary>How it differs from OpenAI.</summary>
    public virtual ProviderDialect Dialect => ProviderDialect.OpenAI;

    /// <summary>The address that is asked with bodies of that form.</summary>
    public virtual string? TargetUrlOf(BodyMapping? mapping) => TargetUrl;

    /// <summary>Indicates whether an attempt can succeed at all. What cannot is neither looked up in the cache nor counted.</summary>
    public virtual bool IsConfigured => true;

    /// <summary>How Helicone names an attempt here.</summary>
    public virtual string SourceOf(string model, string? deployment) =>
        deployment is null ? $"{model}/{Name}/byok" : $"{model}/{Name}/byok/{deployment}";

    /// <summary>Asks. Every way to fail is a result, so that the next attempt can be made; only the client's own leaving throws.</summary>
    public abstract ValueTask<AttemptResult> AskAsync(Attempt attempt, InferenceRequest request, CancellationToken cancellationToken);
}
