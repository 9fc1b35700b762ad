using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Registry;
using Helicone.Resilience;

namespace Helicone.Chat;

/// <summary>An answer as it arrives, for <c>await foreach</c>. The last chunk carries the whole <see cref="ChatCompletion"/>.</summary>
/// <remarks>
/// A class of its own rather than a bare IAsyncEnumerable, so that the netstandard2.0 cmdlets enumerate it by pattern
/// and never reference Microsoft.Bcl.AsyncInterfaces, which another module may have loaded as a different type.
/// </remarks>
public sealed class ChatStream : IAsyncEnumerable<ChatChunk>
{
    private readonly ChatCall _call;
    private readonly ModelRegistryClient _models;

    internal ChatStream(ChatCall call, ModelRegistryClient models)
    {
        _call = call;
        _models = models;
    }

    /// <summary>Sends the request and begins to read.</summary>
    public Enumerator GetAsyncEnumerator(CancellationToken cancellationToken = default) => new(ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken));

    IAsyncEnumerator<ChatChunk> IAsyncEnumerable<ChatChunk>.GetAsyncEnumerator(CancellationToken cancellationToken) => GetAsyncEnumerator(cancellationToken);

    private async IAsyncEnumerable<ChatChunk> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CallRun run = _call.Begin(cancellationToken);

        // Until the first chunk is there, a failure may be retried; from then on the answer is given out as it comes.
        ChatStreamAttempt attempt = await run.ExecuteAsync(() => ChatStreamAttempt.OpenAsync(_call, run)).ConfigureAwait(false);
        run.Watchdog.Begin(TimeoutPhase.Idle, run.IdleTimeout);
        run.Watchdog.Pause();
        await using (attempt.ConfigureAwait(false))
        {
            while (attempt.TryTake(out ChatChunk? chunk) || await attempt.ReadAsync().ConfigureAwait(false))
            {
                if (chunk is not null)
                {
                    yield return chunk;
                }
            }

            yield return await attempt.FinishAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the chunks.</summary>
    public sealed class Enumerator : IAsyncEnumerator<ChatChunk>
    {
        private readonly IAsyncEnumerator<ChatChunk> _chunks;

        internal Enumerator(IAsyncEnumerator<ChatChunk> chunks) => _chunks = chunks;

        /// <summary>The chunk that has arrived.</summary>
        public ChatChunk Current => _chunks.Current;

        /// <summary>Waits for the next chunk.</summary>
        /// <exception cref="Errors.HeliconeException">The call failed, or the stream broke off.</exception>
        public ValueTask<bool> MoveNextAsync() => _chunks.MoveNextAsync();

        /// <summary>Releases the connection.</summary>
        public ValueTask DisposeAsync() => _chunks.DisposeAsync();
    }
}
