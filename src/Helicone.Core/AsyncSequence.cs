using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone;

/// <summary>Items that arrive one after the other, such as the chunks of an answer or the rows of a log, for <c>await foreach</c>.</summary>
/// <remarks>
/// A class rather than a bare <see cref="IAsyncEnumerable{T}"/>: a library for .NET Standard 2.0 can enumerate it by pattern without a reference to
/// Microsoft.Bcl.AsyncInterfaces, which another library in the same process may have loaded as a different type.
/// </remarks>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed class AsyncSequence<T> : IAsyncEnumerable<T>
{
    private readonly IAsyncEnumerable<T> _items;

    internal AsyncSequence(IAsyncEnumerable<T> items) => _items = items;

    /// <summary>Begins to receive the items. Each enumeration sends its own request.</summary>
    public Enumerator GetAsyncEnumerator(CancellationToken cancellationToken = default) => new(_items.GetAsyncEnumerator(cancellationToken));

    IAsyncEnumerator<T> IAsyncEnumerable<T>.GetAsyncEnumerator(CancellationToken cancellationToken) => GetAsyncEnumerator(cancellationToken);

    /// <summary>Reads the items.</summary>
    public sealed class Enumerator : IAsyncEnumerator<T>
    {
        private readonly IAsyncEnumerator<T> _items;

        internal Enumerator(IAsyncEnumerator<T> items) => _items = items;

        /// <summary>The item that has arrived.</summary>
        public T Current => _items.Current;

        /// <summary>Waits for the next item.</summary>
        /// <exception cref="Errors.HeliconeException">The call failed, or the answer broke off.</exception>
        public ValueTask<bool> MoveNextAsync() => _items.MoveNextAsync();

        /// <summary>Ends the call and releases its connection.</summary>
        public ValueTask DisposeAsync() => _items.DisposeAsync();
    }
}
