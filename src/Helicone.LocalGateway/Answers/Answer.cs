using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace Helicone.LocalGateway.Answers;

/// <summary>A provider's answer of success, not yet on its way to the client.</summary>
internal abstract class Answer : IAsyncDisposable
{
    /// <summary>The provider's status: 200, or another of the twos.</summary>
    public int StatusCode { get; init; } = 200;

    public required string ContentType { get; init; }

    /// <summary>Headers of the provider's that are worth passing on.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public abstract ValueTask DisposeAsync();
}
