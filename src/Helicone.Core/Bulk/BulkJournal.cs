using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Errors;
using Helicone.Spending;

namespace Helicone.Bulk;

/// <summary>
/// The journal of a bulk run: what was sent, what came back. Each finished item is one line of JSON that is on the disk before its answer
/// is returned, so that a run that was interrupted, at any byte, continues where it was.
/// </summary>
/// <remarks>
/// <para>
/// A crash can damage the lines that were being written: the last one may be cut off, and with some disks a page before it may be missing.
/// Their answers weren't returned yet, so such lines are skipped when the journal is opened (<see cref="Unreadable"/>).
/// </para>
/// <para>One process at a time: the file is locked while it is open.</para>
/// <para>Writes are grouped: lines that come in while the disk is busy go together with the next flush.</para>
/// <para>Only the keys are in memory; answers are read from the file when they are asked for.</para>
/// </remarks>
public sealed class BulkJournal : IDisposable
{
    private const string Magic = "helicone-journal";
    private const int FormatVersion = 2;

    private readonly FileStream _file;
    private readonly Dictionary<JournalKey, Entry> _entries = [];
    private readonly HashSet<JournalKey> _unmatched = [];
    private readonly object _gate = new();
    private readonly SemaphoreSlim _disk = new(1, 1);
    private readonly TimeProvider _time;
    private List<(ArraySegment<byte> Line, TaskCompletionSource<long> Written)> _waiting = [];
    private long _end;
    private bool _flushing;
    private bool _broken;
    private bool _closed;

    private BulkJournal(string path, FileStream file, TimeProvider time)
    {
        Path = path;
        _file = file;
        _time = time;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The number of completed items.</summary>
    public int Done => Count(JournalState.Done);

    /// <summary>The number of items that failed.</summary>
    public int Failed => Count(JournalState.Failed);

    /// <summary>The number of items that were sent and never answered.</summary>
    public int Sent => Count(JournalState.Sent);

    /// <summary>The number of lines that can't be read.</summary>
    public int Unreadable { get; private set; }

    /// <summary>The number of answers that an earlier version of this module wrote and that no item of the run has matched yet.</summary>
    public int Unmatched
    {
        get
        {
            lock (_gate)
            {
                return _unmatched.Count;
            }
        }
    }

    /// <summary>Indicates whether an earlier version of this module wrote in it, with other keys.</summary>
    internal bool HasFirstVersionKeys { get; private set; }

    /// <summary>Opens a journal, or begins one.</summary>
    /// <exception cref="JournalException">Another process has it, it is no journal, or it cannot be opened.</exception>
    public static BulkJournal Open(string path) => Open(path, TimeProvider.System);

    /// <summary>Opens a journal, or begins one, by another clock.</summary>
    /// <exception cref="JournalException">Another process has it, it is no journal, or it cannot be opened.</exception>
    public static BulkJournal Open(string path, TimeProvider timeProvider) => Open(path, timeProvider, OpenFile);

    /// <param name="path">The file.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="open">The seam where a test puts a disk that refuses.</param>
    internal static BulkJournal Open(string path, TimeProvider timeProvider, Func<string, FileStream> open)
    {
        FileStream file;
        try
        {
            if (System.IO.Path.GetDirectoryName(path) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }

            file = open(path);
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            throw new JournalException(path, $"The journal '{path}' is in use by another process.", e, isLocked: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new JournalException(path, $"The journal '{path}' cannot be opened: {e.Message}", e);
        }

        BulkJournal journal = new(path, file, timeProvider);
        try
        {
            journal.Load();
            return journal;
        }
        catch (Exception e)
        {
            file.Dispose();
            throw e is IOException ? new JournalException(path, $"The journal '{path}' cannot be read: {e.Message}", e) : e;
        }
    }

    internal static bool IsSharingViolation(IOException e)
    {
        // Windows: ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION. Elsewhere .NET asks for an advisory lock and passes the system's EWOULDBLOCK on.
        int code = e.HResult;
        return RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? code is unchecked((int)0x80070020) or unchecked((int)0x80070021)
            : RuntimeInformation.IsOSPlatform(OSPlatform.Linux) ? code == 11
            : code == 35;
    }

    // Without a buffer: one that a full disk would not take stays full, and then not even a read goes past it.
    private static FileStream OpenFile(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);

    /// <summary>The state of an item.</summary>
    public JournalState GetState(JournalKey key)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(key, out Entry entry) ? entry.State : JournalState.Unknown;
        }
    }

    /// <summary>The key under which an earlier version of this module wrote an item: its own, or none when the journal doesn't have it.</summary>
    internal JournalKey? Match(JournalKey firstVersionKey)
    {
        lock (_gate)
        {
            _unmatched.Remove(firstVersionKey);
            return _entries.ContainsKey(firstVersionKey) ? firstVersionKey : null;
        }
    }

    /// <summary>Indicates whether the answer of an item is from the offline stand-in.</summary>
    internal bool IsOffline(JournalKey key)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(key, out Entry entry) && entry.IsOffline;
        }
    }

    /// <summary>The answer of an item that is done.</summary>
    /// <param name="key">The item.</param>
    /// <param name="input">For <see cref="ChatCompletion.Input"/>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="KeyNotFoundException">The item is not done.</exception>
    public async Task<ChatCompletion> ReadAsync(JournalKey key, object? input = null, CancellationToken cancellationToken = default)
    {
        Entry entry;
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out entry) || entry.State != JournalState.Done)
            {
                throw new KeyNotFoundException($"The journal has no answer to {key}.");
            }
        }

        byte[] line = new byte[entry.Length];
        await _disk.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _file.Position = entry.Offset;
            int count = 0;
            while (count < line.Length)
            {
                int read = await _file.ReadAsync(line, count, line.Length - count, cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new JournalException(Path, $"The journal '{Path}' was cut short while it was open.");
                }

                count += read;
            }
        }
        catch (IOException e)
        {
            throw new JournalException(Path, $"The journal '{Path}' cannot be read: {e.Message}", e);
        }
        finally
        {
            _disk.Release();
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return JournalJson.ReadCompletion(document.RootElement, input);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new JournalException(Path, $"The answer at byte {entry.Offset} of the journal '{Path}' can't be read: {e.Message} Another program has changed the file.", e);
        }
    }

    /// <summary>Notes that an item is about to be sent. Complete when that is on the disk.</summary>
    public Task WriteSentAsync(JournalKey key) => WriteSentAsync(key, replaces: null);

    /// <summary>Notes that an item is about to be sent, which an earlier version of this module knew under another key.</summary>
    internal async Task WriteSentAsync(JournalKey key, JournalKey? replaces)
    {
        await WriteAsync(new JournalLine(key, JournalState.Sent, IsOffline: false, replaces), JournalJson.Sent(key, replaces, _time.GetUtcNow())).ConfigureAwait(false);
    }

    /// <summary>Notes an answer. Complete when it is on the disk.</summary>
    public Task WriteDoneAsync(JournalKey key, ChatCompletion completion) => WriteAsync(
        new JournalLine(key, JournalState.Done, CostCalculator.IsFree(completion.Provider), null),
        JournalJson.Done(key, completion, _time.GetUtcNow()));

    /// <summary>Notes a failure. Complete when it is on the disk.</summary>
    public Task WriteFailedAsync(JournalKey key, HeliconeException failure) => WriteAsync(
        new JournalLine(key, JournalState.Failed, IsOffline: false, null),
        JournalJson.Failed(key, failure, _time.GetUtcNow()));

    /// <summary>Closes the file, behind the last line that is on its way to the disk.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            while (_flushing)
            {
                Monitor.Wait(_gate);
            }
        }

        _file.Dispose();
        _disk.Dispose();
    }

    private int Count(JournalState state)
    {
        lock (_gate)
        {
            int count = 0;
            foreach (Entry entry in _entries.Values)
            {
                count += entry.State == state ? 1 : 0;
            }

            return count;
        }
    }

    private void Load()
    {
        long good = 0;
        bool first = true;
        foreach ((byte[] line, long offset) in Lines())
        {
            if (first)
            {
                if (!JournalJson.IsHeader(line, Magic, FormatVersion))
                {
                    throw new JournalException(Path, $"'{Path}' isn't a journal of this module. Specify a new file, or the journal of an earlier run.");
                }

                first = false;
            }
            else if (JournalJson.TryReadLine(line) is { } known)
            {
                Keep(known, offset, line.Length);
            }
            else
            {
                Unreadable++;
            }

            good = offset + line.Length + 1;
        }

        if (first && _file.Length > 0 && !IsTornHeader())
        {
            throw new JournalException(Path, $"'{Path}' isn't a journal of this module. Specify a new file, or the journal of an earlier run.");
        }

        // Text after the last line feed was cut off by a crash: its answer was never returned.
        _file.SetLength(good);
        _file.Position = good;
        _end = good;
        if (first)
        {
            byte[] header = JournalJson.Header(Magic, FormatVersion);
            _file.Write(header, 0, header.Length);
            _file.Flush(flushToDisk: true);
            _end = header.Length;
        }
    }

    private void Keep(JournalLine line, long offset, int length)
    {
        _entries[line.Key] = new Entry(line.State, line.IsOffline, offset, length);
        if (line.Replaces is { } replaced)
        {
            _entries.Remove(replaced);
            _unmatched.Remove(replaced);
        }

        if (line.Key.IsFirstVersion)
        {
            HasFirstVersionKeys = true;
            if (line.State == JournalState.Done)
            {
                _unmatched.Add(line.Key);
            }
        }
    }

    // A crash in the very first write. Any other file without a line feed is somebody's, and is not emptied.
    private bool IsTornHeader()
    {
        byte[] header = JournalJson.Header(Magic, FormatVersion);
        if (_file.Length >= header.Length)
        {
            return false;
        }

        byte[] found = new byte[_file.Length];
        _file.Position = 0;
        int count = _file.Read(found, 0, found.Length);
        return count == found.Length && found.AsSpan().SequenceEqual(header.AsSpan(0, found.Length));
    }

    /// <summary>The whole lines of the file, without their line feeds.</summary>
    private IEnumerable<(byte[] Line, long Offset)> Lines()
    {
        _file.Position = 0;
        byte[] buffer = new byte[64 * 1024];
        using MemoryStream line = new();
        long offset = 0;
        long position = 0;
        int read;
        while ((read = _file.Read(buffer, 0, buffer.Length)) > 0)
        {
            int start = 0;
            int end;
            while ((end = Array.IndexOf(buffer, (byte)'\n', start, read - start)) >= 0)
            {
                line.Write(buffer, start, end - start);
                yield return (line.ToArray(), offset);
                line.SetLength(0);
                start = end + 1;
                offset = position + start;
            }

            line.Write(buffer, start, read - start);
            position += read;
        }
    }

    private async Task WriteAsync(JournalLine facts, byte[] line)
    {
        TaskCompletionSource<long> written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool mustFlush;
        lock (_gate)
        {
            if (_closed)
            {
                throw new JournalException(Path, $"The journal '{Path}' is closed.");
            }

            _waiting.Add((new ArraySegment<byte>(line), written));
            mustFlush = !_flushing;
            _flushing = true;
        }

        if (mustFlush)
        {
            // Not on the caller's thread, which has other calls to begin: a flush to the disk takes milliseconds.
            _ = Task.Run(FlushAllAsync);
        }

        long offset = await written.Task.ConfigureAwait(false);
        lock (_gate)
        {
            Keep(facts, offset, line.Length - 1);
        }
    }

    private async Task FlushAllAsync()
    {
        while (true)
        {
            await _disk.WaitAsync().ConfigureAwait(false);
            try
            {
                Flush();
            }
            finally
            {
                _disk.Release();
            }

            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _flushing = false;
                    Monitor.PulseAll(_gate);
                    return;
                }
            }
        }
    }

    // Everything that has come in by now, with one flush.
    private void Flush()
    {
        List<(ArraySegment<byte> Line, TaskCompletionSource<long> Written)> batch;
        lock (_gate)
        {
            batch = _waiting;
            _waiting = [];
        }

        try
        {
            if (_broken)
            {
                throw new JournalException(Path, $"The journal '{Path}' couldn't be written before, so nothing more is sent.");
            }

            long offset = _end;
            using MemoryStream lines = new();
            foreach ((ArraySegment<byte> line, _) in batch)
            {
                lines.Write(line.Array!, line.Offset, line.Count);
            }

            _file.Position = offset;
            _file.Write(lines.GetBuffer(), 0, (int)lines.Length);
            _file.Flush(flushToDisk: true);
            foreach ((ArraySegment<byte> line, TaskCompletionSource<long> written) in batch)
            {
                written.SetResult(offset);
                offset += line.Count;
            }

            _end = offset;
        }
        catch (Exception e)
        {
            _broken = true;
            JournalException failure = e as JournalException ?? new JournalException(Path, $"The journal '{Path}' cannot be written: {e.Message}", e);
            foreach ((_, TaskCompletionSource<long> written) in batch)
            {
                written.TrySetException(failure);
            }
        }
    }

    private readonly record struct Entry(JournalState State, bool IsOffline, long Offset, int Length);
}
