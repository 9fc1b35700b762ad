using System;
using System.IO;

namespace Helicone.Connections;

/// <summary>Where the module keeps files of this user.</summary>
internal static class UserFolders
{
    private const string Name = "helicone-powershell";

    /// <summary>What can be made again: <c>$XDG_CACHE_HOME</c>, else the platform's place.</summary>
    public static string Cache
    {
        get
        {
            string? xdg = EnvironmentVariables.Get("XDG_CACHE_HOME");
            if (xdg is not null)
            {
                return Path.Combine(xdg, Name);
            }

            return Path.DirectorySeparatorChar == '\\'
                ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), Name, "cache")
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", Name);
        }
    }

    /// <summary>What must stay: the local gateway's database and configuration.</summary>
    public static string Data => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), Name);
}
