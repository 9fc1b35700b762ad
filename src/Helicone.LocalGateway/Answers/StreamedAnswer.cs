using System;
using System.Buffers;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.LocalGateway.Answers;

/// <summary>An answer that comes event by event.</summary>
internal abstract class StreamedAnswer : Answer
{
    public const string EventStream = "text/event-stream; charset=utf-8";

    /// <summary>Indicates whether the events pass byte for byte. Then the terminator is the provider's own, and a part of the answer.</summary>
    public virtual bool IsRaw => false;

    /// <summary>What the gateway writes when the provider has ended, however that was: Helicone's converters append it even to a stream that was cut.</summary>
    public virtual ReadOnlyMemory<byte> Terminator { get; } = "data: [DONE]\n\n"u8.ToArray();

    /// <summary>Waits for the next events and writes every one that is there, without the terminator.</summary>
    /// <returns>Indicates whether there may be more.</returns>
    /// <exception cref="System.IO.IOException">The connection to the provider broke.</exception>
    public abstract ValueTask<bool> ReadEventsAsync(IBufferWriter<byte> output, CancellationToken cancellationToken);
}
