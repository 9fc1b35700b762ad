using System;
using System.Collections.Generic;

namespace Helicone.Requests;

/// <summary>The filter of a query of the log. Empty values and <see langword="null"/> are ignored.</summary>
public sealed record RequestFilter
{
    /// <summary>Of one of these sessions; wildcards <c>*</c>, <c>?</c>, <c>[ab]</c>, and a backtick before a character that is not meant as one.</summary>
    public IReadOnlyList<string> SessionIds { get; init; } = [];

    /// <summary>For one of these users; wildcards.</summary>
    public IReadOnlyList<string> UserIds { get; init; } = [];

    /// <summary>With all of these properties; wildcards in the values.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>Served by one of these models; wildcards.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Served by one of these providers; wildcards.</summary>
    public IReadOnlyList<string> Providers { get; init; } = [];

    /// <summary>With a status in one of these ranges.</summary>
    public IReadOnlyList<StatusRange> Status { get; init; } = [];

    /// <summary>Answered from the cache, or not.</summary>
    public bool? Cached { get; init; }

    /// <summary>Not older than this.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Not younger than this.</summary>
    public DateTimeOffset? Until { get; init; }
}
