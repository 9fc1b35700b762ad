using System;
using System.Buffers;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Answers;

namespace Helicone.LocalGateway.Caching;

/// <summary>A stream out of the cache: all of its events at once.</summary>
internal sealed class CachedStream(ReadOnlyMemory<byte> events, bool isRaw) : StreamedAnswer
{
    private bool _sent;

    public override bool IsRaw => isRaw;

    // A raw stream has its end somewhere within: none of it leaves before the call is in the log.
    public override ReadOnlyMemory<byte> Terminator => isRaw ? events : base.Terminator;

    public override ValueTask<bool> ReadEventsAsync(IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (_sent || isRaw)
        {
            return ValueTask.FromResult(false);
        }

        _sent = true;
        output.Write(events.Span);
        return ValueTask.FromResult(true);
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
