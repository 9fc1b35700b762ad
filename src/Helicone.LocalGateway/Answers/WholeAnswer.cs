using System;
using System.Threading.Tasks;
using Helicone.LocalGateway.Requests;

namespace Helicone.LocalGateway.Answers;

/// <summary>An answer that is there in one piece. It was read to its end first, so a client never gets half of it.</summary>
/// <param name="body">The buffer that holds it.</param>
/// <param name="start">Where in the buffer it begins.</param>
internal sealed class WholeAnswer(PooledBuffer body, int start = 0) : Answer
{
    public ReadOnlyMemory<byte> Body => body.WrittenMemory[start..];

    public override ValueTask DisposeAsync()
    {
        body.Dispose();
        return ValueTask.CompletedTask;
    }
}
