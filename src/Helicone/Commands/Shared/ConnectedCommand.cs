using System.Collections.Generic;
using System.Management.Automation;
using Helicone.Connections;
using Helicone.Errors;

namespace Helicone.Commands;

/// <summary>For the cmdlets that call Helicone: through the connection that is given, else through that of the runspace, else through one made of the environment.</summary>
public abstract class ConnectedCommand : HeliconeCommand
{
    private readonly List<HeliconeConnection> _held = [];

    private protected ConnectedCommand()
    {
    }

    /// <summary>The connection to call through. That of this runspace when left out.</summary>
    [Parameter]
    [ValidateNotNull]
    public HeliconeConnection? Connection { get; set; }

    /// <summary>The connection to call through. It stays open while this command runs, whatever a command downstream connects to.</summary>
    /// <param name="keyNeeded">Indicates whether the call needs a key; the registry of models is public.</param>
    private protected HeliconeConnection Connect(bool keyNeeded = true)
    {
        if ((Connection ?? State.Connection) is { } known)
        {
            return Held(known);
        }

        // The key of the environment would take a script's tests to the cloud, and to its prices, as soon as a part of it runs in parallel.
        if (LocalMarker.Address is { } local && !ConnectionSettings.EnvironmentIsLocal)
        {
            ThrowTerminatingError(ErrorRecords.NotConnectedInRunspace(local, Target));
        }

        HeliconeConnection? connection = ConnectionOfEnvironment();
        if (connection is null && !keyNeeded)
        {
            connection = Valid(State.ConnectAnonymously, null);
        }

        if (connection is null)
        {
            ThrowTerminatingError(ErrorRecords.NotConnected(Target));
        }

        return Held(connection!);
    }

    private protected sealed override void Release()
    {
        foreach (HeliconeConnection connection in _held)
        {
            connection.Release();
        }
    }

    private HeliconeConnection Held(HeliconeConnection connection)
    {
        if (!_held.Contains(connection))
        {
            _held.Add(connection.Hold());
        }

        return connection;
    }
}
