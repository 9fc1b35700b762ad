using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Chat;

/// <summary>An answer as it arrives, for <c>await foreach</c>. The last chunk carries the whole <see cref="ChatCompletion"/>.</summary>
/// <remarks>
/// A class of its own rather than a bare IAsyncEnumerable, so that the netstandard2.0 cmdlets enumerate it by pattern
/// and never reference Microsoft.Bcl.AsyncInterfaces, which another module may have loaded as a different type.
/// </remarks>
public sealed class ChatStream : IAsyncEnumerable<ChatChunk>
{
    /// <summary>Sends the request and begins to read.</summary>
    public Enumerator GetAsyncEnumerator(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    IAsyncEnumerator<ChatChunk> IAsyncEnumerable<ChatChunk>.GetAsyncEnumerator(CancellationToken cancellationToken) => GetAsyncEnumerator(cancellationToken);

    /// <summary>Reads the chunks.</summary>
    public sealed class Enumerator : IAsyncEnumerator<ChatChunk>
    {
        /// <summary>The chunk that has arrived.</summary>
        public ChatChunk Current => throw new NotSupportedException();

        /// <summary>Waits for the next chunk.</summary>
        public ValueTask<bool> MoveNextAsync() => throw new NotSupportedException();

        /// <summary>Releases the connection.</summary>
        public ValueTask DisposeAsync() => throw new NotSupportedException();
    }
}
