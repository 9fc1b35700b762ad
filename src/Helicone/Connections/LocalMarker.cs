using System;
using System.Collections.Generic;
using System.Linq;

namespace Helicone.Connections;

/// <summary>
/// Marks the process, and the processes that it starts, while a session in it is connected to a local gateway or offline. A runspace without a connection
/// of its own (ForEach-Object -Parallel, Start-ThreadJob, Start-Job) then doesn't connect to the cloud by itself.
/// </summary>
internal static class LocalMarker
{
    private const string Name = "HELICONE_LOCAL_SESSION";

    private static readonly List<HeliconeConnection> s_connections = [];

    // What an offline session has in place of an address.
    private const string Offline = "offline";

    /// <summary>The address of the local gateway, or <c>offline</c>; <see langword="null"/> when no session is on one.</summary>
    public static string? Address => EnvironmentVariables.Get(Name);

    /// <summary>A session has connected.</summary>
    public static void Add(HeliconeConnection connection)
    {
        if (connection.IsLocal || connection.IsOffline)
        {
            lock (s_connections)
            {
                s_connections.Add(connection);
                Set();
            }
        }
    }

    /// <summary>A session has disconnected.</summary>
    public static void Remove(HeliconeConnection connection)
    {
        lock (s_connections)
        {
            if (s_connections.Remove(connection))
            {
                Set();
            }
        }
    }

    private static void Set() => Environment.SetEnvironmentVariable(Name, s_connections.LastOrDefault() is { } last ? last.IsOffline ? Offline : last.GatewayUri.AbsoluteUri : null);

    /// <summary>Indicates whether the mark is that of an offline session.</summary>
    public static bool IsOffline(string address) => address == Offline;
}
