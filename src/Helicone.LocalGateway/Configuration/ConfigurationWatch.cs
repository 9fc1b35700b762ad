using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Hosting;
using Microsoft.Extensions.Logging;

namespace Helicone.LocalGateway.Configuration;

/// <summary>Reads gateway.json again when it changes. If it isn't valid, that is reported, and the previous configuration stays.</summary>
/// <remarks>
/// It looks, and compares the content, which a replaced file, a moved link or a clock cannot mislead. The system's notifications would come
/// sooner, but are missing on network drives and in many containers, and occur for every write in the folder: with the log
/// next to gateway.json they took some 5 % of a busy gateway's time.
/// </remarks>
internal sealed class ConfigurationWatch(string path, LiveConfiguration configuration, ILogger logger)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    // An editor empties the file, writes, and renames: what has stopped changing for so long is all of it.
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(200);

    private byte[] _known = [];
    private bool _wasUnreadable;

    /// <summary>Checks until it is stopped.</summary>
    /// <param name="known">The content that is in force.</param>
    /// <param name="cancellationToken">The gateway ends.</param>
    public async Task RunAsync(byte[] known, CancellationToken cancellationToken)
    {
        _known = known;
        try
        {
            while (true)
            {
                await Task.Delay(s_interval, cancellationToken);
                await LookAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The gateway ends.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync(cancellationToken) is not { } text || text.AsSpan().SequenceEqual(_known))
        {
            return;
        }

        byte[]? settled;
        do
        {
            settled = text;
            await Task.Delay(s_quiet, cancellationToken);
            text = await ReadAsync(cancellationToken);
            if (text is null)
            {
                return;
            }
        }
        while (!text.AsSpan().SequenceEqual(settled));

        _known = text;
        Apply(text);
    }

    private void Apply(byte[] text)
    {
        try
        {
            configuration.Apply(GatewayConfigurationReader.Parse(path, text));
            GatewayLog.ConfigurationReloaded(logger, path);
        }
        catch (GatewayStartException e)
        {
            GatewayLog.ConfigurationRejected(logger, e.Message);
        }
    }

    private async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            byte[] text = await File.ReadAllBytesAsync(path, cancellationToken);
            _wasUnreadable = false;
            return text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Missing between two steps of an editor, or for good: reported once.
            if (!_wasUnreadable && e is not (FileNotFoundException or DirectoryNotFoundException))
            {
                GatewayLog.ConfigurationRejected(logger, e.Message);
            }

            _wasUnreadable = true;
            return null;
        }
    }
}
