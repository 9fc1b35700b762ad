using System;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Mcp;

/// <summary>The output of a server, up to the limits. A message that is too long, or too many lines that aren't messages, end the stream with an error.</summary>
/// <param name="inner">The output.</param>
/// <param name="framing">The end of a message.</param>
/// <param name="onListChanged">Called when a message announces that the tools have changed.</param>
/// <param name="onEnd">Called when the output has ended, or when it was ended.</param>
/// <param name="isBlocked">Indicates whether the server doesn't read what was written to it.</param>
internal sealed class MessageStream(Stream inner, MessageFraming framing, Action? onListChanged = null, Action? onEnd = null, Func<bool>? isBlocked = null) : Stream
{
    private const int MaxStray = 200;

    // Each message of a server that doesn't read is one that may wait for its answer to be written.
    private const int MaxUnread = 10_000;

    // What the SDK reads; it drops a message that is nested deeper, and the call would wait for it.
    private const int MaxDepth = 64;

    private readonly byte[] _line = new byte[MaxStray];
    private int _lineLength;
    private long _messageBytes;
    private int _depth;
    private bool _isInText;
    private bool _isEscaped;
    private bool _isStray;
    private bool _isEmptyLine = true;
    private int _strayLines;
    private int _unread;

    /// <summary>The reason why the stream was ended.</summary>
    internal McpException? Failure { get; private set; }

    /// <summary>The error that reading ended with; <see langword="null"/> without one.</summary>
    internal Exception? Broken { get; private set; }

    /// <summary>The beginning of the first line that isn't a message; <see langword="null"/> without one.</summary>
    internal string? Stray { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        try
        {
            return Checked(inner.Read(buffer, offset, count), new ReadOnlySpan<byte>(buffer, offset, count));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Broken ??= e;
            throw;
        }
    }

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        try
        {
            return Checked(await inner.ReadAsync(buffer, offset, count, cancellationToken).ConfigureAwait(false), new ReadOnlySpan<byte>(buffer, offset, count));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Broken ??= e;
            throw;
        }
    }

#if NET
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return Checked(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false), buffer.Span);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Broken ??= e;
            throw;
        }
    }
#endif

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Checked(int read, ReadOnlySpan<byte> buffer)
    {
        if (read == 0)
        {
            onEnd?.Invoke();
        }

        for (int i = 0; i < read; i++)
        {
            if (buffer[i] == (byte)'\n')
            {
                EndLine();
            }
            else
            {
                Add(buffer[i]);
            }
        }

        return read;
    }

    private void Add(byte b)
    {
        _isEmptyLine &= b == (byte)'\r';
        if (_messageBytes == 0 && b is (byte)' ' or (byte)'\t' or (byte)'\r')
        {
            return;
        }

        if (_messageBytes == 0)
        {
            _isStray = framing == MessageFraming.Lines && b is not (byte)'{' and not (byte)'[' and not 0xEF;
        }

        if (_lineLength < MaxStray)
        {
            _line[_lineLength++] = b;
        }

        if (++_messageBytes > McpLimits.MessageBytes)
        {
            throw End(McpErrorKind.TooLarge, $"The server sent a message of more than {McpLimits.MessageBytes / 1048576} MiB.");
        }

        if (_isInText)
        {
            _isInText = _isEscaped || b != (byte)'"';
            _isEscaped = !_isEscaped && b == (byte)'\\';
            return;
        }

        switch (b)
        {
            case (byte)'"':
                _isInText = !_isStray;
                break;
            case (byte)'{' or (byte)'[' when ++_depth > MaxDepth && !_isStray:
                throw End(McpErrorKind.TooLarge, $"The server sent JSON that is nested more than {MaxDepth} deep.");
            case (byte)'}' or (byte)']':
                _depth--;
                break;
        }
    }

    private void EndLine()
    {
        _unread = isBlocked?.Invoke() == true ? _unread + 1 : 0;
        if (_unread > MaxUnread)
        {
            throw End(McpErrorKind.TooLarge, $"The server sent more than {MaxUnread} messages, and doesn't read what is sent to it.");
        }

        // The SDK handles messages side by side: a result could overtake the announcement before it, and a call be approved by the old description.
        if (onListChanged is not null && !_isStray && new ReadOnlySpan<byte>(_line, 0, _lineLength).IndexOf("list_changed"u8) >= 0)
        {
            onListChanged();
        }

        // A line that is cut off is as bad as one that never was a message.
        if (framing == MessageFraming.Lines && _messageBytes > 0 && (_isStray || _depth != 0 || _isInText))
        {
            Stray ??= Encoding.UTF8.GetString(_line, 0, _lineLength);
            if (++_strayLines > McpLimits.StrayLines)
            {
                throw End(McpErrorKind.InvalidResponse, $"The server writes text that isn't MCP to its standard output: '{Stray}'");
            }
        }

        // An event ends with an empty line, and a document with the stream.
        if (framing == MessageFraming.Lines || (framing == MessageFraming.Events && _isEmptyLine))
        {
            _messageBytes = 0;
            _depth = 0;
            _isInText = false;
            _isEscaped = false;
        }

        _lineLength = 0;
        _isEmptyLine = true;
    }

    private IOException End(McpErrorKind kind, string message)
    {
        Failure = new McpException(kind, message);
        onEnd?.Invoke();
        return new IOException(message);
    }
}
