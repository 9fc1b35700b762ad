using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Errors;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Requests;

/// <summary>Reads a call off the wire.</summary>
internal static class RequestReader
{
    /// <summary>How large a body may be.</summary>
    public const int MaxBodyBytes = 50 * 1024 * 1024;

    // What a length header promises is not yet there: beyond this the buffer grows with what really arrives.
    private const int LargestFirstBuffer = 1024 * 1024;

    /// <exception cref="RequestRefusedException">413, or 400 for the reasons of <see cref="InferenceRequest.Parse"/>.</exception>
    public static async ValueTask<InferenceRequest> ReadAsync(HttpRequest request, string id, CancellationToken cancellationToken, MemoryBudget? budget = null)
    {
        PooledBuffer buffer = await ReadWholeAsync(request, cancellationToken, budget);
        try
        {
            return InferenceRequest.Parse(request, id, buffer);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>The body, whatever it is.</summary>
    /// <exception cref="RequestRefusedException">413.</exception>
    public static async ValueTask<PooledBuffer> ReadWholeAsync(HttpRequest request, CancellationToken cancellationToken, MemoryBudget? budget = null)
    {
        Check(request.ContentLength ?? 0);
        int length = (int)(request.ContentLength ?? 0);
        PooledBuffer buffer = new(Math.Clamp(length, 4096, LargestFirstBuffer), budget ?? MemoryBudget.OfProcess, length, MaxBodyBytes);
        try
        {
            await ReadBodyAsync(request.BodyReader, buffer, cancellationToken);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    private static async ValueTask ReadBodyAsync(PipeReader reader, PooledBuffer buffer, CancellationToken cancellationToken)
    {
        ReadResult result;
        do
        {
            result = await reader.ReadAsync(cancellationToken);
            long length = buffer.Length + result.Buffer.Length;
            if (length <= MaxBodyBytes)
            {
                foreach (ReadOnlyMemory<byte> segment in result.Buffer)
                {
                    // Writing nothing would ask for room for more than was announced.
                    if (!segment.IsEmpty)
                    {
                        buffer.Write(segment.Span);
                    }
                }
            }

            reader.AdvanceTo(result.Buffer.End);
            Check(length);
        }
        while (!result.IsCompleted);
    }

    private static void Check(long length)
    {
        if (length > MaxBodyBytes)
        {
            throw new RequestRefusedException(413, "The request body is larger than 50 MB.");
        }
    }
}
