using System;
using System.Collections.Generic;
using System.Linq;

namespace Helicone.Connections;

/// <summary>
/// Marks the process, and the processes that it starts, while a session in it is connected to a local gateway. A runspace without a connection
/// of its own (ForEach-Object -Parallel, Start-ThreadJob, Start-Job) then doesn't connect to the cloud by itself.
/// </summary>
internal static class LocalMarker
{
    private const string Name = "HELICONE_LOCAL_SESSION";

    private static readonly List<HeliconeConnection> s_connections = [];

    /// <summary>The address of the local gateway; <see langword="null"/> when no session is on one.</summary>
    public static string? Address => EnvironmentVariables.Get(Name);

    /// <summary>A session has connected.</summary>
    public static void Add(HeliconeConnection connection)
    {
        if (connection.IsLocal)
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

    private static void Set() => Environment.SetEnvironmentVariable(Name, s_connections.LastOrDefault()?.GatewayUri.AbsoluteUri);
}
