namespace Helicone.Offline;

/// <summary>What an offline answer says of where it comes from.</summary>
/// <param name="Name">Whose answer it is.</param>
/// <param name="Advice">How to get a model's answer instead.</param>
internal sealed record OfflineOrigin(string Name, string Advice)
{
    /// <summary>The local gateway answers.</summary>
    public static OfflineOrigin Gateway { get; } = new("the local gateway's own", "Give the gateway a provider's key to hear from a model.");

    /// <summary>A connection answers in its own process.</summary>
    public static OfflineOrigin Process { get; } = new("the offline model's", "Use Connect-Helicone with an API key to hear from a model.");
}
