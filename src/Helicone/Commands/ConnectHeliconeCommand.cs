using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Security;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Completion;
using Helicone.Connections;
using Helicone.Errors;
using Helicone.Gateways;
using Helicone.Http;
using Helicone.Offline;
using Helicone.Spending;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Sets the key, the addresses and the defaults of this session's calls. Nothing is sent.</summary>
[Cmdlet(VerbsCommunications.Connect, "Helicone", DefaultParameterSetName = KeySet, SupportsShouldProcess = true)]
[OutputType(typeof(HeliconeConnection))]
public sealed class ConnectHeliconeCommand : GatewayStartingCommand
{
    private const string KeySet = "Key";
    private const string EnvFileSet = "EnvFile";
    private const string LocalSet = "Local";
    private const string OfflineSet = "Offline";
    private const string ReplaySet = "Replay";

    // Nothing is sent there: a name below .invalid never resolves. A journal keeps the answers of each apart.
    private static readonly Uri s_offline = new("https://offline.invalid/");
    private static readonly Uri s_replay = new("https://replay.invalid/");

    /// <summary>The Helicone key: SecureString, text or credential. <c>$env:HELICONE_API_KEY</c> when left out.</summary>
    [Parameter(ParameterSetName = KeySet, Position = 0)]
    [ApiKeyTransformation]
    public SecureString? ApiKey { get; set; }

    /// <summary>A <c>.env</c> file with a line <c>HELICONE_API_KEY=…</c>.</summary>
    [Parameter(ParameterSetName = EnvFileSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string EnvFile { get; set; } = string.Empty;

    /// <summary>Connects to the local gateway that this session has started last, and starts one when it has none: no account, no network, no cost.</summary>
    [Parameter(ParameterSetName = LocalSet)]
    public SwitchParameter Local { get; set; }

    /// <summary>The local gateway to connect to: an object of Start-HeliconeGateway or Get-HeliconeGateway.</summary>
    [Parameter(ParameterSetName = LocalSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public HeliconeGateway? Gateway { get; set; }

    /// <summary>Answers in this process: no key, no network, no other program. The answers are made up, or those of -Scenario or -Replay.</summary>
    [Parameter(ParameterSetName = OfflineSet)]
    [Parameter(ParameterSetName = ReplaySet)]
    public SwitchParameter Offline { get; set; }

    /// <summary>Prepared answers: paths of JSON files, or hashtables.</summary>
    [Parameter(ParameterSetName = OfflineSet)]
    [ValidateNotNullOrEmpty]
    public object[]? Scenario { get; set; }

    /// <summary>The recording whose answers are given again. Nothing is sent.</summary>
    [Parameter(ParameterSetName = ReplaySet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string? Replay { get; set; }

    /// <summary>The region of the account. By default, the key determines it.</summary>
    [Parameter(ParameterSetName = KeySet)]
    [Parameter(ParameterSetName = EnvFileSet)]
    [ValidateSet("US", "EU")]
    public string? Region { get; set; }

    /// <summary>Where chats go: <c>$env:HELICONE_AI_GATEWAY_BASE_URL</c>, else Helicone's cloud. Of several, the next is tried when one cannot be reached.</summary>
    [Parameter(ParameterSetName = KeySet)]
    [Parameter(ParameterSetName = EnvFileSet)]
    [ValidateNotNullOrEmpty]
    public Uri[]? GatewayUri { get; set; }

    /// <summary>Where the registry and the log are read: <c>$env:HELICONE_BASE_URL</c>, else Helicone's cloud.</summary>
    [Parameter(ParameterSetName = KeySet)]
    [Parameter(ParameterSetName = EnvFileSet)]
    [ValidateNotNull]
    public Uri? ApiUri { get; set; }

    /// <summary>The address for manual log entries.</summary>
    [Parameter(ParameterSetName = KeySet)]
    [Parameter(ParameterSetName = EnvFileSet)]
    [ValidateNotNull]
    public Uri? LogUri { get; set; }

    /// <summary>The proxy, such as <c>http://proxy.example:8080</c>. Calls to this machine never go through it.</summary>
    [Parameter(ParameterSetName = KeySet)]
    [Parameter(ParameterSetName = EnvFileSet)]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    /// <summary>The user name and password for the proxy.</summary>
    [Parameter(ParameterSetName = KeySet)]
    [Parameter(ParameterSetName = EnvFileSet)]
    [Credential]
    [ValidateNotNull]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Ignores the proxy of the environment and of the system.</summary>
    [Parameter(ParameterSetName = KeySet)]
    [Parameter(ParameterSetName = EnvFileSet)]
    public SwitchParameter NoProxy { get; set; }

    /// <summary>The model, or the chain of models, of calls that name none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(Completion.ModelCompleter))]
    public string[]? Model { get; set; }

    /// <summary>The user of calls that name none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(UserCompleter))]
    public string? UserId { get; set; }

    /// <summary>The session of calls that name none: an object of New-HeliconeSession, or an id.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public object? Session { get; set; }

    /// <summary>Properties of every call; a call's own win.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(PropertyCompleter))]
    public IDictionary? Property { get; set; }

    /// <summary>How long a call may take, its retries included.</summary>
    [Parameter]
    [ValidateRange(0.001, 86400.0)]
    public double TimeoutSec { get; set; }

    /// <summary>How often a call is tried again after a failure that may pass.</summary>
    [Parameter]
    [ValidateRange(0, 20)]
    public int MaxRetry { get; set; }

    /// <summary>The spending ceiling in US dollars, for everything that is sent through the connection.</summary>
    [Parameter]
    [ValidateNotNull]
    public decimal? MaxCost { get; set; }

    /// <summary>Rate limits by name, such as <c>@{ 'basic-100' = '100;w=60' }</c>, for <c>-RateLimitPolicy basic-100</c>.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? RateLimitPolicy { get; set; }

    /// <summary>The recording that calls and their answers are added to.</summary>
    [Parameter(ParameterSetName = KeySet)]
    [Parameter(ParameterSetName = EnvFileSet)]
    [Parameter(ParameterSetName = LocalSet)]
    [Parameter(ParameterSetName = OfflineSet)]
    [ValidateNotNullOrEmpty]
    public new string? Record { get; set; }

    /// <summary>Gives the connection out.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override object? Target => ParameterSetName switch
    {
        KeySet => GatewayUri is null ? null : string.Join(", ", GatewayUri.Select(static uri => uri is { IsAbsoluteUri: true, UserInfo.Length: > 0 } ? uri.Host : uri.OriginalString)),
        EnvFileSet => EnvFile,
        OfflineSet => Scenario,
        ReplaySet => Replay,
        _ => null,
    };

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        if (MyInvocation.ExpectingInput && Gateway is null)
        {
            // What was piped in is not a gateway, or nothing was: the error has been written, and no other connection was asked for.
            return;
        }

        if (ParameterSetName == LocalSet && Gateway is null && State.Gateways.Count == 0 && !ShouldProcess("a free port of this machine", "Start a Helicone gateway, and connect to it"))
        {
            return;
        }

        ConnectionSettings settings = Defaults();
        settings = ParameterSetName switch
        {
            LocalSet => await LocalAsync(settings, cancellationToken),
            OfflineSet or ReplaySet => InProcess(settings),
            EnvFileSet => FromFile(settings),
            _ => FromKey(settings),
        };
        if (!settings.IsOffline)
        {
            if (settings.ApiKey is null)
            {
                ThrowTerminatingError(ErrorRecords.NoKey(Target));
            }

            _ = Valid(() => Connections.ApiKey.Check(settings.ApiKey!), Redaction.Mask(settings.ApiKey!), InvalidInput.Key);
        }

        HeliconeConnection connection = Open(settings);
        State.Connect(connection);
        SeenNames.Add(connection.UserId, connection.Property, connection.Session);
        Advise(settings, connection);
        WriteVerbose(connection.IsOffline
            ? $"Connected {connection}: nothing is sent."
            : $"Connected to {connection.GatewayUri} with the key {connection.ApiKey} from {connection.KeySource}.");
        if (PassThru)
        {
            WriteObject(connection.Hold());
        }
    }

    private bool Has(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private ConnectionSettings Defaults() => new()
    {
        Region = Region,
        GatewayUris = GatewayUri ?? [],
        ApiUri = ApiUri,
        LogUri = LogUri,
        Proxy = Proxy is { IsAbsoluteUri: true, UserInfo.Length: > 0 } ? new UriBuilder(Proxy) { UserName = string.Empty, Password = string.Empty }.Uri : Proxy,
        ProxyCredential = ProxyCredentials(),
        NoProxy = NoProxy,
        Model = Model is null ? null : Valid(() => Chat.ModelRoute.Parse(string.Join(",", Model)), string.Join(",", Model), InvalidInput.Route).ToString(),
        UserId = UserId is null ? null : Valid(() => new Attribution.RequestTags { UserId = UserId }, UserId, InvalidInput.User).UserId,
        Session = Session is null ? null : Valid(() => SessionArgument.From(Session), Session, InvalidInput.Session),
        Property = Property is null ? null : Valid(() => PropertyArgument.Tags(Property), Property, InvalidInput.Property),
        RateLimitPolicy = RateLimitPolicy is null ? null : Valid(() => RateLimitArgument.Named(RateLimitPolicy), RateLimitPolicy, InvalidInput.RateLimitPolicy),
        TimeoutSec = Has(nameof(TimeoutSec)) ? TimeoutSec : null,
        MaxRetry = Has(nameof(MaxRetry)) ? MaxRetry : null,
        RecordPath = Record is null ? null : GetUnresolvedProviderPathFromPSPath(Record),
        Ceiling = MaxCost is null ? null : Valid(() => new SpendingCeiling(MaxCost.Value), MaxCost),
    };

    private HeliconeConnection Open(ConnectionSettings settings)
    {
        try
        {
            return Valid(() => new HeliconeConnection(settings), Target, settings.Offline is null ? InvalidInput.Option : InvalidInput.Scenario);
        }
        catch (RecordingException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e, Replay ?? Record));
            throw;
        }
    }

    private ConnectionSettings InProcess(ConnectionSettings settings)
    {
        Uri address = Replay is null ? s_offline : s_replay;
        return settings with
        {
            KeySource = "none needed (offline)",
            GatewayUris = [address],
            ApiUri = address,
            LogUri = address,
            Offline = Replay is null ? new OfflineOptions { Scenarios = Scenarios() } : null,
            ReplayPath = Replay is null ? null : GetUnresolvedProviderPathFromPSPath(Replay),
        };
    }

    /// <summary>Those of -ProxyCredential, else those in the address of -Proxy.</summary>
    private NetworkCredential? ProxyCredentials()
    {
        if (ProxyCredential is not null)
        {
            return ProxyCredential.GetNetworkCredential();
        }

        if (Proxy is not { IsAbsoluteUri: true, UserInfo.Length: > 0 })
        {
            return null;
        }

        string[] parts = Proxy.UserInfo.Split([':'], 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : string.Empty);
    }

    private ConnectionSettings FromKey(ConnectionSettings settings)
    {
        if (Has(nameof(ApiKey)))
        {
            // An empty -ApiKey is a secret that was not found, never a wish to use another key.
            return settings with { ApiKey = ApiKey ?? Connections.ApiKey.Protect(string.Empty), KeySource = "-ApiKey" };
        }

        return EnvironmentVariables.Get(EnvironmentVariables.ApiKey) is { } key
            ? settings with { ApiKey = Connections.ApiKey.Protect(key), KeySource = "$env:" + EnvironmentVariables.ApiKey }
            : settings;
    }

    private ConnectionSettings FromFile(ConnectionSettings settings)
    {
        string path = GetUnresolvedProviderPathFromPSPath(EnvFile);
        if (!File.Exists(path))
        {
            ThrowTerminatingError(ErrorRecords.NotFound("EnvFile", $"There is no file '{path}'.", EnvFile, $"Specify the path of a file that contains the line {EnvironmentVariables.ApiKey}=<key>."));
        }

        Dictionary<string, string> variables = Read(path);
        if (!variables.TryGetValue(EnvironmentVariables.ApiKey, out string? key) || key.Length == 0)
        {
            ThrowTerminatingError(ErrorRecords.NotFound("EnvFileKey", $"The file '{path}' doesn't set {EnvironmentVariables.ApiKey}.", EnvFile, $"Add the line {EnvironmentVariables.ApiKey}=<key> to it."));
        }

        return settings with
        {
            ApiKey = Connections.ApiKey.Protect(key!),
            KeySource = path,
            Model = settings.Model ?? Setting(variables, EnvironmentVariables.Model),
            GatewayUris = settings.GatewayUris.Count > 0 ? settings.GatewayUris : Address(variables, EnvironmentVariables.GatewayUri) is { } gateway ? [gateway] : [],
            ApiUri = settings.ApiUri ?? Address(variables, EnvironmentVariables.ApiUri),
        };
    }

    private Dictionary<string, string> Read(string path)
    {
        try
        {
            return Connections.EnvFile.Read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(ErrorRecords.Unreadable("EnvFile", $"The file '{path}' cannot be read: {e.Message}", e, EnvFile, "Give this user permission to read the file, or specify another file with -EnvFile."));
            throw;
        }
    }

    private async Task<ConnectionSettings> LocalAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        HeliconeGateway gateway = Gateway
            ?? (State.Gateways is [.., var latest] ? latest : await StartGatewayAsync(new GatewayStart(), cancellationToken));
        if (gateway.HasExited || gateway.HasLeft)
        {
            ThrowTerminatingError(ErrorRecords.NotFound("Gateway", $"The local gateway at {gateway.Uri} has stopped.", gateway, "To start another gateway, use Start-HeliconeGateway. To list the running gateways, use Get-HeliconeGateway."));
        }

        return settings with
        {
            ApiKey = gateway.ApiKey,
            KeySource = "local gateway",
            GatewayUris = [gateway.Uri],
            ApiUri = gateway.Uri,
            LogUri = gateway.Uri,
            IsLocal = true,
        };
    }

    private List<ScenarioSource> Scenarios()
    {
        List<ScenarioSource> sources = [];
        foreach (object? given in Scenario ?? [])
        {
            string name = $"-Scenario[{sources.Count}]";
            sources.Add(PlainValue.Unwrap(given) switch
            {
                IDictionary scenario => Valid(() => ScenarioSource.FromDictionary(PlainValue.From(scenario, name), name), given, InvalidInput.Scenario),
                FileInfo file => FromFile(file.FullName),
                string path => FromFile(path),
                _ => Valid<ScenarioSource>(() => throw new FormatException($"{name} is neither the path of a file nor a hashtable."), given, InvalidInput.Scenario),
            });
        }

        return sources;
    }

    private ScenarioSource FromFile(string scenario)
    {
        string path = GetUnresolvedProviderPathFromPSPath(scenario);
        try
        {
            return ScenarioSource.FromFile(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            ThrowTerminatingError(ErrorRecords.NotFound("Scenario", $"There is no file '{path}'.", scenario, "Specify the path of a JSON file with scenarios, or a hashtable. Get-Help about_Helicone_Offline describes them."));
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(ErrorRecords.Unreadable("Scenario", $"The file '{path}' cannot be read: {e.Message}", e, scenario, "Give this user the right to read it, or specify another path."));
            throw;
        }
    }

    private static string? Setting(Dictionary<string, string> variables, string name) =>
        variables.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;

    private Uri? Address(Dictionary<string, string> variables, string name) =>
        Setting(variables, name) is { } text
            ? Valid(() => new Uri(text, UriKind.Absolute), text)
            : null;

    private void Advise(ConnectionSettings settings, HeliconeConnection connection)
    {
        if (connection.ApiKey.StartsWith("pk-", StringComparison.Ordinal))
        {
            WriteWarning("This key begins with 'pk-': it can only write to Helicone's log. Chats require a key that begins with 'sk-helicone-'.");
        }
        else if (connection.GatewayUri.Host.EndsWith("helicone.ai", StringComparison.OrdinalIgnoreCase) && !Connections.ApiKey.LooksLikeHelicone(settings.ApiKey!))
        {
            WriteWarning("This key doesn't look like a Helicone key, which begins with 'sk-helicone-'. To check it, run Test-HeliconeConnection.");
        }
    }
}
