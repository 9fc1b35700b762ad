using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;

namespace Helicone.Mcp;

/// <summary>The last lines that a server's process writes to its standard error.</summary>
/// <remarks>The reader of <see cref="System.Diagnostics.Process"/> keeps a line until it ends, and a line needn't end.</remarks>
internal sealed class StandardErrorLog
{
    private const int MaxLines = 20;
    private const int MaxLine = 500;

    // More than is shown, so that a secret at the end of what is shown is still whole when it is masked.
    private const int MaxKept = 8_192;

    private readonly Queue<string> _lines = new();
    private readonly byte[] _line = new byte[MaxKept];
    private readonly Func<string, string> _redact;
    private int _length;

    internal StandardErrorLog(Stream stream, Func<string, string> redact)
    {
        _redact = redact;
        Completion = Task.Run(() => ReadAsync(stream));
    }

    /// <summary>Completed when the process, and every process that it has started, has closed its standard error.</summary>
    internal Task Completion { get; }

    /// <summary>The lines, with secrets masked; <see langword="null"/> without any.</summary>
    internal string? Text
    {
        get
        {
            string[] lines;
            lock (_lines)
            {
                string open = _length == 0 ? string.Empty : Encoding.UTF8.GetString(_line, 0, _length);
                lines = [.. _lines, .. string.IsNullOrWhiteSpace(open) ? Array.Empty<string>() : [open]];
            }

            return lines.Length == 0 ? null : string.Join("\n", lines.Select(_redact).Select(static line => line.Length <= MaxLine ? line : line.Substring(0, MaxLine) + "…"));
        }
    }

    private async Task ReadAsync(Stream stream)
    {
        byte[] buffer = new byte[16_384];
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer, 0, buffer.Length).ConfigureAwait(false)) > 0;)
            {
                lock (_lines)
                {
                    for (int i = 0; i < read; i++)
                    {
                        Add(buffer[i]);
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The session was closed, and its pipes with it: what was read before is what there is.
        }
    }

    private void Add(byte b)
    {
        if (b != (byte)'\n')
        {
            if (_length < MaxKept && b != (byte)'\r')
            {
                _line[_length++] = b;
            }

            return;
        }

        string line = Encoding.UTF8.GetString(_line, 0, _length);
        _length = 0;
        if (!string.IsNullOrWhiteSpace(line))
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines)
            {
                _lines.Dequeue();
            }
        }
    }
}
