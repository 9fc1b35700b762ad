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

    public override ValueTask<AttemptResult> AskAsync(Attempt attempt, InferenceRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult<AttemptResult>(new AttemptError(AttemptErrorType.MissingProviderKey, Remedy(), 400));

    private string Remedy() =>
        deployment is not null ? $"The local gateway has no deployment '{deployment}' of {name}: add one to gateway.json." :
        WellKnownProviders.All.FirstOrDefault(p => p.Name == name) is { } wellKnown ? $"The local gateway has no key for {name}: set {wellKnown.ApiKeyVariable} before it starts, or add the provider to gateway.json." :
        $"The local gateway has no endpoint for {name}: add an OpenAI-compatible one under that name to gateway.json.";
}
