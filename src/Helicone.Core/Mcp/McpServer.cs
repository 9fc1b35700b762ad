using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Serialization;

namespace Helicone.Mcp;

/// <summary>A connected MCP server. Safe for use from several threads at once.</summary>
/// <remarks>
/// A server whose process ends is started once more, with the next request. The request that was in flight isn't sent again, since it may have
/// had effects.
/// </remarks>
public sealed class McpServer
{
    private const int MaxWarnings = 10;

    private static readonly JsonDocumentOptions s_deep = new() { MaxDepth = 256 };

    private readonly object _lock = new();
    private readonly Dictionary<string, HashSet<string>> _approved = new(StringComparer.Ordinal);
    private readonly McpServerOptions _options;
    private readonly McpServerEvents _events;
    private readonly McpSecrets _secrets;
    private IMcpSession? _session;
    private Task<IMcpSession>? _restarting;
    private IReadOnlyList<McpTool>? _tools;
    private int _toolsVersion;
    private volatile bool _isClosed;
    private volatile bool _hasWorked;

    private McpServer(McpServerOptions options)
    {
        _options = options;
        _secrets = new McpSecrets(options);
        _events = new McpServerEvents(this, options);
    }

    /// <summary>The name that the user gave, or that was derived from the command or the address.</summary>
    public string Name => _options.Name;

    /// <summary><c>stdio</c> or <c>http</c>.</summary>
    public string Transport => _options.Uri is null ? "stdio" : "http";

    /// <summary>The command with its arguments, or the address without its query; secrets are masked.</summary>
    public string Target => TerminalText.ShowLine(Redact(_options.Uri is { } uri ? McpSecrets.Shown(uri) : string.Join(" ", new[] { _options.Command }.Concat(_options.Arguments))));

    /// <summary>Indicates whether the session is open.</summary>
    public bool IsConnected => !_isClosed && _session is { IsClosed: false };

    /// <summary>The name and version that the server reports.</summary>
    public string? ServerInfo { get; private set; }

    /// <summary>The protocol version that was agreed on.</summary>
    public string? ProtocolVersion { get; private set; }

    /// <summary>Instructions of the server for models. They are not sent anywhere by themselves.</summary>
    public string? Instructions { get; private set; }

    /// <summary>The capabilities that the server reports, such as <c>tools</c> and <c>resources</c>.</summary>
    public IReadOnlyList<string> Capabilities { get; private set => field = TextList<string>.Of(value); } = TextList<string>.None;

    /// <summary>The id of the server's process; <see langword="null"/> for a server on the network.</summary>
    public int? ProcessId => _session?.ProcessId;

    /// <summary>The number of times that the server was started again.</summary>
    public int RestartCount { get; private set; }

    /// <summary>Connects to a server.</summary>
    /// <exception cref="ArgumentException">The options are incomplete.</exception>
    /// <exception cref="McpException">The server can't be started or reached, or doesn't speak the protocol.</exception>
    public static async Task<McpServer> ConnectAsync(McpServerOptions options, McpAttendant? attendant = null, CancellationToken cancellationToken = default)
    {
        if (options is null)
        {
            throw new ArgumentNullException(nameof(options));
        }

        if (options.Command is null == options.Uri is null)
        {
            throw new ArgumentException($"The MCP server '{options.Name}' needs either a command or an address.", nameof(options));
        }

        if (options.Name.Any(char.IsControl))
        {
            throw new ArgumentException($"The name '{TerminalText.ShowLine(options.Name)}' of an MCP server contains control characters.", nameof(options));
        }

        if (options.Uri is { } uri && (!uri.IsAbsoluteUri || (uri.Scheme != "https" && uri.Scheme != "http")))
        {
            throw new ArgumentException($"'{McpSecrets.Shown(uri)}' isn't an http or https address.", nameof(options));
        }

        if (options.Uri is { UserInfo.Length: > 0 } named)
        {
            throw new ArgumentException($"The address '{McpSecrets.Shown(named)}' contains a user or a password, which aren't sent. Pass a token or a header instead.", nameof(options));
        }

        if (options.Uri is { Scheme: "http", IsLoopback: false } open && (options.Token is not null || options.Headers.Count > 0))
        {
            throw new ArgumentException($"Tokens and headers are sent to https addresses and to this machine only, not to '{McpSecrets.Shown(open)}'.", nameof(options));
        }

        McpServer server = new(options);
        using (server._events.Attend(attendant))
        {
            await server.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        return server;
    }

    /// <summary>Lists the tools. The list is kept until the server announces a change. Tools that can't be used are left out, each with a warning.</summary>
    /// <exception cref="McpException">The server reported an error, lists too many tools, or didn't respond.</exception>
    public async Task<IReadOnlyList<McpTool>> GetToolsAsync(McpAttendant? attendant = null, CancellationToken cancellationToken = default)
    {
        int version;
        lock (_lock)
        {
            if (_events.TakeChange("tools"))
            {
                _tools = null;
                _toolsVersion++;
            }

            if (_tools is { } known)
            {
                return known;
            }

            version = _toolsVersion;
        }

        using IDisposable attendance = _events.Attend(attendant);
        List<McpTool> tools = [];
        if (Capabilities.Contains("tools"))
        {
            McpToolNames names = new(Name);
            HashSet<string> seen = new(StringComparer.Ordinal);
            int unusable = 0;
            await ListAsync("tools/list", "tools", "tools", item =>
            {
                if (McpToolReader.Read(this, item, names, seen, out string? problem) is { } tool)
                {
                    tools.Add(tool);
                }
                else if (++unusable <= MaxWarnings)
                {
                    _events.Warn($"A tool of the MCP server '{Name}' can't be used: {problem}");
                }
            }, cancellationToken).ConfigureAwait(false);
            if (unusable > MaxWarnings)
            {
                _events.Warn(string.Format(CultureInfo.InvariantCulture, "{0} further tools of the MCP server '{1}' can't be used.", unusable - MaxWarnings, Name));
            }
        }

        lock (_lock)
        {
            // A list that was asked for before a change may arrive after one that was asked for later.
            return version == _toolsVersion ? _tools = tools : _tools ?? tools;
        }
    }

    /// <summary>The tools that the server has listed so far. Doesn't ask the server.</summary>
    public IReadOnlyList<McpTool> GetListedTools() => _tools ?? [];

    /// <summary>Lists the resources and the templates of resources.</summary>
    /// <exception cref="McpException">The server reported an error, lists too many resources, or didn't respond.</exception>
    public async Task<IReadOnlyList<McpResource>> GetResourcesAsync(McpAttendant? attendant = null, CancellationToken cancellationToken = default)
    {
        using IDisposable attendance = _events.Attend(attendant);
        List<McpResource> resources = [];
        if (Capabilities.Contains("resources"))
        {
            await ListAsync("resources/list", "resources", "resources", item => Add(item, "uri", false), cancellationToken).ConfigureAwait(false);
            try
            {
                await ListAsync("resources/templates/list", "resourceTemplates", "resource templates", item => Add(item, "uriTemplate", true), cancellationToken).ConfigureAwait(false);
            }
            catch (McpException e) when (e is { Kind: McpErrorKind.ServerError, Code: -32601 })
            {
                // A server without templates may not support the method.
            }
        }

        return resources;

        void Add(JsonElement item, string uri, bool isTemplate)
        {
            if (JsonText.StringOf(item, uri) is { } address)
            {
                resources.Add(new McpResource(this, address, Shown(item, "name") ?? TerminalText.ShowLine(address))
                {
                    Title = Shown(item, "title"),
                    Description = Shown(item, "description"),
                    MediaType = Shown(item, "mimeType"),
                    Size = item.TryGetProperty("size", out JsonElement size) && size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out long bytes) ? bytes : null,
                    IsTemplate = isTemplate,
                });
            }
        }
    }

    /// <summary>A resource that isn't listed, such as one that a template describes.</summary>
    /// <param name="uri">The address.</param>
    public McpResource Resource(string uri) => new(this, uri, TerminalText.ShowLine(uri));

    /// <summary>Reads a resource.</summary>
    /// <exception cref="McpException">The server reported an error or didn't respond.</exception>
    public async Task<IReadOnlyList<ContentPart>> ReadResourceAsync(string uri, McpAttendant? attendant = null, CancellationToken cancellationToken = default)
    {
        using IDisposable attendance = _events.Attend(attendant);
        string json = await RequestAsync("resources/read", writer => writer.WriteString("uri", uri), null, null, cancellationToken).ConfigureAwait(false);
        return Read(json, result => result.TryGetProperty("contents", out JsonElement contents) && contents.ValueKind == JsonValueKind.Array
            ? contents.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.Object).SelectMany(McpContent.Resource).ToArray()
            : throw Invalid("resources/read"));
    }

    /// <summary>Lists the prompts.</summary>
    /// <exception cref="McpException">The server reported an error, lists too many prompts, or didn't respond.</exception>
    public async Task<IReadOnlyList<McpPrompt>> GetPromptsAsync(McpAttendant? attendant = null, CancellationToken cancellationToken = default)
    {
        using IDisposable attendance = _events.Attend(attendant);
        List<McpPrompt> prompts = [];
        if (Capabilities.Contains("prompts"))
        {
            await ListAsync("prompts/list", "prompts", "prompts", item =>
            {
                if (JsonText.StringOf(item, "name") is { } name)
                {
                    prompts.Add(new McpPrompt(this, name, Arguments(item)) { Title = Shown(item, "title"), Description = Shown(item, "description") });
                }
            }, cancellationToken).ConfigureAwait(false);
        }

        return prompts;
    }

    /// <summary>Closes the session. A process is asked to end, and killed with its children when it doesn't.</summary>
    /// <param name="attendant">Is told when the server doesn't confirm the end.</param>
    public async Task CloseAsync(McpAttendant? attendant = null)
    {
        using IDisposable attendance = _events.Attend(attendant);
        _isClosed = true;
        if (_session is { } session)
        {
            await session.CloseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the session at once: for a process, or a runspace, that is ending.</summary>
    public void Abort()
    {
        _isClosed = true;
        _session?.Abort();
    }

    /// <summary>The prefix of the names of a server's tools, such as <c>filesystem__</c>.</summary>
    /// <param name="name">The name of the server.</param>
    public static string ToolPrefix(string name) => McpToolNames.Prefix(name ?? string.Empty);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal async Task<McpToolResult> CallToolAsync(string tool, string arguments, McpAttendant? attendant, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using IDisposable attendance = _events.Attend(attendant);
        string json = await RequestAsync("tools/call", writer =>
        {
            writer.WriteString("name", tool);
            writer.WritePropertyName("arguments");
            writer.WriteRawValue(arguments);
        }, timeout, attendant, cancellationToken).ConfigureAwait(false);
        return Read(json, result =>
        {
            string? structured = result.TryGetProperty("structuredContent", out JsonElement value) && value.ValueKind is not JsonValueKind.Null and not JsonValueKind.Undefined ? value.GetRawText() : null;
            bool hasContent = result.TryGetProperty("content", out JsonElement content) && content.ValueKind is JsonValueKind.Array or JsonValueKind.Object or JsonValueKind.String;
            if (!hasContent && structured is null)
            {
                // A success that nothing shows isn't one.
                throw Invalid("tools/call");
            }

            return new McpToolResult(
                hasContent ? McpContent.Read(content) : [],
                result.TryGetProperty("isError", out JsonElement error) && error.ValueKind == JsonValueKind.True,
                structured,
                json);
        });
    }

    internal async Task<IReadOnlyList<ChatMessage>> GetPromptAsync(string name, IReadOnlyDictionary<string, string> arguments, McpAttendant? attendant, CancellationToken cancellationToken)
    {
        using IDisposable attendance = _events.Attend(attendant);
        string json = await RequestAsync("prompts/get", writer =>
        {
            writer.WriteString("name", name);
            writer.WriteStartObject("arguments");
            foreach (KeyValuePair<string, string> argument in arguments)
            {
                writer.WriteString(argument.Key, argument.Value);
            }

            writer.WriteEndObject();
        }, null, null, cancellationToken).ConfigureAwait(false);
        return Read(json, result => result.TryGetProperty("messages", out JsonElement messages) && messages.ValueKind == JsonValueKind.Array
            ? messages.EnumerateArray().Select(Message).Where(static message => message is not null).Select(static message => message!).ToArray()
            : throw Invalid("prompts/get"));
    }

    internal bool IsApproved(string tool, string? fingerprint)
    {
        lock (_approved)
        {
            return _approved.TryGetValue(tool, out HashSet<string>? known) && (fingerprint is null || known.Contains(fingerprint));
        }
    }

    internal void Approve(string tool, string fingerprint)
    {
        lock (_approved)
        {
            // An earlier description is no longer approved: what was approved is what the user saw last.
            _approved[tool] = [fingerprint];
        }
    }

    /// <summary>A text of the server or about it with every secret masked.</summary>
    internal string Redact(string text) => _secrets.Redact(text);

    internal static T Read<T>(string json, Func<JsonElement, T> read)
    {
        using JsonDocument document = JsonDocument.Parse(json, s_deep);
        return read(document.RootElement);
    }

    // What only people read is made safe to show here, once for all views.
    private static string? Shown(JsonElement item, string name) => JsonText.StringOf(item, name) is { } text ? TerminalText.ShowLine(text) : null;

    private static ChatMessage? Message(JsonElement message)
    {
        if (!message.TryGetProperty("content", out JsonElement content) || McpContent.Read(content) is not { Count: > 0 } parts)
        {
            return null;
        }

        string role = JsonText.StringOf(message, "role") == "assistant" ? "assistant" : "user";
        return parts.TrueForAll(static part => part.Kind == ContentPartKind.Text) ? new ChatMessage(role, string.Join("\n", parts)) : new ChatMessage(role, parts);
    }

    private static McpPromptArgument[] Arguments(JsonElement prompt) => prompt.TryGetProperty("arguments", out JsonElement list) && list.ValueKind == JsonValueKind.Array
        ? [.. list.EnumerateArray()
            .Where(static item => JsonText.StringOf(item, "name") is not null)
            .Select(static item => new McpPromptArgument(Shown(item, "name")!, Shown(item, "description"), item.TryGetProperty("required", out JsonElement required) && required.ValueKind == JsonValueKind.True))]
        : [];

    private McpException Invalid(string method) => new(McpErrorKind.InvalidResponse, $"The MCP server '{Name}' sent an invalid response to {method}.") { Server = Name };

    private async Task ListAsync(string method, string property, string what, Action<JsonElement> add, CancellationToken cancellationToken)
    {
        string? cursor = null;
        int count = 0;
        for (int page = 0; page == 0 || cursor is not null; page++)
        {
            string? at = cursor;
            string json = await RequestAsync(method, writer =>
            {
                if (at is not null)
                {
                    writer.WriteString("cursor", at);
                }
            }, null, null, cancellationToken).ConfigureAwait(false);
            cursor = Read(json, result =>
            {
                if (!result.TryGetProperty(property, out JsonElement list) || list.ValueKind != JsonValueKind.Array)
                {
                    throw Invalid(method);
                }

                count += list.GetArrayLength();
                if (count > McpLimits.ListItems || page >= McpLimits.ListPages)
                {
                    throw new McpException(McpErrorKind.TooLarge, string.Format(CultureInfo.InvariantCulture, "The MCP server '{0}' lists more than {1:N0} {2}, or doesn't end its list.", Name, McpLimits.ListItems, what)) { Server = Name };
                }

                foreach (JsonElement item in list.EnumerateArray())
                {
                    add(item);
                }

                return JsonText.StringOf(result, "nextCursor");
            });
        }
    }

    /// <summary>Sends a request and returns the result, with secrets masked. Starts a server again that has ended.</summary>
    private async Task<string> RequestAsync(string method, Action<Utf8JsonWriter> parameters, TimeSpan? timeout, McpAttendant? attendant, CancellationToken cancellationToken)
    {
        try
        {
            return await RequestOnceAsync(method, parameters, timeout, attendant, cancellationToken).ConfigureAwait(false);
        }
        catch (McpException e) when (e.IsExpired)
        {
            // The server has done nothing with the request, which now begins another session.
            return await RequestOnceAsync(method, parameters, timeout, attendant, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<string> RequestOnceAsync(string method, Action<Utf8JsonWriter> parameters, TimeSpan? timeout, McpAttendant? attendant, CancellationToken cancellationToken)
    {
        TimeSpan limit = timeout ?? _options.RequestTimeout;
        IMcpSession session = await SessionAsync(cancellationToken).ConfigureAwait(false);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(limit);
        try
        {
            string json = await session.RequestAsync(method, JsonText.Object(parameters), _events.Progress(attendant), either.Token).ConfigureAwait(false);
            _hasWorked = true;
            return _secrets.Mask(json);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            string hint = session.Diagnostics is { } text ? " It wrote: " + Redact(text) : string.Empty;
            throw new McpException(McpErrorKind.TimedOut, string.Format(CultureInfo.InvariantCulture, "The MCP server '{0}' didn't respond to {1} within {2:0.##} seconds.{3}", Name, method, limit.TotalSeconds, hint)) { Server = Name, StandardError = session.Diagnostics is { } written ? Redact(written) : null };
        }
        catch (McpException e)
        {
            throw Redacted(e);
        }
        catch (JsonException e)
        {
            throw new McpException(McpErrorKind.InvalidResponse, $"The MCP server '{Name}' sent an invalid response to {method}: {Redact(e.Message)}") { Server = Name };
        }
    }

    private async Task<IMcpSession> SessionAsync(CancellationToken cancellationToken)
    {
        if (_isClosed)
        {
            throw new McpException(McpErrorKind.Gone, $"The MCP server '{Name}' is disconnected.") { Server = Name };
        }

        Task<IMcpSession> restarting;
        lock (_lock)
        {
            if (_session is { IsClosed: false } open)
            {
                return open;
            }

            // Calls that find the server dead at the same time wait for the same restart. It belongs to none of them: when the first one is
            // canceled, the others go on.
            restarting = _restarting is { IsCompleted: false } under ? under : _restarting = Task.Run(RestartAsync, CancellationToken.None);
        }

        TaskCompletionSource<bool> canceled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.Register(static state => ((TaskCompletionSource<bool>)state!).TrySetResult(true), canceled))
        {
            await Task.WhenAny(restarting, canceled.Task).ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return await restarting.ConfigureAwait(false);
    }

    private async Task<IMcpSession> RestartAsync()
    {
        IMcpSession? before = _session;
        string why = before?.Diagnostics is { } text ? " It wrote: " + Redact(text) : string.Empty;

        // A session over HTTP ends when the server forgets it, which some do every hour; a program that ends twice is broken.
        if (RestartCount > 0 && !(_options.Uri is not null && _hasWorked))
        {
            throw new McpException(McpErrorKind.Exited, $"The MCP server '{Name}' ended again after it was started once more.{why}") { Server = Name, StandardError = before?.Diagnostics is { } written ? Redact(written) : null };
        }

        RestartCount++;
        _hasWorked = false;
        _events.Warn(_options.Uri is null ? $"The MCP server '{Name}' had ended and was started again.{why}" : $"The session with the MCP server '{Name}' had ended and was connected again.");
        if (before is not null)
        {
            // What is left of the process, such as its children.
            await before.CloseAsync().ConfigureAwait(false);
        }

        await StartAsync(CancellationToken.None).ConfigureAwait(false);
        return _session!;
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        IMcpSession session;
        try
        {
            session = await McpAssembly.Sessions.ConnectAsync(_options, _events, cancellationToken).ConfigureAwait(false);
        }
        catch (McpException e)
        {
            throw Redacted(e);
        }

        _session = session;
        if (_isClosed)
        {
            session.Abort();
        }

        lock (_lock)
        {
            // A list of the process before may be outdated.
            _tools = null;
            _toolsVersion++;
        }

        Read(session.Description, description =>
        {
            ProtocolVersion = Shown(description, "protocolVersion");
            Instructions = JsonText.StringOf(description, "instructions") is { } instructions ? TerminalText.Show(instructions) : null;
            ServerInfo = description.TryGetProperty("serverInfo", out JsonElement info) ? $"{Shown(info, "name")} {Shown(info, "version")}".Trim() : null;
            Capabilities = description.TryGetProperty("capabilities", out JsonElement capabilities) && capabilities.ValueKind == JsonValueKind.Object ? [.. capabilities.EnumerateObject().Select(static item => TerminalText.ShowLine(item.Name))] : [];
            return true;
        });
    }

    // Without the inner exception, which quotes the server as it is.
    private McpException Redacted(McpException error) => new(error.Kind, Redact(error.Message))
    {
        Server = Name,
        IsExpired = error.IsExpired,
        Code = error.Code,
        ExitCode = error.ExitCode,
        StandardError = error.StandardError is { } text ? Redact(text) : null,
    };
}
