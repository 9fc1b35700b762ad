using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Requests;
using Helicone.LocalGateway.Routing;
using Helicone.Offline.Errors;

namespace Helicone.LocalGateway.Providers;

/// <summary>A provider that isn't configured. Every attempt reports what is missing.</summary>
internal sealed class MissingProvider(string name, string remedy) : Provider
{
    public override string Name => name;

    public override bool IsConfigured => false;

    public override ValueTask<AttemptResult> AskAsync(Attempt attempt, InferenceRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult<AttemptResult>(new AttemptError(AttemptErrorType.MissingProviderKey, remedy, 400));
}
