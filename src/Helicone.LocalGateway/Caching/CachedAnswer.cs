using System;
using System.Buffers;
using Helicone.LocalGateway.Answers;
using Helicone.LocalGateway.Requests;

namespace Helicone.LocalGateway.Caching;

/// <summary>An answer in the cache.</summary>
/// <param name="CallId">The call whose answer it is.</param>
/// <param name="Slot">Its place in the bucket.</param>
/// <param name="LatencyMilliseconds">How long that call took.</param>
/// <param name="Kind">How it came.</param>
/// <param name="ContentType">As it was sent.</param>
/// <param name="Body">The whole of it; of events, without their terminator.</param>
internal sealed record CachedAnswer(string CallId, int Slot, long LatencyMilliseconds, CachedKind Kind, string ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>The same answer once more.</summary>
    public Answer Replay()
    {
        if (Kind != CachedKind.Whole)
        {
            return new CachedStream(Body, Kind == CachedKind.RawStream) { ContentType = ContentType };
        }

        PooledBuffer whole = new(Math.Max(Body.Length, 1));
        whole.Write(Body.Span);
        return new WholeAnswer(whole) { ContentType = ContentType };
    }
}
