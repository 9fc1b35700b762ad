#if NET
using System;
#endif
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading.Tasks;

namespace Helicone.Prompts;

/// <summary>Collects the text of a template up to a limit.</summary>
internal sealed class LimitedWriter(int limit) : TextWriter(CultureInfo.InvariantCulture)
{
    private readonly StringBuilder _text = new();

    public override Encoding Encoding => Encoding.Unicode;

    public override void Write(char value)
    {
        Reserve(1);
        _ = _text.Append(value);
    }

    public override void Write(string? value)
    {
        Reserve(value?.Length ?? 0);
        _ = _text.Append(value);
    }

    public override void Write(char[] buffer, int index, int count)
    {
        Reserve(count);
        _ = _text.Append(buffer, index, count);
    }

    // The base class writes asynchronously on another thread.
    public override Task WriteAsync(char value)
    {
        Write(value);
        return Task.CompletedTask;
    }

    public override Task WriteAsync(string? value)
    {
        Write(value);
        return Task.CompletedTask;
    }

    public override Task WriteAsync(char[] buffer, int index, int count)
    {
        Write(buffer, index, count);
        return Task.CompletedTask;
    }

#if NET
    public override Task WriteAsync(ReadOnlyMemory<char> buffer, System.Threading.CancellationToken cancellationToken = default)
    {
        Reserve(buffer.Length);
        _ = _text.Append(buffer);
        return Task.CompletedTask;
    }
#endif

    public override Task FlushAsync() => Task.CompletedTask;

    public override string ToString() => _text.ToString();

    private void Reserve(int count)
    {
        if (_text.Length + (long)count > limit)
        {
            throw new InvalidDataException(string.Format(CultureInfo.InvariantCulture, "The prompt is longer than {0:N0} characters.", limit));
        }
    }
}
