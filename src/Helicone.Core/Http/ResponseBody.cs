using System;
using System.IO;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;

namespace Helicone.Http;

/// <summary>Reads whole bodies, within bounds of size and time.</summary>
internal static class ResponseBody
{
    /// <summary>No answer of a model comes near it; a server that sends without end must not fill the memory.</summary>
    internal const int MaxAnswerBytes = 64 * 1024 * 1024;

    /// <summary>More of an error is not read.</summary>
    internal const int MaxErrorBytes = 256 * 1024;

    /// <exception cref="HeliconeException">It is larger than the limit.</exception>
    internal static async Task<ArraySegment<byte>> ReadAsync(HttpResponseMessage response, CallRun run, int limit, bool truncate)
    {
        CancellationToken cancellationToken = run.Token;
        run.Watchdog.Begin(TimeoutPhase.Idle, run.IdleTimeout);
        using CancellationTokenRegistration abort = AbortOnCancel(response, cancellationToken);
        using Stream stream = await OpenAsync(response, cancellationToken).ConfigureAwait(false);
        long? length = response.Content.Headers.ContentLength;
        byte[] buffer = new byte[length is > 0 ? Math.Min(length.Value + 1, limit) : 4096];
        int count = 0;
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
            run.Watchdog.Touch();
        }

        run.Watchdog.EndPhase();
        return new ArraySegment<byte>(buffer, 0, count);
    }

    internal static Task<Stream> OpenAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
#if NET
        return response.Content.ReadAsStreamAsync(cancellationToken);
#else
        _ = cancellationToken;
        return response.Content.ReadAsStreamAsync();
#endif
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
