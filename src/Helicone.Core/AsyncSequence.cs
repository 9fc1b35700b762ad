using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone;

/// <summary>Rows that are fetched as they are asked for, for <c>await foreach</c>.</summary>
/// <remarks>
/// A class of its own rather than a bare IAsyncEnumerable, so that the netstandard2.0 cmdlets enumerate it by pattern
/// and never reference Microsoft.Bcl.AsyncInterfaces, which another module may have loaded as a different type.
/// </remarks>
/// <typeparam name="T">What a row is.</typeparam>
public sealed class AsyncSequence<T> : IAsyncEnumerable<T>
{
    private readonly IAsyncEnumerable<T> _rows;

    internal AsyncSequence(IAsyncEnumerable<T> rows) => _rows = rows;

    /// <summary>Begins to fetch.</summary>
    public Enumerator GetAsyncEnumerator(CancellationToken cancellationToken = default) => new(_rows.GetAsyncEnumerator(cancellationToken));

    IAsyncEnumerator<T> IAsyncEnumerable<T>.GetAsyncEnumerator(CancellationToken cancellationToken) => GetAsyncEnumerator(cancellationToken);

    /// <summary>Reads the rows.</summary>
    public sealed class Enumerator : IAsyncEnumerator<T>
    {
        private readonly IAsyncEnumerator<T> _rows;

        internal Enumerator(IAsyncEnumerator<T> rows) => _rows = rows;

        /// <summary>The row that has arrived.</summary>
        public T Current => _rows.Current;

        /// <summary>Waits for the next row.</summary>
        /// <exception cref="Errors.HeliconeException">A page could not be fetched.</exception>
        public ValueTask<bool> MoveNextAsync() => _rows.MoveNextAsync();

        /// <summary>Ends the fetching.</summary>
        public ValueTask DisposeAsync() => _rows.DisposeAsync();
    }
}
