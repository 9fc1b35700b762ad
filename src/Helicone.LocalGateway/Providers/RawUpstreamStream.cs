using System;
using System.Buffers;
using System.IO;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Answers;

namespace Helicone.LocalGateway.Providers;

/// <summary>A provider's event stream byte for byte (<c>NO_MAPPING</c>).</summary>
internal sealed class RawUpstreamStream(HttpResponseMessage response, Stream body) : StreamedAnswer
{
    public override ReadOnlyMemory<byte> Terminator => default;

    public override async ValueTask<bool> ReadEventsAsync(IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        int read = await body.ReadAsync(output.GetMemory(4096), cancellationToken);
        output.Advance(read);
        return read > 0;
    }

    public override ValueTask DisposeAsync()
    {
        response.Dispose();
        return ValueTask.CompletedTask;
    }
}
