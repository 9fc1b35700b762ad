using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Offline;

/// <summary>The events of an offline answer in its stream, at the pace of its script.</summary>
internal sealed class OfflineEvents(OfflineCompletion completion, OfflineReply reply, TimeProvider time)
{
    private static readonly byte[] s_prefix = Encoding.UTF8.GetBytes("data: ");
    private static readonly byte[] s_end = Encoding.UTF8.GetBytes("\n\n");
    private static readonly byte[] s_done = Encoding.UTF8.GetBytes("data: [DONE]\n\n");

    private readonly IEnumerator<Action<Utf8JsonWriter>> _chunks = completion.Chunks().GetEnumerator();
    private int _sent;
    private bool _isDone;

    /// <summary>The next event; <see langword="null"/> at the end.</summary>
    /// <exception cref="IOException">The script cuts the stream here.</exception>
    public async Task<byte[]?> NextAsync(CancellationToken cancellationToken)
    {
        if (_isDone)
        {
            return null;
        }

        TimeSpan pause = _sent == 0 ? reply.Latency : reply.ChunkPace;
        if (pause > TimeSpan.Zero)
        {
            await time.Delay(pause, cancellationToken).ConfigureAwait(false);
        }

        if (_sent == reply.CutAfterChunks)
        {
            throw new IOException("The scenario cuts the stream here.");
        }

        if (!_chunks.MoveNext())
        {
            _isDone = true;
            return s_done;
        }

        _sent++;
        return [.. s_prefix, .. OfflineJson.Utf8(_chunks.Current), .. s_end];
    }
}
