using System;
using System.Threading.Tasks;
using Helicone.LocalGateway.Requests;

namespace Helicone.LocalGateway.Answers;

/// <summary>An answer that is there in one piece. It was read to its end first, so a client never gets half of it.</summary>
internal sealed class WholeAnswer(PooledBuffer body) : Answer
{
    public ReadOnlyMemory<byte> Body => body.WrittenMemory;

    public override ValueTask DisposeAsync()
    {
        body.Dispose();
        return ValueTask.CompletedTask;
    }
}
