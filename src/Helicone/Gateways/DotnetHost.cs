using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using Helicone.Connections;

namespace Helicone.Gateways;

/// <summary>The <c>dotnet</c> that runs the local gateway.</summary>
/// <remarks>
/// Always an absolute path. A bare name is looked up in the current directory before PATH, and would run whatever is called
/// <c>dotnet</c> there.
/// </remarks>
internal static class DotnetHost
{
    // The target of Helicone.LocalGateway; later versions run it, too.
    private const int Runtime = 10;

    private static bool IsWindows => Path.DirectorySeparatorChar == '\\';

    private static string FileName => IsWindows ? "dotnet.exe" : "dotnet";

    /// <summary>The places that are searched, in words.</summary>
    public static string Places => "DOTNET_ROOT, PATH, " + string.Join(", ", DefaultFolders().Distinct());

    /// <summary>Finds it.</summary>
    /// <returns>The path; <see langword="null"/> when it wasn't found.</returns>
    public static string? Find()
    {
        // What the user has set wins, whatever is in it.
        if (Rooted(EnvironmentVariables.Get("DOTNET_ROOT")) is { } root && In(root) is { } chosen)
        {
            return chosen;
        }

        // An old .NET on PATH must not hide a new one in its default location.
        string[] found = [.. SearchPath().Concat(Self()).Concat(DefaultFolders()).Select(In).OfType<string>()];
        return found.FirstOrDefault(HasRuntime) ?? found.FirstOrDefault();
    }

    private static string? In(string folder)
    {
        string path = Path.Combine(folder, FileName);
        return File.Exists(path) ? path : null;
    }

    /// <summary>A folder that does not depend on the current directory; <see langword="null"/> for any other text.</summary>
    private static string? Rooted(string? folder)
    {
        string text = folder?.Trim().Trim('"') ?? string.Empty;
        return text.Length > 0 && text.IndexOfAny(Path.GetInvalidPathChars()) < 0 && Path.IsPathRooted(text) ? text : null;
    }

    private static IEnumerable<string> SearchPath() => (EnvironmentVariables.Get("PATH") ?? string.Empty).Split(Path.PathSeparator).Select(Rooted).OfType<string>();

    /// <summary>The folder of the program that runs this, when it is dotnet itself.</summary>
    private static IEnumerable<string> Self()
    {
        using Process self = Process.GetCurrentProcess();
        string? path = self.MainModule?.FileName;
        return path is not null && Path.GetFileName(path).Equals(FileName, StringComparison.OrdinalIgnoreCase) ? [Path.GetDirectoryName(path)!] : [];
    }

    /// <summary>Where installers and packages put .NET.</summary>
    private static IEnumerable<string> DefaultFolders()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        IEnumerable<string?> folders = IsWindows
            ? [Below(EnvironmentVariables.Get("ProgramW6432"), "dotnet"), Below(EnvironmentVariables.Get("ProgramFiles"), "dotnet"), Below(EnvironmentVariables.Get("LOCALAPPDATA"), "Microsoft", "dotnet")]
            : RuntimeInformation.IsOSPlatform(OSPlatform.OSX)
                ? [Registered(), "/usr/local/share/dotnet", "/opt/homebrew/opt/dotnet/libexec", "/usr/local/opt/dotnet/libexec"]
                : [Registered(), "/usr/share/dotnet", "/usr/lib/dotnet", "/usr/lib64/dotnet", "/usr/local/share/dotnet"];
        return folders.Append(Below(home, ".dotnet")).Select(Rooted).OfType<string>();
    }

    private static string? Below(string? folder, params string[] names) => string.IsNullOrEmpty(folder) ? null : names.Aggregate(folder!, Path.Combine);

    /// <summary>The location that an installation has registered.</summary>
    private static string? Registered()
    {
        const string File = "/etc/dotnet/install_location";
        string ofArchitecture = File + "_" + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        try
        {
            string? file = new[] { ofArchitecture, File }.FirstOrDefault(System.IO.File.Exists);
            return file is null ? null : System.IO.File.ReadLines(file).FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A registration that this user can't read is ignored: the default folders follow.
            return null;
        }
    }

    private static bool HasRuntime(string dotnet)
    {
        string folder = Path.Combine(Path.GetDirectoryName(dotnet)!, "shared", "Microsoft.AspNetCore.App");
        return Directory.Exists(folder)
            && Directory.GetDirectories(folder).Any(version => int.TryParse(Path.GetFileName(version).Split('.')[0], out int major) && major >= Runtime);
    }
}
