using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Helicone.Bench.Gateway;

/// <summary>One connection that asks, reads the answer to its end, and asks again. Bare sockets: the client shares the machine with what it measures.</summary>
internal sealed class LoadConnection(Uri target, string key, bool streamed) : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly byte[] _request = Request(target, key, streamed);

    public async Task ConnectAsync() => await _socket.ConnectAsync(IPAddress.Loopback, target.Port);

    /// <summary>Calls until the time is over; adds each call's microseconds.</summary>
    public async Task RunAsync(TimeSpan duration, List<double> latencies)
    {
        long end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        long now = Stopwatch.GetTimestamp();
        while (now < end)
        {
            await _socket.SendAsync(_request);
            await ReadAnswerAsync();
            long done = Stopwatch.GetTimestamp();
            latencies.Add((done - now) * 1e6 / Stopwatch.Frequency);
            now = done;
        }
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Request(Uri target, string key, bool streamed)
    {
        string body = $$"""{"model":"gpt-4o-mini/openai","stream":{{(streamed ? "true" : "false")}},"messages":[{"role":"system","content":"Answer in one sentence."},{"role":"user","content":"Why is the sky blue? I have always wondered about that, and nobody could tell me."}],"temperature":0.2}""";

        // With everything on that a careful script turns on: session, user, properties, a look into the cache, a limit.
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{target.Port}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nHelicone-User-Id: user-7\r\nHelicone-Session-Id: 7a2e3f90-1111-4222-8333-444455556666\r\nHelicone-Session-Path: /bench\r\nHelicone-Property-Environment: bench\r\nHelicone-Cache-Read: true\r\nHelicone-RateLimit-Policy: 1000000000;w=60;u=request;s=user\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
    }

    private async Task ReadAnswerAsync()
    {
        int filled = 0;
        int headers = -1;
        long length = -1;
        while (true)
        {
            int read = await _socket.ReceiveAsync(_buffer.AsMemory(filled));
            if (read == 0)
            {
                throw new InvalidOperationException("The connection was closed: " + Encoding.UTF8.GetString(_buffer, 0, filled));
            }

            filled += read;
            if (headers < 0 && (headers = _buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) >= 0)
            {
                ReadOnlySpan<byte> head = _buffer.AsSpan(0, headers);
                if (!head.StartsWith("HTTP/1.1 200"u8))
                {
                    throw new InvalidOperationException(Encoding.UTF8.GetString(_buffer, 0, filled));
                }

                int at = head.IndexOf("Content-Length: "u8);
                if (at >= 0)
                {
                    System.Buffers.Text.Utf8Parser.TryParse(head[(at + 16)..], out length, out _);
                }
            }

            if (headers >= 0 && (length >= 0 ? filled >= headers + 4 + length : _buffer.AsSpan(0, filled).EndsWith("0\r\n\r\n"u8)))
            {
                return;
            }

            if (filled > _buffer.Length / 2 && length < 0)
            {
                // Only the end of a stream is waited for.
                _buffer.AsSpan(filled - 8, 8).CopyTo(_buffer);
                filled = 8;
            }
        }
    }
}
