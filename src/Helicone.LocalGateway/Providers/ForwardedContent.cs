using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.LocalGateway.Providers;

/// <summary>Sends a body in its parts, without a copy of the whole.</summary>
/// <remarks>
/// The parts belong to the request, whose buffer is reused after it ends. HTTP/1.1 without <c>Expect: 100-continue</c> makes
/// that safe: the handler returns only when the body has been sent, or its connection has been closed.
/// </remarks>
internal sealed class ForwardedContent(ForwardedBody body) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        foreach (ReadOnlyMemory<byte> part in body.Parts)
        {
            await stream.WriteAsync(part, cancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
