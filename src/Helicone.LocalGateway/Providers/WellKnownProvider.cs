namespace Helicone.LocalGateway.Providers;

/// <summary>A provider whose OpenAI-compatible endpoint is public knowledge: a key in the environment is enough to use it.</summary>
/// <param name="Name">Its name in a route.</param>
/// <param name="DisplayName">Its name for people.</param>
/// <param name="BaseUrl">What <c>/chat/completions</c> is appended to.</param>
/// <param name="ApiKeyVariable">The environment variable that its own tools read the key from.</param>
/// <param name="Priority">Lower is asked first (Helicone/helicone packages/cost/models/providers/priorities.ts @01eb809d).</param>
internal sealed record WellKnownProvider(string Name, string DisplayName, string BaseUrl, string ApiKeyVariable, int Priority = WellKnownProvider.DefaultPriority)
{
    public const int DefaultPriority = 4;

    /// <summary>The variable that moves the provider's own tools to another host, where its key then belongs.</summary>
    public string BaseUrlVariable => ApiKeyVariable.Replace("_API_KEY", "_BASE_URL", System.StringComparison.Ordinal);
}
