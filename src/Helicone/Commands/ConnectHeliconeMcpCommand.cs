using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Connections;
using Helicone.Errors;
using Helicone.Mcp;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Starts or connects to MCP servers, whose tools, resources, and prompts are then available in this runspace.</summary>
[Cmdlet(VerbsCommunications.Connect, "HeliconeMcp", DefaultParameterSetName = CommandSet)]
[OutputType(typeof(McpServer))]
public sealed class ConnectHeliconeMcpCommand : HeliconeCommand
{
    private const string CommandSet = "Command";
    private const string UriSet = "Uri";
    private const string ConfigSet = "Config";
    private const int MaxConfigBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan s_slow = TimeSpan.FromSeconds(2);

    /// <summary>The program to start.</summary>
    [Parameter(ParameterSetName = CommandSet, Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Command { get; set; } = string.Empty;

    /// <summary>The arguments of the program.</summary>
    [Parameter(ParameterSetName = CommandSet, Position = 1)]
    [AllowEmptyString]
    [ValidateNotNull]
    public string[] ArgumentList { get; set; } = [];

    /// <summary>The working directory of the program. The current location when omitted.</summary>
    [Parameter(ParameterSetName = CommandSet)]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <summary>Environment variables of the program, in addition to those that programs need to run.</summary>
    [Parameter(ParameterSetName = CommandSet)]
    [ValidateNotNull]
    public IDictionary? Environment { get; set; }

    /// <summary>The address of a server on the network.</summary>
    [Parameter(ParameterSetName = UriSet, Mandatory = true)]
    [ValidateNotNull]
    public Uri? Uri { get; set; }

    /// <summary>Headers of each request.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNull]
    public IDictionary? Header { get; set; }

    /// <summary>The token to send as <c>Authorization: Bearer</c>: SecureString, text, or credential.</summary>
    [Parameter(ParameterSetName = UriSet)]
    [ApiKeyTransformation]
    public SecureString? Token { get; set; }

    /// <summary>A file that lists servers under <c>mcpServers</c> or <c>servers</c>.</summary>
    [Parameter(ParameterSetName = ConfigSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = string.Empty;

    /// <summary>The name of the server. With -ConfigPath, the servers of the file to connect; wildcards are permitted.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Name { get; set; }

    /// <summary>Folders to report to the servers as roots.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Root { get; set; } = [];

    /// <summary>Lets the servers ask a model, through the connection of this module. Each request needs approval.</summary>
    [Parameter]
    public SwitchParameter AllowSampling { get; set; }

    /// <summary>The time limit of each request, in seconds.</summary>
    [Parameter]
    [ValidateRange(0.1, 86400.0)]
    public double TimeoutSec { get; set; } = 60;

    /// <summary>The time limit for starting a server, in seconds.</summary>
    [Parameter]
    [ValidateRange(0.1, 86400.0)]
    public double ConnectTimeoutSec { get; set; } = 60;

    private protected override object? Target => ParameterSetName switch { UriSet => Uri, ConfigSet => ConfigPath, _ => Command };

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        string[] roots = Root.Select(root => Folder(root)).ToArray();
        foreach (McpServerOptions options in Servers())
        {
            McpServerOptions complete = options with
            {
                Roots = roots,
                AllowSampling = AllowSampling,
                RequestTimeout = TimeSpan.FromSeconds(TimeoutSec),
                ConnectTimeout = TimeSpan.FromSeconds(ConnectTimeoutSec),
            };
            McpAttendance attendance = new(this, Post, "Connecting to " + options.Name, sampler: null);
            Stopwatch watch = Stopwatch.StartNew();
            using Timer slow = new(_ => attendance.Show(Post, Waiting(options, watch.Elapsed)), null, s_slow, TimeSpan.FromSeconds(1));
            try
            {
                McpServer server = await McpServer.ConnectAsync(complete, attendance.Attendant, cancellationToken).OnPipeline();
                State.McpServers.Add(server);
                WriteObject(server);
            }
            catch (McpException e)
            {
                WriteError(ErrorRecords.From(e, options.Name));
            }
            catch (ArgumentException e)
            {
                ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Mcp, e, Target));
            }
            finally
            {
                slow.Change(Timeout.Infinite, Timeout.Infinite);
                attendance.End();
            }
        }
    }

    // A first start with npx downloads the server, which takes its time and shows nothing.
    private static string Waiting(McpServerOptions options, TimeSpan time) => string.Format(
        CultureInfo.CurrentCulture,
        options.Uri is null ? "Waiting for '{0}' to start, for {1:0} of at most {2:0} seconds. A first start may download the server." : "Waiting for the server, for {1:0} of at most {2:0} seconds.",
        options.Command,
        time.TotalSeconds,
        options.ConnectTimeout.TotalSeconds);

    private IReadOnlyList<McpServerOptions> Servers()
    {
        if (ParameterSetName == ConfigSet)
        {
            return Valid(ReadConfiguration, ConfigPath, InvalidInput.Mcp);
        }

        McpServerOptions options = ParameterSetName == UriSet
            ? new McpServerOptions
            {
                Uri = Uri,
                Token = Token,
                Headers = Header is null ? new Dictionary<string, string>() : Valid(() => PropertyArgument.Read(Header, "header"), "Header", InvalidInput.Mcp),
            }
            : new McpServerOptions
            {
                Command = IsPath(Command) ? GetUnresolvedProviderPathFromPSPath(Command) : Command,
                Arguments = ArgumentList,
                WorkingDirectory = Folder(WorkingDirectory ?? SessionState.Path.CurrentFileSystemLocation.ProviderPath),
                Environment = Environment is null ? new Dictionary<string, string>() : Valid(() => Variables(Environment), "Environment", InvalidInput.Mcp),
            };
        string name = Name is null ? State.McpServers.FreeName(Valid(() => McpConfiguration.NameOf(options), Target, InvalidInput.Mcp)) : Valid(() => Free(Name), Name, InvalidInput.Mcp);
        return [options with { Name = name }];
    }

    private IReadOnlyList<McpServerOptions> ReadConfiguration()
    {
        string path = GetUnresolvedProviderPathFromPSPath(ConfigPath);
        FileInfo file = new(path);
        if (!file.Exists || file.Length > MaxConfigBytes)
        {
            throw new FormatException(file.Exists ? $"'{ConfigPath}' is too large for a configuration." : $"There is no file '{ConfigPath}'.");
        }

        string json;
        try
        {
            json = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"'{ConfigPath}' can't be read: {e.Message}", e);
        }

        IReadOnlyList<McpServerOptions> servers = McpConfiguration.Read(json, Path.GetDirectoryName(path)!, name => Name is null || Wildcard.IsMatch(Name, name), Ask);
        if (servers.Count == 0)
        {
            throw new FormatException(Name is null ? $"'{ConfigPath}' lists no server." : $"'{ConfigPath}' lists no server '{Name}'.");
        }

        foreach (McpServerOptions server in servers)
        {
            _ = Free(server.Name);
        }

        return servers;
    }

    private static string Free(string name)
    {
        if (State.McpServers.Has(name))
        {
            throw new FormatException($"An MCP server named '{name}' is connected already. Disconnect it first, or use another name.");
        }

        return name;
    }

    // A secret among the variables is what this parameter is for; as a SecureString it doesn't show in the history.
    private static Dictionary<string, string> Variables(IDictionary values)
    {
        Dictionary<object, object?> plain = [];
        foreach (DictionaryEntry entry in values)
        {
            object? value = PlainValue.Unwrap(entry.Value);
            plain[entry.Key] = value is SecureString secure ? ApiKey.Use(secure, static text => text) : value;
        }

        return PropertyArgument.Read(plain, "environment variable");
    }

    private static bool IsPath(string command) => command.IndexOf('/') >= 0 || command.IndexOf('\\') >= 0 || command.StartsWith("~", StringComparison.Ordinal);

    private string Folder(string path)
    {
        string folder = GetUnresolvedProviderPathFromPSPath(path);
        if (!Directory.Exists(folder))
        {
            ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Mcp, new FormatException($"There is no folder '{path}'."), path));
        }

        return folder;
    }

    private string? Ask(McpInput input)
    {
        string prompt = (input.Description ?? input.Id)
            + (input.Choices.Count > 0 ? " (" + string.Join(", ", input.Choices) + ")" : string.Empty)
            + (input.Default is { } preset ? $" [{preset}]" : string.Empty) + ": ";
        try
        {
            return input.IsPassword ? ApiKey.Use(ReadLineAsSecureString(prompt), static text => text) : ReadLine(prompt);
        }
        catch (Exception e) when (e is HostException or NotImplementedException or NotSupportedException or InvalidOperationException)
        {
            return null;
        }
    }
}
