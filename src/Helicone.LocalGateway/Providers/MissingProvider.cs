using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Errors;
using Helicone.LocalGateway.Requests;
using Helicone.LocalGateway.Routing;

namespace Helicone.LocalGateway.Providers;

/// <summary>A provider that was asked for by name and is not configured.</summary>
internal sealed class MissingProvider(string name, string? deployment) : Provider
{
    public override string Name => name;

    public override bool IsConfigured => false;

    public override ValueTask<AttemptResult> AskAsync(Attempt attempt, InferenceRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult<AttemptResult>(new AttemptError(AttemptErrorType.MissingProviderKey, Remedy(), 400));

    private string Remedy()
    {
        if (deployment is not null)
        {
            return $"The local gateway has no deployment '{deployment}' of {name}: add one to gateway.json.";
        }

        return WellKnownProviders.All.FirstOrDefault(p => p.Name == name) is { } wellKnown
            ? $"The local gateway has no key of {name}: set {wellKnown.ApiKeyVariable} before it starts, or add the provider to gateway.json. " +
                $"(A Helicone key is none, nor is one beside a {wellKnown.BaseUrlVariable} of another host.)"
            : $"The local gateway has no endpoint of {name}: add an OpenAI-compatible one under that name to gateway.json.";
    }
}
