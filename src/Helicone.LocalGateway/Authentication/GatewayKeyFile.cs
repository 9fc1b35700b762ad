using System;
using System.IO;
using Helicone.LocalGateway.Hosting;

namespace Helicone.LocalGateway.Authentication;

/// <summary>Where the key of a data folder is kept: a file only its owner can read.</summary>
internal static class GatewayKeyFile
{
    private const string Name = "gateway.key";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The folder's key; made on first use.</summary>
    /// <exception cref="GatewayStartException">The file cannot be read or written, or holds something else.</exception>
    public static GatewayKey LoadOrCreate(string folder)
    {
        string path = Path.Combine(folder, Name);
        try
        {
            if (!File.Exists(path))
            {
                Create(path);
            }

            if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) != OwnerOnly)
            {
                File.SetUnixFileMode(path, OwnerOnly);
            }

            return GatewayKey.TryParse(File.ReadAllText(path).Trim())
                ?? throw new GatewayStartException($"'{path}' does not hold a gateway key. Delete the file and the gateway makes a new one.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GatewayStartException($"The gateway's key cannot be kept in '{path}': {e.Message}", e);
        }
    }

    private static void Create(string path)
    {
        // Written aside, then moved: of two gateways that start together both read one whole key, whoever was first.
        string draft = path + "." + Guid.NewGuid().ToString("N");
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (StreamWriter writer = new(draft, options))
        {
            writer.Write(GatewayKey.Create().Text);
        }

        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
    }
}
