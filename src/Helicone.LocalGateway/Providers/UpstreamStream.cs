using System;
using System.Buffers;
using System.IO;
using System.IO.Pipelines;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Answers;

namespace Helicone.LocalGateway.Providers;

/// <summary>A provider's event stream in the form all of them get: <c>data:</c> lines and nothing else (normalizeResponse.ts).</summary>
internal sealed class UpstreamStream(HttpResponseMessage response, Stream body) : StreamedAnswer
{
    // Images travel in one line; what is longer is no event but a leak.
    private const int LongestLine = 64 * 1024 * 1024;

    private readonly PipeReader _reader = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 16 * 1024, minimumReadSize: 4 * 1024));

    public override async ValueTask<bool> ReadEventsAsync(IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        bool wrote = false;
        while (!wrote)
        {
            ReadResult result = await _reader.ReadAsync(cancellationToken);
            SequencePosition consumed = Forward(result.Buffer, output, out wrote, out bool done);
            if (done)
            {
                _reader.AdvanceTo(consumed);
                return false;
            }

            if (result.IsCompleted)
            {
                ForwardLastLine(result.Buffer.Slice(consumed), output);
                _reader.AdvanceTo(result.Buffer.End);
                return false;
            }

            if (result.Buffer.Slice(consumed).Length > LongestLine)
            {
                throw new IOException("A line of the stream does not end.");
            }

            // What was examined and is no whole line waits for the rest of it.
            _reader.AdvanceTo(consumed, result.Buffer.End);
        }

        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        await _reader.CompleteAsync();
        response.Dispose();
    }

    private static SequencePosition Forward(in ReadOnlySequence<byte> buffer, IBufferWriter<byte> output, out bool wrote, out bool done)
    {
        wrote = false;
        done = false;
        SequenceReader<byte> lines = new(buffer);

        // The two halves of CRLF are two ends of line, with an empty one between that is dropped like any other.
        while (!done && lines.TryReadToAny(out ReadOnlySequence<byte> line, "\r\n"u8))
        {
            if (TryReadData(line, out ReadOnlySequence<byte> data))
            {
                done = IsDone(data);
                if (!done)
                {
                    Write(data, output);
                    wrote = true;
                }
            }
        }

        return lines.Position;
    }

    /// <summary>A last line without its end is an event if it is whole; half of one would only break the client's parser.</summary>
    private static void ForwardLastLine(in ReadOnlySequence<byte> line, IBufferWriter<byte> output)
    {
        if (!TryReadData(line, out ReadOnlySequence<byte> data) || IsDone(data))
        {
            return;
        }

        try
        {
            Utf8JsonReader reader = new(data, GatewayJson.ReaderOptions);
            reader.Read();
            reader.Skip();
        }
        catch (JsonException)
        {
            return;
        }

        Write(data, output);
    }

    private static bool TryReadData(in ReadOnlySequence<byte> line, out ReadOnlySequence<byte> data)
    {
        SequenceReader<byte> reader = new(line);
        if (!reader.IsNext("data:"u8, advancePast: true))
        {
            data = default;
            return false;
        }

        reader.IsNext((byte)' ', advancePast: true);
        data = reader.UnreadSequence;
        return !data.IsEmpty;
    }

    private static bool IsDone(in ReadOnlySequence<byte> data)
    {
        SequenceReader<byte> reader = new(data);
        return data.Length == 6 && reader.IsNext("[DONE]"u8);
    }

    private static void Write(in ReadOnlySequence<byte> data, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        foreach (ReadOnlyMemory<byte> segment in data)
        {
            output.Write(segment.Span);
        }

        output.Write("\n\n"u8);
    }
}
