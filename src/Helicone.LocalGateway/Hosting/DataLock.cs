using System;
using System.IO;

namespace Helicone.LocalGateway.Hosting;

/// <summary>The exclusive right to write a database and the files next to it. The operating system releases it when this process ends, even after kill -9.</summary>
internal sealed class DataLock : IDisposable
{
    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;

    private readonly FileStream _file;

    private DataLock(FileStream file) => _file = file;

    /// <summary>Takes the lock; <see langword="null"/> when another gateway holds it.</summary>
    /// <exception cref="GatewayStartException">The lock file can't be created or opened.</exception>
    public static DataLock? TryTake(string database)
    {
        string path = Path.ChangeExtension(database, ".lock");
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            // The file stays when the lock is released: deleting it would let two gateways lock two files of one name.
            return new DataLock(new FileStream(path, options));
        }
        catch (IOException e) when (e.HResult is WindowsSharingViolation or LinuxWouldBlock or MacWouldBlock)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GatewayStartException($"The lock file '{path}' cannot be opened: {e.Message}", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
