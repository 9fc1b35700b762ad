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

    private readonly string _name;
    private readonly McpClient _client;
    private readonly ServerProcess? _process;
    private readonly MessageStream? _output;
    private readonly HttpClient? _http;
    private readonly CancellationTokenSource _listening = new();
    private int _isClosing;

    private McpSession(string name, McpClient client, ServerProcess? process, MessageStream? output, HttpClient? http)
    {
        _name = name;
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

    public bool IsClosed => _client.Completion.IsCompleted || Volatile.Read(ref _isClosing) != 0;

    internal static async Task<IMcpSession> ConnectAsync(McpServerOptions options, IMcpHandler handler, CancellationToken cancellationToken)
    {
        ServerProcess? process = null;
        MessageStream? output = null;
        HttpClient? http = null;
        ServerHttp? requests = null;
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(options.ConnectTimeout);
        try
        {
            IClientTransport transport;
            if (options.Uri is { } uri)
            {
                http = ServerHttp.Create(options, out requests);
                transport = new HttpClientTransport(new HttpClientTransportOptions { Endpoint = uri, Name = options.Name, TransportMode = HttpTransportMode.AutoDetect }, http);
            }
            else
            {
                process = ServerProcess.Start(options);
                output = new MessageStream(process.Output, MessageFraming.Lines, () => handler.Changed("tools"));
                transport = new StreamClientTransport(process.Input, output);
            }

            McpClient client = await McpClient.CreateAsync(transport, Options(options, handler), loggerFactory: null, either.Token).ConfigureAwait(false);
            McpSession session = new(options.Name, client, process, output, http);
            await session.BeginAsync(either.Token).ConfigureAwait(false);
            return session;
        }
        catch (Exception e)
        {
            // The output of a process that ends arrives before it is known that it has ended.
            if (process is not null && e is not OperationCanceledException)
            {
                await Task.Delay(50, CancellationToken.None).ConfigureAwait(false);
            }

            McpException? failure = output?.Failure is { } ended ? Failure(options.Name, ended.Kind, ended.Message, ended, process)
                : e is McpException known ? known
                : cancellationToken.IsCancellationRequested ? null
                : process?.ExitCode is not null ? Failure(options.Name, McpErrorKind.Exited, process.Describe(options.Name), e, process)
                : e is OperationCanceledException or TimeoutException ? Failure(options.Name, McpErrorKind.TimedOut, string.Format(CultureInfo.InvariantCulture, "The MCP server '{0}' didn't respond within {1:0.##} seconds.{2}", options.Name, options.ConnectTimeout.TotalSeconds, output?.Stray is { } stray ? $" It writes text that isn't MCP to its standard output: '{stray}'." : string.Empty), e, process)
                : Translate(options.Name, e, process, requests);
            process?.Dispose();
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
        try
        {
            if (progress is null || method != RequestMethods.ToolsCall)
            {
                return Result(method, await _client.SendRequestAsync(request, cancellationToken).ConfigureAwait(false));
            }

            string token = Guid.NewGuid().ToString("N");
            values["_meta"] = new JsonObject { ["progressToken"] = token };
            IAsyncDisposable registration = _client.RegisterNotificationHandler(NotificationMethods.ProgressNotification, (notification, _) =>
            {
                Report(notification.Params, token, progress);
                return default;
            });
            try
            {
                return Result(method, await _client.SendRequestAsync(request, cancellationToken).ConfigureAwait(false));
            }
            finally
            {
                await registration.DisposeAsync().ConfigureAwait(false);
            }
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
                await Task.Delay(50, CancellationToken.None).ConfigureAwait(false);
            }

            throw Translate(_name, e, _process, null);
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

        try
        {
            await _client.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException or InvalidOperationException or ModelContextProtocol.McpException)
        {
            // A server that is gone can't be told good-bye.
        }

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
            _ = DisposeAsync();
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

    private static McpClientOptions Options(McpServerOptions options, IMcpHandler handler)
    {
        McpClientHandlers handlers = new()
        {
            NotificationHandlers =
            [
                Changed(NotificationMethods.ToolListChangedNotification, "tools", handler),
                Changed(NotificationMethods.ResourceListChangedNotification, "resources", handler),
                Changed(NotificationMethods.PromptListChangedNotification, "prompts", handler),
                new(NotificationMethods.LoggingMessageNotification, (notification, _) =>
                {
                    JsonNode? data = notification.Params is JsonObject fields ? fields["data"] : null;
                    handler.Log(Text((notification.Params as JsonObject)?["level"]) ?? "info", Text(data) ?? data?.ToJsonString() ?? string.Empty);
                    return default;
                }),
            ],
        };
        if (options.AllowElicitation)
        {
            handlers.ElicitationHandler = async (request, token) => Deserialize<ElicitResult>(await handler.ElicitAsync(Serialize(request), token).ConfigureAwait(false));
        }

        if (options.AllowSampling)
        {
            handlers.SamplingHandler = async (request, _, token) =>
            {
                try
                {
                    return Deserialize<CreateMessageResult>(await handler.SampleAsync(Serialize(request), token).ConfigureAwait(false));
                }
                catch (McpException e)
                {
                    throw new McpProtocolException(e.Message, McpErrorCode.InvalidRequest);
                }
            };
        }

        if (options.Roots.Count > 0)
        {
            ListRootsResult roots = new() { Roots = [.. options.Roots.Select(static root => new Root { Uri = new Uri(root).AbsoluteUri, Name = Path.GetFileName(root.TrimEnd(Path.DirectorySeparatorChar)) })] };
            handlers.RootsHandler = (_, _) => new ValueTask<ListRootsResult>(roots);
        }

        return new McpClientOptions
        {
            ClientInfo = new Implementation { Name = "helicone-powershell", Version = Version },
            InitializationTimeout = options.ConnectTimeout,
            Handlers = handlers,
        };
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

    private static McpException Failure(string name, McpErrorKind kind, string message, Exception cause, ServerProcess? process)
    {
        string? error = process?.StandardError;
        if (kind == McpErrorKind.Exited && error is not null)
        {
            message += " It wrote: " + error;
        }

        return new McpException(kind, message, cause) { Server = name, StandardError = error, ExitCode = process?.ExitCode };
    }

    private static McpException Translate(string name, Exception error, ServerProcess? process, ServerHttp? http)
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

        HttpStatusCode? status = http?.Failed ?? Status(error);
        return status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            ? Failure(name, McpErrorKind.Unauthorized, $"The MCP server '{name}' refused the token or the headers ({(int)status}).", error, null)
            : error is JsonException ? Failure(name, McpErrorKind.InvalidResponse, $"The MCP server '{name}' sent an invalid response: {error.Message}", error, null)
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
        if (_client.ServerCapabilities.Logging is not null && !isStateless)
        {
            try
            {
                await RequestAsync(RequestMethods.LoggingSetLevel, "{\"level\":\"info\"}", null, cancellationToken).ConfigureAwait(false);
            }
            catch (McpException)
            {
                // Logs are a convenience.
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
        }
    }

    private async Task DisposeAsync()
    {
        try
        {
            await _client.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Nobody waits for it.
        }

        _http?.Dispose();
    }
}
