using System;
using System.Collections.Generic;

namespace Helicone.Requests;

/// <summary>Which calls of the log are wanted. Whatever is <see langword="null"/> does not matter.</summary>
public sealed record RequestFilter
{
    /// <summary>Of this session; <c>*</c> and <c>?</c> are wildcards.</summary>
    public string? SessionId { get; init; }

    /// <summary>For this user; wildcards.</summary>
    public string? UserId { get; init; }

    /// <summary>With these properties; wildcards in the values.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>Served by this model; wildcards.</summary>
    public string? Model { get; init; }

    /// <summary>Served by this provider; wildcards.</summary>
    public string? Provider { get; init; }

    /// <summary>With one of these statuses.</summary>
    public IReadOnlyList<int> Status { get; init; } = [];

    /// <summary>Answered from the cache, or not.</summary>
    public bool? Cached { get; init; }

    /// <summary>Not older than this.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Not younger than this.</summary>
    public DateTimeOffset? Until { get; init; }
}
