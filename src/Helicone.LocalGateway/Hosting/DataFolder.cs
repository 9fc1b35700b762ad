using System;
using System.IO;

namespace Helicone.LocalGateway.Hosting;

/// <summary>The folder of the gateway's files: by default, the same folder that the module uses.</summary>
internal static class DataFolder
{
    private const string DatabaseName = "gateway.db";

    /// <summary>The full path of the database; its folder exists afterwards, and only its owner may look into one made here.</summary>
    /// <exception cref="GatewayStartException">There is no such folder, or it can't be created.</exception>
    public static string Open(string? databasePath)
    {
        string path = Path.GetFullPath(databasePath ?? Path.Combine(DefaultFolder(), DatabaseName));
        string folder = Path.GetDirectoryName(path) ?? throw new GatewayStartException($"'{path}' can't be a database file.");
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GatewayStartException($"The folder '{folder}' can't be created: {e.Message}", e);
        }
    }

    private static string DefaultFolder()
    {
        string data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length > 0
            ? Path.Combine(data, "helicone-powershell")
            : throw new GatewayStartException("This user has no folder for application data. Specify a file with --database FILE.");
    }
}
