using System;
using System.Collections.Generic;
using System.IO;

namespace Helicone.Offline.Recordings;

/// <summary>A recording that is replayed: the answers to each request, in their order.</summary>
internal sealed class Recording
{
    private readonly Dictionary<string, Answers> _answers = new(StringComparer.Ordinal);
    private readonly List<RecordedAnswer> _all = [];
    private readonly object _gate = new();

    private Recording(string path) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Every answer, in the order of the file.</summary>
    public IReadOnlyList<RecordedAnswer> All => _all;

    /// <summary>Reads a recording.</summary>
    /// <exception cref="RecordingException">It can't be read; the message names the line.</exception>
    public static Recording Read(string path)
    {
        Recording recording = new(path);
        try
        {
            byte[] bytes = ReadAll(path);
            int number = 0;
            for (int start = bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0; start < bytes.Length;)
            {
                number++;
                int length = Array.IndexOf(bytes, (byte)'\n', start) is >= 0 and int end ? end - start : bytes.Length - start;
                ReadOnlyMemory<byte> line = bytes.AsMemory(start, length);
                start += length + 1;
                if (!IsBlank(line.Span))
                {
                    recording.Add(line, number, isCut: start > bytes.Length);
                }
            }

            return recording;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RecordingException(path, $"The recording '{path}' doesn't exist.", e) { IsMissing = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new RecordingException(path, $"The recording '{path}' can't be read: {e.Message}", e);
        }
    }

    /// <summary>Takes the next answer to a request.</summary>
    /// <param name="key">The key of the request.</param>
    /// <param name="taken">The answers that were taken before, when there is no further one.</param>
    /// <returns><see langword="null"/> when there is none, or none is left.</returns>
    public RecordedAnswer? Take(string key, out IReadOnlyList<RecordedAnswer> taken)
    {
        lock (_gate)
        {
            taken = [];
            if (!_answers.TryGetValue(key, out Answers? answers))
            {
                return null;
            }

            if (answers.Taken == answers.List.Count)
            {
                taken = answers.List;
                return null;
            }

            return answers.List[answers.Taken++];
        }
    }

    private static byte[] ReadAll(string path)
    {
        // A recorder may be adding to it.
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using MemoryStream bytes = new();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static bool IsBlank(ReadOnlySpan<byte> line)
    {
        foreach (byte b in line)
        {
            if (b is not ((byte)' ' or (byte)'\t' or (byte)'\r'))
            {
                return false;
            }
        }

        return true;
    }

    private void Add(ReadOnlyMemory<byte> line, int number, bool isCut)
    {
        (string Key, RecordedAnswer Answer) read;
        try
        {
            read = RecordingLine.Read(line, number);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            string what = isCut ? "The line is cut off, so its answer can't be replayed." : "The line can't be read.";
            throw new RecordingException(Path, $"{Path} line {number}: {what} {e.Message}", e);
        }

        if (!_answers.TryGetValue(read.Key, out Answers? answers))
        {
            _answers[read.Key] = answers = new Answers();
        }

        answers.List.Add(read.Answer);
        _all.Add(read.Answer);
    }

    private sealed class Answers
    {
        public List<RecordedAnswer> List { get; } = [];

        public int Taken { get; set; }
    }
}
