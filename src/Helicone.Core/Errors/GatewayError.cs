using System.Collections.Generic;

namespace Helicone.Errors;

/// <summary>The facts of an error body, whatever its shape, before anyone has judged them. Not yet free of keys.</summary>
internal sealed class GatewayError
{
    internal string? Message { get; set; }

    internal string? Code { get; set; }

    internal string? Type { get; set; }

    /// <summary>The status that the body itself names.</summary>
    internal int? Status { get; set; }

    /// <summary>The providers that the gateway asked, in its order.</summary>
    internal List<UpstreamAttempt> Upstream { get; } = [];
}
