using System;
using System.IO;
using System.Threading;
using Helicone.LocalGateway.Hosting;

namespace Helicone.LocalGateway.Authentication;

/// <summary>Where the key of a data folder is kept: a file only its owner can read.</summary>
internal static class GatewayKeyFile
{
    private const string Name = "gateway.key";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>The folder's key; made on first use.</summary>
    /// <exception cref="GatewayStartException">The file cannot be read or written, or holds something else.</exception>
    public static GatewayKey LoadOrCreate(string folder)
    {
        string path = Path.Combine(folder, Name);
        try
        {
            if (!File.Exists(path) && TryCreate(path) is { } created)
            {
                return created;
            }

            if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) != OwnerOnly)
            {
                File.SetUnixFileMode(path, OwnerOnly);
            }

            GatewayKey? key = null;
            SpinWait.SpinUntil(() => (key = TryRead(path, out bool isBeingWritten)) is not null || !isBeingWritten, s_patience);
            return key
                ?? throw new GatewayStartException($"'{path}' doesn't contain a gateway key. Delete the file. The gateway then creates a new key.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GatewayStartException($"The gateway's key can't be stored in '{path}': {e.Message}", e);
        }
    }

    // Only one of several gateways that start together makes the file; the others wait for what it writes.
    private static GatewayKey? TryCreate(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        try
        {
            using StreamWriter writer = new(path, options);
            GatewayKey key = GatewayKey.Create();
            writer.Write(key.Text);
            return key;
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    private static GatewayKey? TryRead(string path, out bool isBeingWritten)
    {
        try
        {
            string text = File.ReadAllText(path).Trim();
            isBeingWritten = text.Length == 0;
            return GatewayKey.TryParse(text);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Its maker has it open.
            isBeingWritten = true;
            return null;
        }
    }
}
