using System;
using System.Diagnostics;
using System.IO;
using System.Threading;

namespace Helicone.LocalGateway.Log;

/// <summary>The free space on the disk of the log. A call is refused before a provider is asked while there is too little left to log its answer.</summary>
/// <param name="path">The log.</param>
/// <param name="measure">Returns the number of free bytes on the disk of a file; <see langword="null"/> when it is unknown.</param>
internal sealed class LogSpace(string path, Func<string, long?>? measure = null)
{
    /// <summary>What must be free before a provider is asked: room for the answers of the calls that are under way, and for the WAL that they go to.</summary>
    public const long Reserve = 16 * 1024 * 1024;

    // Often enough for what a few hundred calls write, and seldom enough to cost nothing.
    private static readonly long s_interval = Stopwatch.Frequency / 10;

    private readonly Func<string, long?> _measure = measure ?? Measure;
    private long _measuredAt;
    private long _free = long.MaxValue;

    /// <summary>Indicates whether there is room for that many bytes, and the reserve.</summary>
    public bool HasRoomFor(long bytes)
    {
        long now = Stopwatch.GetTimestamp();
        long measuredAt = Volatile.Read(ref _measuredAt);
        if (measuredAt == 0 || now - measuredAt > s_interval)
        {
            Volatile.Write(ref _free, _measure(path) ?? long.MaxValue);
            Volatile.Write(ref _measuredAt, now);
        }

        return Volatile.Read(ref _free) - Reserve >= bytes;
    }

    private static long? Measure(string path)
    {
        try
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // This may be a network share. The write itself will fail if there is no space.
            return null;
        }
    }
}
