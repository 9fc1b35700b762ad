using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Answers;
using Helicone.Offline;

namespace Helicone.LocalGateway.Offline;

/// <summary>An offline answer on its way, one chunk at a time like a model's.</summary>
internal sealed class OfflineStream(OfflineCompletion completion, OfflineReply reply, TimeProvider time) : StreamedAnswer
{
    private readonly IEnumerator<Action<Utf8JsonWriter>> _chunks = completion.Chunks().GetEnumerator();
    private int _sent;

    public override async ValueTask<bool> ReadEventsAsync(IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        TimeSpan pause = _sent == 0 ? reply.Latency : reply.ChunkPace;
        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, time, cancellationToken);
        }

        if (_sent == reply.CutAfterChunks)
        {
            throw new IOException("The script cuts the stream here.");
        }

        if (!_chunks.MoveNext())
        {
            return false;
        }

        output.Write("data: "u8);
        using (Utf8JsonWriter json = new(output, GatewayJson.WriterOptions))
        {
            _chunks.Current(json);
        }

        output.Write("\n\n"u8);
        _sent++;
        return true;
    }

    public override ValueTask DisposeAsync()
    {
        _chunks.Dispose();
        return ValueTask.CompletedTask;
    }
}
