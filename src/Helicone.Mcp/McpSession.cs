using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Helicone.Mcp;

/// <summary>A session over the official SDK. Results stay JSON: the SDK's types know fewer kinds of content than servers send.</summary>
internal sealed class McpSession : IMcpSession, IDisposable
{
    private const string Version = "0.1.0";

    // Only what JSON itself requires is escaped: schemas and results go on as they came.
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 256 };

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly string _name;
    private readonly IMcpHandler _handler;
    private readonly McpClient _client;
    private readonly ServerProcess? _process;
    private readonly MessageStream? _output;
    private readonly HttpClient? _http;
    private readonly CancellationTokenSource _listening = new();
    private int _isClosing;
    private volatile bool _isBroken;

    private McpSession(string name, IMcpHandler handler, McpClient client, ServerProcess? process, MessageStream? output, HttpClient? http)
    {
        _name = name;
        _handler = handler;
        _client = client;
        _process = process;
        _output = output;
        _http = http;
        Description = new JsonObject
        {
            ["protocolVersion"] = client.NegotiatedProtocolVersion,
            ["serverInfo"] = Info(client),
            ["capabilities"] = JsonSerializer.SerializeToNode(client.ServerCapabilities, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(ServerCapabilities))),
            ["instructions"] = client.ServerInstructions,
        }.ToJsonString();
    }

    public string Description { get; }

    public int? ProcessId => _process?.Id;

    public string? Diagnostics => string.Join("\n", new[] { _process?.StandardError, _output?.Stray }.Where(static text => text is not null)) is { Length: > 0 } text ? text : null;

    public bool IsClosed => _isBroken || _client.Completion.IsCompleted || Volatile.Read(ref _isClosing) != 0;

    internal static async Task<IMcpSession> ConnectAsync(McpServerOptions options, IMcpHandler handler, CancellationToken cancellationToken)
    {
        ServerProcess? process = null;
        MessageStream? output = null;
        HttpClient? http = null;
        McpClient? client = null;
        HttpTrace? trace = null;
#pragma warning disable CA2000 // It has no timer, and the output may end after everything else was disposed.
        CancellationTokenSource ended = new();
#pragma warning restore CA2000
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(options.ConnectTimeout);
        try
        {
            IClientTransport transport;
            if (options.Uri is { } uri)
            {
                trace = HttpTrace.Begin();
                http = ServerHttp.Create(options, () => handler.Changed("tools"));
                transport = new HttpClientTransport(new HttpClientTransportOptions { Endpoint = uri, Name = options.Name, TransportMode = HttpTransportMode.AutoDetect, ConnectionTimeout = options.ConnectTimeout }, http);
            }
            else
            {
                process = await ServerProcess.StartAsync(options, handler.Redact).ConfigureAwait(false);
                ServerProcess started = process;
                output = new MessageStream(process.Output, MessageFraming.Lines, () => handler.Changed("tools"), () => End(started, ended, output?.Failure is not null), () => started.Input.IsBlocked);
                transport = new StreamClientTransport(process.Input, output);
            }

            client = await OrCanceledAsync(() => McpClient.CreateAsync(transport, Options(options, handler, ended.Token), loggerFactory: null, either.Token), either.Token).ConfigureAwait(false);
            McpSession session = new(options.Name, handler, client, process, output, http);
            await session.BeginAsync(either.Token).ConfigureAwait(false);
            return session;
        }
        catch (Exception e)
        {
            // The output of a process that ends arrives before it is known that it has ended.
            if (process is not null && e is not OperationCanceledException and not McpException)
            {
                await process.SettleAsync().ConfigureAwait(false);
            }

            McpException? failure = output?.Failure is { } broken ? Failure(options.Name, broken.Kind, broken.Message, broken, process)
                : e is McpException known ? known
                : cancellationToken.IsCancellationRequested ? null
                : process?.ExitCode is not null ? Failure(options.Name, McpErrorKind.Exited, process.Describe(options.Name), e, process)
                : e is OperationCanceledException or TimeoutException ? Failure(options.Name, McpErrorKind.TimedOut, string.Format(CultureInfo.InvariantCulture, "The MCP server '{0}' didn't respond within {1:0.##} seconds.{2}", options.Name, options.ConnectTimeout.TotalSeconds, Hint(output, process)), e, process)
                : Translate(options.Name, e, process, trace);
            process?.Dispose();
            if (client is not null)
            {
                await CloseAsync(client, options.Name, handler).ConfigureAwait(false);
            }

            http?.Dispose();
            if (failure is null)
            {
                throw;
            }

            throw failure;
        }
    }

    public async Task<string> RequestAsync(string method, string parameters, Action<double, double?, string?>? progress, CancellationToken cancellationToken)
    {
        JsonObject values = JsonNode.Parse(parameters, documentOptions: new JsonDocumentOptions { MaxDepth = 256 }) as JsonObject ?? [];
        JsonRpcRequest request = new() { Method = method, Params = values };
        HttpTrace? trace = _http is null ? null : HttpTrace.Begin();
        IAsyncDisposable? registration = null;
        try
        {
            if (progress is not null && method == RequestMethods.ToolsCall)
            {
                string token = Guid.NewGuid().ToString("N");
                values["_meta"] = new JsonObject { ["progressToken"] = token };
                registration = _client.RegisterNotificationHandler(NotificationMethods.ProgressNotification, (notification, _) =>
                {
                    Report(notification.Params, token, progress);
                    return default;
                });
            }

            return Result(method, await OrCanceledAsync(() => _client.SendRequestAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is not McpException)
        {
            if (_output?.Failure is { } ended)
            {
                throw Failure(_name, ended.Kind, ended.Message, e, _process);
            }

            if (_process is not null && e is not McpProtocolException)
            {
                await _process.SettleAsync().ConfigureAwait(false);
            }

            // The SDK takes a moment to notice that the session is over, and the next request must not go into it.
            bool isExpired = _http is not null && _client.SessionId is not null && trace!.IsNotFound;
            _isBroken |= isExpired || e is OperationCanceledException or ClientTransportClosedException || _process?.ExitCode is not null;
            throw isExpired
                ? new McpException(McpErrorKind.Unreachable, $"The MCP server '{_name}' has ended the session.", e) { Server = _name, IsExpired = true }
                : Translate(_name, e, _process, trace);
        }
        finally
        {
            if (registration is not null)
            {
                _ = EndAsync(registration);
            }
        }
    }

    public async Task CloseAsync()
    {
        if (Interlocked.Exchange(ref _isClosing, 1) != 0)
        {
            return;
        }

        _listening.Cancel();
        if (_process is not null)
        {
            await _process.EndAsync().ConfigureAwait(false);
        }

        await CloseAsync(_client, _name, _handler).ConfigureAwait(false);
        _process?.Dispose();
        _http?.Dispose();
        _listening.Dispose();
    }

    public void Abort()
    {
        if (Interlocked.Exchange(ref _isClosing, 1) == 0)
        {
            _listening.Cancel();
            _process?.Abort();
            _process?.Dispose();
            _ = CloseAsync(_client, _name, _handler).ContinueWith(_ => _http?.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    public void Dispose() => Abort();

    private static JsonObject? Info(McpClient client)
    {
        try
        {
            return new JsonObject { ["name"] = client.ServerInfo!.Name, ["version"] = client.ServerInfo.Version };
        }
        catch (InvalidOperationException)
        {
            // A server may keep its name to itself.
            return null;
        }
    }

    // The SDK fails the calls in flight when every request of the server has ended: those that wait for the user, or for the server to read.
    private static void End(ServerProcess process, CancellationTokenSource ended, bool kill) => Task.Run(() =>
    {
        ended.Cancel();
        if (kill)
        {
            process.Abort();
        }
    });

    private static McpClientOptions Options(McpServerOptions options, IMcpHandler handler, CancellationToken ended)
    {
        McpClientHandlers handlers = new()
        {
            NotificationHandlers =
            [
                Changed(NotificationMethods.ToolListChangedNotification, "tools", handler),
                Changed(NotificationMethods.ResourceListChangedNotification, "resources", handler),
                Changed(NotificationMethods.PromptListChangedNotification, "prompts", handler),
#pragma warning disable MCP9005 // Logs are deprecated in the newest protocol, and most servers speak an older one.
                new(NotificationMethods.LoggingMessageNotification, (notification, _) =>
                {
                    JsonNode? data = notification.Params is JsonObject fields ? fields["data"] : null;
                    handler.Log(Text((notification.Params as JsonObject)?["level"]) ?? "info", Text(data) ?? data?.ToJsonString() ?? string.Empty);
                    return default;
                }),
#pragma warning restore MCP9005
            ],
        };
        if (options.AllowElicitation)
        {
            handlers.ElicitationHandler = async (request, token) => Deserialize<ElicitResult>(await AnswerAsync(handler.ElicitAsync, Serialize(request), token, ended).ConfigureAwait(false));
        }

#pragma warning disable MCP9005 // Sampling and roots are deprecated in the newest protocol, and most servers speak an older one.
        if (options.AllowSampling)
        {
            handlers.SamplingHandler = async (request, _, token) => Deserialize<CreateMessageResult>(await AnswerAsync(handler.SampleAsync, Serialize(request), token, ended).ConfigureAwait(false));
        }

        if (options.Roots.Count > 0)
        {
            ListRootsResult roots = new() { Roots = [.. options.Roots.Select(static root => new Root { Uri = new Uri(root).AbsoluteUri, Name = Path.GetFileName(root.TrimEnd(Path.DirectorySeparatorChar)) })] };
            handlers.RootsHandler = (_, _) => new ValueTask<ListRootsResult>(roots);
        }
#pragma warning restore MCP9005

        return new McpClientOptions
        {
            ClientInfo = new Implementation { Name = "helicone-powershell", Version = Version },
            InitializationTimeout = options.ConnectTimeout,
            Handlers = handlers,
        };
    }

    // The SDK passes messages of its own exceptions on, and no others.
    private static async Task<string> AnswerAsync(Func<string, CancellationToken, Task<string>> answer, string parameters, CancellationToken cancellationToken, CancellationToken ended)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ended);
        try
        {
            return await answer(parameters, either.Token).ConfigureAwait(false);
        }
        catch (McpException e)
        {
            throw new McpProtocolException(e.Message, McpErrorCode.InvalidRequest);
        }
    }

    private static KeyValuePair<string, Func<JsonRpcNotification, CancellationToken, ValueTask>> Changed(string method, string list, IMcpHandler handler) => new(method, (_, _) =>
    {
        handler.Changed(list);
        return default;
    });

    private static string Serialize<T>(T value) => JsonSerializer.Serialize(value, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(T)));

    private static T Deserialize<T>(string json) => (T)JsonSerializer.Deserialize(json, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(T)))!;

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    // A result that is made up would look like the empty success of a tool.
    private string Result(string method, JsonRpcResponse response) => response.Result?.ToJsonString(s_json)
        ?? throw new McpException(McpErrorKind.InvalidResponse, $"The MCP server '{_name}' sent an invalid response to {method}: it has no result.") { Server = _name };

    private static void Report(JsonNode? parameters, string token, Action<double, double?, string?> progress)
    {
        if (parameters is JsonObject values && Text(values["progressToken"]) == token && values["progress"] is JsonValue value && value.TryGetValue(out double so))
        {
            progress(so, values["total"] is JsonValue total && total.TryGetValue(out double all) ? all : null, Text(values["message"]));
        }
    }

    private static string Hint(MessageStream? output, ServerProcess? process) =>
        output?.Stray is { } stray ? $" It writes text that isn't MCP to its standard output: '{stray}'."
        : process?.StandardError is { } error ? " It wrote: " + error
        : string.Empty;

    private static McpException Failure(string name, McpErrorKind kind, string message, Exception cause, ServerProcess? process)
    {
        string? error = process?.StandardError;
        if (kind == McpErrorKind.Exited && error is not null)
        {
            message += " It wrote: " + error;
        }

        return new McpException(kind, message, cause) { Server = name, StandardError = error, ExitCode = process?.ExitCode };
    }

    private static McpException Translate(string name, Exception error, ServerProcess? process, HttpTrace? trace)
    {
        if (error is McpProtocolException protocol)
        {
            return new McpException(McpErrorKind.ServerError, $"The MCP server '{name}' reported an error: {protocol.Message}", error) { Server = name, Code = (int)protocol.ErrorCode };
        }

        if (process is not null)
        {
            return error is JsonException or ModelContextProtocol.McpException && process.ExitCode is null
                ? Failure(name, McpErrorKind.InvalidResponse, $"The MCP server '{name}' sent an invalid response: {error.Message}", error, process)
                : Failure(name, McpErrorKind.Exited, process.Describe(name), error, process);
        }

        if (trace?.Failure is { } refused)
        {
            return Failure(name, refused.Kind, $"The MCP server '{name}' can't be used: {refused.Message}", error, null);
        }

        if (trace?.Location is { } location)
        {
            return Failure(name, McpErrorKind.Unreachable, $"The MCP server '{name}' redirects to '{location.GetLeftPart(UriPartial.Path)}', and redirects aren't followed, since they could carry a token to another server. If you trust that address, connect to it.", error, null);
        }

        HttpStatusCode? status = trace?.Status ?? Status(error);
        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            return Failure(name, McpErrorKind.Unauthorized, $"The MCP server '{name}' refused the token or the headers ({(int)status}).", error, null);
        }

        if (status is null && trace?.Broken is { } broken)
        {
            return Failure(name, McpErrorKind.Unreachable, $"The MCP server '{name}' closed the connection before it had answered: {Innermost(broken).Message}", error, null);
        }

        if (status is null && trace?.MediaType is { } type)
        {
            return Failure(name, McpErrorKind.InvalidResponse, $"The MCP server '{name}' sent an invalid response: {type} instead of JSON or events.", error, null);
        }

        return error is JsonException or ModelContextProtocol.McpException ? Failure(name, McpErrorKind.InvalidResponse, $"The MCP server '{name}' sent an invalid response: {error.Message}", error, null)
            : Failure(name, McpErrorKind.Unreachable, status is null ? $"The MCP server '{name}' can't be reached: {Innermost(error).Message}" : $"The MCP server '{name}' can't be used: it responded with {(int)status}.", error, null);
    }

    private static HttpStatusCode? Status(Exception? error)
    {
#if NET
        for (; error is not null; error = error.InnerException)
        {
            if (error is HttpRequestException { StatusCode: { } status })
            {
                return status;
            }

            if (error is ClientTransportClosedException { Details: HttpClientCompletionDetails { HttpStatusCode: { } ended } })
            {
                return ended;
            }
        }
#endif
        return null;
    }

    private static Exception Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
        {
            error = inner;
        }

        return error;
    }

    /// <summary>Asks for logs, and for changes in the protocol version in which they have to be asked for.</summary>
    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        bool isStateless = string.CompareOrdinal(_client.NegotiatedProtocolVersion, "2026-07-28") >= 0;
#pragma warning disable MCP9005 // Deprecated in the newest protocol, in which nothing is asked for; most servers speak an older one.
        const string SetLevel = RequestMethods.LoggingSetLevel;
        bool hasLogs = _client.ServerCapabilities.Logging is not null && !isStateless;
#pragma warning restore MCP9005
        if (hasLogs)
        {
            // Logs are a convenience: a server that doesn't answer is of use nevertheless.
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(s_patience);
            try
            {
                await RequestAsync(SetLevel, "{\"level\":\"info\"}", null, patience.Token).ConfigureAwait(false);
            }
            catch (McpException e)
            {
                _handler.Report($"The MCP server '{_name}' refused to send log messages: {e.Message}");
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                _handler.Report($"The MCP server '{_name}' didn't respond when it was asked for log messages.");
            }
        }

        if (isStateless && (_client.ServerCapabilities.Tools?.ListChanged == true || _client.ServerCapabilities.Prompts?.ListChanged == true || _client.ServerCapabilities.Resources?.ListChanged == true))
        {
            _ = ListenAsync();
        }
    }

    private async Task ListenAsync()
    {
        try
        {
            await RequestAsync(
                RequestMethods.SubscriptionsListen,
                "{\"notifications\":{\"toolsListChanged\":true,\"promptsListChanged\":true,\"resourcesListChanged\":true}}",
                null,
                _listening.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is McpException or OperationCanceledException or ObjectDisposedException)
        {
            // A server that doesn't announce changes is listed again with the next connection.
            if (Volatile.Read(ref _isClosing) == 0)
            {
                _handler.Report($"The MCP server '{_name}' no longer announces changes of its lists: {e.Message}");
            }
        }
    }

    /// <summary>Ends the session at the server, which may be gone, or not answer.</summary>
    private static async Task CloseAsync(McpClient client, string name, IMcpHandler handler)
    {
        try
        {
            Task closing = Task.Run(async () => await client.DisposeAsync().ConfigureAwait(false));
            if (await Task.WhenAny(closing, Task.Delay(s_patience)).ConfigureAwait(false) != closing)
            {
                Observe(closing);
                throw new TimeoutException(string.Format(CultureInfo.InvariantCulture, "it didn't respond within {0} seconds.", s_patience.TotalSeconds));
            }

            await closing.ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            handler.Report($"The MCP server '{name}' didn't confirm the end of the session: {e.Message}");
        }
    }

    /// <summary>Waits for a task, or until the token is canceled: a write to a server that doesn't read ends with the server only.</summary>
    private static async Task<T> OrCanceledAsync<T>(Func<Task<T>> start, CancellationToken cancellationToken)
    {
        Task<T> task = Task.Run(start, CancellationToken.None);
        TaskCompletionSource<bool> canceled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.Register(static state => ((TaskCompletionSource<bool>)state!).TrySetResult(true), canceled))
        {
            if (await Task.WhenAny(task, canceled.Task).ConfigureAwait(false) != task)
            {
                Observe(task);
                throw new OperationCanceledException(cancellationToken);
            }
        }

        return await task.ConfigureAwait(false);
    }

    // The SDK handles messages side by side: the last progress may come just after the result.
    private static async Task EndAsync(IAsyncDisposable registration)
    {
        await Task.Delay(500).ConfigureAwait(false);
        await registration.DisposeAsync().ConfigureAwait(false);
    }

    private static void Observe(Task task) =>
        task.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
