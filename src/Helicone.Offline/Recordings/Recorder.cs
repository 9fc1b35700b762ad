using System;
using System.IO;
using System.Security;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Bulk;

namespace Helicone.Offline.Recordings;

/// <summary>Adds calls to a recording. Each is one line; several recorders, in several processes, can add to one file.</summary>
internal sealed class Recorder : ICallRecorder
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(15);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly string _path;
    private readonly RecordingMask _mask;

    private Recorder(string path, SecureString? key)
    {
        _path = path;
        _mask = new RecordingMask(key);
    }

    /// <summary>Makes sure that the file is there and can be added to.</summary>
    /// <exception cref="RecordingException">It can't, or it is something else.</exception>
    public static Recorder Open(string path, SecureString? key)
    {
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }

            // Another recorder may be writing: then the file is one that it has checked.
            if (TryOpen(path) is { } file)
            {
                using (file)
                {
                    Mend(file, path);
                }
            }

            return new Recorder(path, key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new RecordingException(path, $"The recording '{path}' can't be written: {e.Message}", e);
        }
    }

    public async Task WriteAsync(RecordedCall call, CancellationToken cancellationToken)
    {
        byte[] line;
        try
        {
            line = [.. RecordingLine.Write(call, _mask), (byte)'\n'];
        }
        catch (Exception e) when (e is RegexMatchTimeoutException or JsonException or InvalidOperationException)
        {
            throw new RecordingException(_path, $"The answer can't be recorded in '{_path}': {e.Message}", e);
        }

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using FileStream file = await OpenAsync(cancellationToken).ConfigureAwait(false);
            Mend(file, _path);
            file.Write(line, 0, line.Length);
            file.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecordingException(_path, $"The recording '{_path}' can't be written: {e.Message}", e);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<FileStream> OpenAsync(CancellationToken cancellationToken)
    {
        for (TimeSpan waited = TimeSpan.Zero; waited < s_patience; waited += s_pause)
        {
            if (TryOpen(_path) is { } file)
            {
                return file;
            }

            await Task.Delay(s_pause, cancellationToken).ConfigureAwait(false);
        }

        throw new IOException("Another program has locked it.");
    }

    /// <summary>Opens the file for this recorder alone; <see langword="null"/> while another has it.</summary>
    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException e) when (BulkJournal.IsSharingViolation(e))
        {
            return null;
        }
    }

    /// <summary>Goes to the end of the file. Of a line that a killed process has begun, nothing stays: its answer was never returned.</summary>
    /// <exception cref="RecordingException">The file is no recording.</exception>
    private static void Mend(FileStream file, string path)
    {
        if (file.Length == 0)
        {
            return;
        }

        byte[] start = Encoding.UTF8.GetBytes(RecordingLine.Start);
        byte[] first = new byte[Math.Min(start.Length, file.Length)];
        int read = 0;
        while (read < first.Length && file.Read(first, read, first.Length - read) is > 0 and int more)
        {
            read += more;
        }

        if (!first.AsSpan().SequenceEqual(start.AsSpan(0, first.Length)))
        {
            throw new RecordingException(path, $"'{path}' is not a recording. Specify a new file, or one that -Record has written.");
        }

        long end = file.Length;
        while (end > 0)
        {
            file.Position = end - 1;
            if (file.ReadByte() == '\n')
            {
                break;
            }

            end--;
        }

        file.SetLength(end);
        file.Position = end;
    }
}
