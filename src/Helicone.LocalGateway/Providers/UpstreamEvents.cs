using System;
using System.Buffers;
using System.IO;
using System.IO.Pipelines;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Answers;
using Helicone.LocalGateway.Requests;

namespace Helicone.LocalGateway.Providers;

/// <summary>A provider's event stream, line by line. Its first event is read before the client gets anything: an error there is a failed attempt.</summary>
internal abstract class UpstreamEvents(HttpResponseMessage response, Stream body) : StreamedAnswer
{
    // Images are sent in one line. A longer line isn't an event but a leak.
    private const int LongestLine = 64 * 1024 * 1024;

    private readonly PipeReader _reader = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 16 * 1024, minimumReadSize: 4 * 1024));
    private PooledBuffer? _first;
    private long _searched;
    private bool _isAtStart = true;
    private bool _hasBegun;
    private bool _mayHaveMore = true;
    private AnswerFault? _fault;

    /// <summary>Reads up to the first event.</summary>
    /// <returns><see langword="null"/> when an answer begins with it.</returns>
    /// <exception cref="IOException">The connection broke, or the provider stayed silent.</exception>
    public async ValueTask<AnswerFault?> BeginAsync(CancellationToken cancellationToken)
    {
        _first = new PooledBuffer(4096);
        while (!_hasBegun && _mayHaveMore)
        {
            _mayHaveMore = await ReadAsync(_first, cancellationToken);
        }

        return _hasBegun ? _fault : new AnswerFault("ended its stream before the first event");
    }

    public override ValueTask<bool> ReadEventsAsync(IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (_first is not { } first)
        {
            return ReadAsync(output, cancellationToken);
        }

        output.Write(first.WrittenMemory.Span);
        first.Dispose();
        _first = null;
        return ValueTask.FromResult(_mayHaveMore);
    }

    public override async ValueTask DisposeAsync()
    {
        _first?.Dispose();
        await _reader.CompleteAsync();
        response.Dispose();
    }

    /// <summary>Takes a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="ended">The line and what ends it.</param>
    /// <param name="output">Where to write.</param>
    /// <returns>Indicates whether the answer has ended, and lines after this one are ignored.</returns>
    protected abstract bool TakeLine(in ReadOnlySequence<byte> line, in ReadOnlySequence<byte> ended, IBufferWriter<byte> output);

    /// <summary>Handles the text after the last line ending, when the stream has ended.</summary>
    protected abstract void TakeRest(in ReadOnlySequence<byte> rest, IBufferWriter<byte> output);

    /// <summary>Indicates whether a silence now is the end.</summary>
    protected virtual bool IsOverWhenSilent => false;

    /// <summary>The data of a <c>data:</c> line.</summary>
    protected static bool TryReadData(in ReadOnlySequence<byte> line, out ReadOnlySequence<byte> data)
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

    protected static bool IsDone(in ReadOnlySequence<byte> data)
    {
        SequenceReader<byte> reader = new(data);
        return data.Length == 6 && reader.IsNext("[DONE]"u8);
    }

    protected static void Write(in ReadOnlySequence<byte> bytes, IBufferWriter<byte> output)
    {
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            output.Write(segment.Span);
        }
    }

    private async ValueTask<bool> ReadAsync(IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        bool tookAny = false;
        while (!tookAny)
        {
            ReadResult result;
            try
            {
                result = await _reader.ReadAsync(cancellationToken);
            }
            catch (ProviderTimeoutException) when (IsOverWhenSilent)
            {
                return false;
            }

            SequencePosition consumed = TakeLines(result.Buffer, output, out tookAny, out bool isOver);
            if (isOver)
            {
                _reader.AdvanceTo(consumed);
                return false;
            }

            ReadOnlySequence<byte> rest = result.Buffer.Slice(consumed);
            if (result.IsCompleted)
            {
                CheckFirst(rest);
                TakeRest(SkipByteOrderMark(rest), output);
                _reader.AdvanceTo(result.Buffer.End);
                return false;
            }

            if (rest.Length > LongestLine)
            {
                throw new IOException("A line of the stream does not end.");
            }

            // What was examined and is no whole line waits for the rest of it, and is not searched again.
            _searched = rest.Length;
            _reader.AdvanceTo(consumed, result.Buffer.End);
        }

        return true;
    }

    private SequencePosition TakeLines(in ReadOnlySequence<byte> buffer, IBufferWriter<byte> output, out bool tookAny, out bool isOver)
    {
        tookAny = false;
        isOver = false;
        SequencePosition start = buffer.Start;
        SequenceReader<byte> lines = new(buffer);
        lines.Advance(_searched);

        // The two halves of CRLF are two ends of line, with an empty one between.
        while (!isOver && lines.TryAdvanceToAny("\r\n"u8, advancePastDelimiter: false))
        {
            ReadOnlySequence<byte> line = buffer.Slice(start, lines.Position);
            lines.Advance(1);
            ReadOnlySequence<byte> ended = buffer.Slice(start, lines.Position);
            start = lines.Position;
            CheckFirst(line);
            isOver = TakeLine(SkipByteOrderMark(line), ended, output);
            _isAtStart = false;
            tookAny = true;
        }

        return start;
    }

    private void CheckFirst(in ReadOnlySequence<byte> line)
    {
        if (!_hasBegun && TryReadData(SkipByteOrderMark(line), out ReadOnlySequence<byte> data))
        {
            _hasBegun = true;
            _fault = AnswerCheck.OfFirstEvent(data.ToArray());
        }
    }

    /// <summary>Windows servers like to begin their streams with a byte order mark.</summary>
    private ReadOnlySequence<byte> SkipByteOrderMark(in ReadOnlySequence<byte> line)
    {
        SequenceReader<byte> reader = new(line);
        return _isAtStart && reader.IsNext("\uFEFF"u8, advancePast: true) ? reader.UnreadSequence : line;
    }
}
