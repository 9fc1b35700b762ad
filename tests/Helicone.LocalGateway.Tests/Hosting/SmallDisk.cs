using System;
using System.Diagnostics;
using System.IO;

namespace Helicone.LocalGateway.Tests.Hosting;

/// <summary>A small disk in memory, which really can be full.</summary>
internal sealed class SmallDisk : IDisposable
{
    private static readonly Lazy<string?> s_whyNot = new(FindWhyNot);

    private readonly string _filler;

    /// <summary>Mounts one. For tests with <see cref="TmpfsFactAttribute"/>.</summary>
    public SmallDisk(int megabytes)
    {
        Folder = Directory.CreateTempSubdirectory("helicone-disk-").FullName;
        _filler = Path.Combine(Folder, "filler");
        if (Run("mount", "-t", "tmpfs", "-o", FormattableString.Invariant($"size={megabytes}m"), "tmpfs", Folder) is { } error)
        {
            Directory.Delete(Folder);
            throw new InvalidOperationException(error);
        }
    }

    /// <summary>The reason why no disk can be mounted here; <see langword="null"/> when one can.</summary>
    public static string? WhyNot => s_whyNot.Value;

    public string Folder { get; }

    /// <summary>Writes until there is no room for a single byte.</summary>
    public void Fill()
    {
        using FileStream file = new(_filler, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (int piece = 1024 * 1024; piece > 0; piece /= 2)
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[piece]);
                }
            }
            catch (IOException)
            {
                // Full for this piece; a smaller one may have room.
            }
        }
    }

    /// <summary>Makes room again.</summary>
    public void Free() => File.Delete(_filler);

    public void Dispose()
    {
        Run("umount", "-l", Folder);
        Directory.Delete(Folder);
    }

    private static string? FindWhyNot()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "A small disk can be mounted on Linux only.";
        }

        try
        {
            new SmallDisk(1).Dispose();
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return "No tmpfs can be mounted here, which needs root: " + e.Message.Trim();
        }
    }

    private static string? Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program) { RedirectStandardError = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"{program} ended with {process.ExitCode}: {error}";
    }
}
