using System.Linq;
using Helicone.Chat;
using Helicone.Commands;
using Helicone.Connections;
using Helicone.Errors;

namespace Helicone.Runtime;

/// <summary>The values of -Model, -Fallback, and -ExcludeProvider: the models that a call may be routed to.</summary>
internal static class ModelArgument
{
    /// <param name="cmdlet">The command.</param>
    /// <param name="models">The models, or one route.</param>
    /// <param name="fallbacks">The routes to try next.</param>
    /// <param name="excluded">The providers not to use.</param>
    /// <param name="before">The models of the conversation or of the connection, which apply without -Model.</param>
    /// <param name="last">The models that apply when nothing else names any.</param>
    public static ModelRoute Read(HeliconeCommand cmdlet, string[]? models, string[] fallbacks, string[] excluded, ModelRoute? before, ModelRoute last)
    {
        string? text = models is not null ? string.Join(",", models) : before is null ? EnvironmentVariables.Get(EnvironmentVariables.Model) : null;
        ModelRoute route = text is null ? before ?? last : cmdlet.Valid(() => ModelRoute.Parse(text), text, InvalidInput.Route);
        foreach (string fallback in fallbacks)
        {
            route = cmdlet.Valid(() => route.Then(ModelRoute.Parse(fallback)), fallback, InvalidInput.Route);
        }

        return excluded.Length == 0 ? route : cmdlet.Valid(() => route.Without(excluded.Select(static provider => provider.TrimStart('!'))), excluded, InvalidInput.Route);
    }
}
