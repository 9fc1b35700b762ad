using System.Collections.Generic;
using System.Linq;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using Helicone.Attribution;
using Helicone.Connections;
using Helicone.Formatting;
using Helicone.Gateways;
using Helicone.Mcp;

namespace Helicone.Runtime;

/// <summary>What the module remembers of one runspace: its connection, the sessions it has entered, the gateways it has started.</summary>
internal sealed class RunspaceState
{
    private static readonly ConditionalWeakTable<Runspace, RunspaceState> s_states = new();

    private readonly Stack<HeliconeSession> _sessions = new();
    private readonly List<HeliconeGateway> _gateways = [];
    private McpServerSet? _mcpServers;
    private HeliconeConnection? _automatic;
    private string? _automaticFrom;

    /// <summary>The state of the runspace that this thread works for.</summary>
    public static RunspaceState Current => s_states.GetValue(Runspace.DefaultRunspace, static runspace =>
    {
        RunspaceState state = new();
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is System.Management.Automation.Runspaces.RunspaceState.Closed or System.Management.Automation.Runspaces.RunspaceState.Broken)
            {
                state.Close();
            }
        };
        return state;
    });

    /// <summary>The connection that Connect-Helicone made.</summary>
    public HeliconeConnection? Connection { get; private set; }

    /// <summary>The MCP servers that this runspace has connected.</summary>
    public McpServerSet McpServers => _mcpServers ??= new McpServerSet();

    /// <summary>The session entered last. Calls that name none belong to it; it wins over that of the connection.</summary>
    public HeliconeSession? EnteredSession => _sessions.Count > 0 ? _sessions.Peek() : null;

    /// <summary>The stream whose last line on the screen has not ended; whatever else is written must end it first.</summary>
    public StreamView? OpenStream { get; set; }

    /// <summary>The answer that has been shown as it arrived and is being written to the pipeline: its view doesn't repeat it.</summary>
    public object? ShownAnswer { get; set; }

    /// <summary>The lines that were typed in Enter-HeliconeChat, oldest first.</summary>
    public List<string> ChatHistory { get; } = [];

    /// <summary>The sessions entered, the last first.</summary>
    public IEnumerable<HeliconeSession> Sessions => _sessions;

    /// <summary>The gateways that this runspace has started and that still run, the one started last at the end.</summary>
    public IReadOnlyList<HeliconeGateway> Gateways
    {
        get
        {
            foreach (HeliconeGateway gone in _gateways.Where(static gateway => gateway.HasExited || gateway.HasLeft).ToArray())
            {
                // One that ended by itself has left its variables behind.
                gone.Environment?.Restore();
                _gateways.Remove(gone);
            }

            return _gateways.ToArray();
        }
    }

    /// <summary>The warnings of these gateways that haven't been written yet.</summary>
    public IReadOnlyList<string> TakeGatewayWarnings() =>
        _gateways.SelectMany(static gateway => gateway.TakeWarnings().Select(warning => $"The local gateway at {gateway.Uri} reports: {warning}")).ToArray();

    /// <summary>Closes and forgets what this runspace has.</summary>
    public static void Remove()
    {
        Runspace? runspace = Runspace.DefaultRunspace;
        if (runspace is not null && s_states.TryGetValue(runspace, out RunspaceState? state))
        {
            s_states.Remove(runspace);
            state.Close();
        }
    }

    public void Connect(HeliconeConnection connection)
    {
        Forget();
        Connection = connection;
        LocalMarker.Add(connection);
    }

    /// <summary>Forgets the connection, and the one made of the environment too.</summary>
    /// <returns>Indicates whether there was one.</returns>
    public bool Disconnect()
    {
        bool connected = Connection is not null || _automatic is not null;
        Forget();
        _automatic?.Release();
        _automatic = null;
        return connected;
    }

    /// <summary>A connection with the key of the environment, to the addresses that it has now.</summary>
    public HeliconeConnection ConnectFromEnvironment(string key) => Automatic(key);

    /// <summary>A connection without a key, for what is public.</summary>
    public HeliconeConnection ConnectAnonymously() => Automatic(null);

    public void Enter(HeliconeSession session) => _sessions.Push(session);

    public HeliconeSession? Exit() => _sessions.Count > 0 ? _sessions.Pop() : null;

    public void Add(HeliconeGateway gateway)
    {
        // A start that found a gateway of this session returns it again. It is then the one that was started last.
        _ = _gateways.Remove(gateway);
        _gateways.Add(gateway);
    }

    private void Forget()
    {
        if (Connection is not null)
        {
            LocalMarker.Remove(Connection);
            Connection.Release();
            Connection = null;
        }
    }

    private HeliconeConnection Automatic(string? key)
    {
        // A script that sets another key or address means the next call.
        string from = string.Join("\n", key, EnvironmentVariables.Get(EnvironmentVariables.GatewayUri), EnvironmentVariables.Get(EnvironmentVariables.ApiUri));
        if (_automatic is null || _automaticFrom != from)
        {
            HeliconeConnection connection = new(key is null
                ? new ConnectionSettings()
                : new ConnectionSettings { ApiKey = ApiKey.Protect(key), KeySource = "$env:" + EnvironmentVariables.ApiKey });
            _automatic?.Release();
            _automatic = connection;
            _automaticFrom = from;
        }

        return _automatic;
    }

    private void Close()
    {
        _ = Disconnect();
        _sessions.Clear();
        _mcpServers?.Abort();
        foreach (HeliconeGateway gateway in _gateways)
        {
            _ = gateway.Leave();
        }

        _gateways.Clear();
    }
}
