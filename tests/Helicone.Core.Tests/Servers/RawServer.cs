using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Helicone.Core.Tests.Servers;

/// <summary>A TCP server that answers byte by byte as a test specifies, for everything that a well-behaved HTTP server doesn't do.</summary>
public sealed class RawServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<RawExchange, Task> _answer;
    private readonly Func<Socket, CancellationToken, Task>? _greet;
    private readonly byte[] _other;
    private Task _accepting = Task.CompletedTask;
    private int _requests;
    private int _connections;
    private int _busy;

    /// <param name="answer">What is answered to a request.</param>
    /// <param name="port">Where to listen; any free port when 0.</param>
    /// <param name="listen">Without, the address is taken and every connection refused until <see cref="Listen"/>.</param>
    /// <param name="registry">What is answered to everything but chats; 404 where that is nothing.</param>
    /// <param name="greet">All that happens on a connection, instead of reading requests from it.</param>
    public RawServer(Func<RawExchange, Task> answer, int port = 0, bool listen = true, string? registry = null, Func<Socket, CancellationToken, Task>? greet = null)
    {
        _answer = answer;
        _greet = greet;
        _other = registry is null
            ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray()
            : Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {Encoding.UTF8.GetByteCount(registry)}\r\n\r\n{registry}");
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, port != 0);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        Uri = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/");
        if (listen)
        {
            Listen();
        }
    }

    public Uri Uri { get; }

    /// <summary>How many connections were accepted.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>How many connections are neither closed nor waiting for their next request.</summary>
    public int Busy => Volatile.Read(ref _busy);

    /// <summary>How many chat requests arrived whole.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Request line and headers of the last of them, read as UTF-8.</summary>
    public string LastHead { get; private set; } = string.Empty;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    /// <summary>Begins to accept connections.</summary>
    public void Listen()
    {
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                connections.Add(ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException && _stop.IsCancellationRequested)
        {
            // Stopped, perhaps between two connections.
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                if (_greet is not null)
                {
                    await BusyAsync(() => _greet(socket, _stop.Token));
                    return;
                }

                while (await ReadRequestAsync(socket) is (string head, string body))
                {
                    int number = head.Contains("/v1/chat/completions", StringComparison.Ordinal) ? Interlocked.Increment(ref _requests) : 0;
                    if (number == 0)
                    {
                        await socket.SendAsync(_other, _stop.Token);
                        continue;
                    }

                    LastHead = head + "\r\n";
                    RawExchange exchange = new(socket, number, _stop.Token) { Body = body };
                    await BusyAsync(() => _answer(exchange));
                    if (exchange.Closed)
                    {
                        return;
                    }
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The client is gone, or the test has ended: both end the connection.
            }
        }
    }

    private async Task BusyAsync(Func<Task> work)
    {
        Interlocked.Increment(ref _busy);
        try
        {
            await work();
        }
        finally
        {
            Interlocked.Decrement(ref _busy);
        }
    }

    private async Task<(string Head, string Body)?> ReadRequestAsync(Socket socket)
    {
        byte[] buffer = new byte[64 * 1024];
        int count = 0;
        int end;
        while ((end = buffer.AsSpan(0, count).IndexOf("\r\n\r\n"u8)) < 0)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(count), _stop.Token);
            if (read == 0)
            {
                return null;
            }

            count += read;
        }

        string head = Encoding.UTF8.GetString(buffer, 0, end);
        int length = head.Split("\r\n").Select(l => l.Split(": ", 2)).Where(l => l[0].Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Select(l => int.Parse(l[1], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();
        byte[] body = new byte[length];
        int had = Math.Min(length, count - end - 4);
        buffer.AsSpan(end + 4, had).CopyTo(body);
        while (had < length)
        {
            int read = await socket.ReceiveAsync(body.AsMemory(had), _stop.Token);
            if (read == 0)
            {
                return null;
            }

            had += read;
        }

        return (head, Encoding.UTF8.GetString(body));
    }
}

/// <summary>One request and what is answered to it.</summary>
public sealed class RawExchange(Socket socket, int number, CancellationToken stop)
{
    /// <summary>1 for the first request of the server.</summary>
    public int Number { get; } = number;

    /// <summary>What was asked.</summary>
    public string Body { get; init; } = string.Empty;

    public bool Closed { get; private set; }

    public CancellationToken Stop { get; } = stop;

    public async Task SendAsync(string text) => await socket.SendAsync(Encoding.UTF8.GetBytes(text), Stop);

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await socket.SendAsync(bytes, Stop);

    /// <summary>A whole response with a length.</summary>
    public Task RespondAsync(int status, string body, string contentType = "application/json", params string[] headers) => SendAsync(
        $"HTTP/1.1 {status} X\r\nContent-Type: {contentType}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n{body}");

    /// <summary>The head of a chunked event stream.</summary>
    public Task BeginEventsAsync() => SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");

    public Task ChunkAsync(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return SendAsync($"{bytes.Length:x}\r\n{text}\r\n");
    }

    public Task EndAsync() => SendAsync("0\r\n\r\n");

    /// <summary>An orderly end of the connection.</summary>
    public void Close()
    {
        socket.Shutdown(SocketShutdown.Both);
        Closed = true;
    }

    /// <summary>A reset.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
        Closed = true;
    }

    /// <summary>Sends nothing until the client disconnects; true when it did.</summary>
    public async Task<bool> WaitForClientToLeaveAsync()
    {
        byte[] one = new byte[1];
        try
        {
            return await socket.ReceiveAsync(one.AsMemory(), Stop) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
