namespace Helicone.LocalGateway.Caching;

/// <summary>How a cached answer came, and goes out again. The numbers are in files.</summary>
internal enum CachedKind
{
    Whole = 0,

    /// <summary>A stream of events that ends with <c>[DONE]</c>.</summary>
    Events = 1,

    /// <summary>A stream of a provider's own making.</summary>
    RawStream = 2,
}
