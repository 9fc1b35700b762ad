using System;
using System.IO;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Resilience;

namespace Helicone.Http;

/// <summary>Reads whole bodies, within bounds of size and time.</summary>
internal static class ResponseBody
{
    /// <summary>No answer of a model comes near it; a server that sends without end must not fill the memory.</summary>
    internal const int MaxAnswerBytes = 64 * 1024 * 1024;

    /// <summary>More of an error is not read.</summary>
    internal const int MaxErrorBytes = 256 * 1024;

    // What a server announces is not yet what it sends.
    private const int MaxFirstBuffer = 1024 * 1024;

    /// <summary>Reads a body to its end.</summary>
    /// <param name="response">Whose body.</param>
    /// <param name="run">The call, for its limits.</param>
    /// <param name="limit">The most bytes to take.</param>
    /// <param name="truncate">For the body of an error, of which any part is better than none: gives what came when it is too large or breaks off.</param>
    /// <exception cref="HeliconeException">It is larger than the limit, broke off, is not what its header calls it, or took too long.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    internal static Task<ArraySegment<byte>> ReadAsync(HttpResponseMessage response, CallRun run, int limit, bool truncate) =>
        ReadAsync(response, run, run.Watchdog, limit, truncate);

    /// <summary>The same, under the eyes of another watchdog than the call's own.</summary>
    internal static async Task<ArraySegment<byte>> ReadAsync(HttpResponseMessage response, CallRun run, Watchdog watchdog, int limit, bool truncate)
    {
        CancellationToken cancellationToken = watchdog.Token;
        watchdog.Begin(TimeoutPhase.Idle, run.IdleTimeout);
        using CancellationTokenRegistration abort = AbortOnCancel(response, cancellationToken);
        long? length = response.Content.Headers.ContentLength;
        byte[] buffer = new byte[length is > 0 ? Math.Min(length.Value + 1, Math.Min(limit, MaxFirstBuffer)) : 4096];
        int count = 0;
        try
        {
            using Stream stream = await OpenAsync(response, cancellationToken).ConfigureAwait(false);
            while (true)
            {
                if (count == buffer.Length)
                {
                    if (count >= limit)
                    {
                        if (truncate)
                        {
                            break;
                        }

                        throw new HeliconeException(HeliconeErrorKind.MalformedResponse, $"The answer is larger than {limit / 1024 / 1024} MB.") { IsTransient = false, StatusCode = (int)response.StatusCode };
                    }

                    Array.Resize(ref buffer, (int)Math.Min((long)buffer.Length * 2, limit));
                }

                int read = await stream.ReadAsync(buffer, count, buffer.Length - count, cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                count += read;
                watchdog.Touch();
            }
        }
        catch (Exception e) when (IsBreak(e) || IsUndecodable(e))
        {
            Exception meaning = IsUndecodable(e) && !cancellationToken.IsCancellationRequested
                ? new HeliconeException(HeliconeErrorKind.MalformedResponse, "The answer cannot be decompressed: " + e.Message, e) { StatusCode = (int)response.StatusCode }
                : run.Interpret(e, partialText: null, watchdog);
            if (!truncate || meaning is not HeliconeException { TimeoutPhase: null or TimeoutPhase.Idle })
            {
                throw meaning;
            }

            // Its status and headers are still valid.
        }

        watchdog.Pause();
        return new ArraySegment<byte>(buffer, 0, count);
    }

    /// <summary>Indicates whether an exception means that the body did not come to its end.</summary>
    internal static bool IsBreak(Exception e) => e is IOException or HttpRequestException or ObjectDisposedException or OperationCanceledException;

    /// <summary>Indicates whether an exception means that a body isn't compressed although its header declares it: Brotli's stream throws an InvalidOperationException.</summary>
    internal static bool IsUndecodable(Exception e) => e is InvalidDataException or InvalidOperationException and not ObjectDisposedException;

    internal static Task<Stream> OpenAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
#if NET
        return response.Content.ReadAsStreamAsync(cancellationToken);
#else
        _ = cancellationToken;
        return response.Content.ReadAsStreamAsync();
#endif
    }

    /// <summary>Reads the error that a response reports with its status and its body.</summary>
    /// <exception cref="HeliconeException">The total ran out.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    internal static async Task<HeliconeException> ReadErrorAsync(HttpResponseMessage response, CallRun run, Watchdog watchdog, HeliconeOptions options)
    {
        ArraySegment<byte> body = await ReadAsync(response, run, watchdog, MaxErrorBytes, truncate: true).ConfigureAwait(false);
        return GatewayErrorReader.Read((int)response.StatusCode, response.Headers, body.AsSpan(), options.TimeProvider.GetUtcNow(), options.ApiKey);
    }

    /// <summary>On .NET Framework a read does not look at its token once it waits; closing the response ends it.</summary>
    internal static CancellationTokenRegistration AbortOnCancel(HttpResponseMessage response, CancellationToken cancellationToken)
    {
#if NET
        _ = response;
        _ = cancellationToken;
        return default;
#else
        return cancellationToken.Register(static state => ((HttpResponseMessage)state!).Dispose(), response);
#endif
    }
}
