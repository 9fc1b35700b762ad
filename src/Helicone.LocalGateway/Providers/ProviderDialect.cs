using System.Collections.Generic;

namespace Helicone.LocalGateway.Providers;

/// <summary>How an OpenAI-compatible provider differs from OpenAI: one row of <see cref="ProviderDialects"/>.</summary>
internal sealed record ProviderDialect
{
    /// <summary>OpenAI's own.</summary>
    public static ProviderDialect OpenAI { get; } = new();

    /// <summary>
    /// Whether the provider accepts <c>stream_options</c>. One that doesn't sends the usage of a stream without being asked, and may refuse
    /// the call for the field.
    /// </summary>
    public bool AcceptsStreamOptions { get; init; } = true;

    /// <summary>Fields that have another name here. A field whose other name is in the request too is left out.</summary>
    public IReadOnlyList<(string From, string To)> Renames { get; init; } = [];

    /// <summary>Fields that the provider refuses and that no answer depends on: hints to OpenAI's own platform.</summary>
    public IReadOnlyList<string> LeavesOut { get; init; } = [];

    /// <summary>The provider's own API, for bodies that are passed on as they are (<c>NO_MAPPING</c>); <see langword="null"/> when the compatible one is all there is.</summary>
    public NativeApi? Native { get; init; }
}
