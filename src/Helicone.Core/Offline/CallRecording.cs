using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Errors;
using Helicone.Http;

namespace Helicone.Offline;

/// <summary>The recording of one call: keeps a copy of its answer or its error, and hands it over when the call has ended.</summary>
/// <remarks>Only the outcome is recorded. Failures that a retry made good are not, and neither is an answer that broke off.</remarks>
internal sealed class CallRecording(ICallRecorder recorder, ReadOnlyMemory<byte> request, string? cacheSeed, TimeProvider time)
{
    private readonly DateTimeOffset _at = time.GetUtcNow();
    private Capture? _answer;
    private Capture? _error;

    /// <summary>Another attempt begins: the error of the one before is not the outcome.</summary>
    internal void Forget() => Volatile.Write(ref _error, null);

    /// <summary>Keeps a copy of what is read of an answer from now on.</summary>
    internal async Task CaptureAsync(HttpResponseMessage response) => Volatile.Write(ref _answer, await CopyAsync(response).ConfigureAwait(false));

    /// <summary>Keeps a copy of what is read of an error from now on. Of two attempts that race, the loser's doesn't touch the winner's answer.</summary>
    internal async Task CaptureErrorAsync(HttpResponseMessage response) => Volatile.Write(ref _error, await CopyAsync(response).ConfigureAwait(false));

    /// <summary>Records the answer.</summary>
    /// <exception cref="HeliconeException">It can't be recorded. The answer is on the exception.</exception>
    internal async Task AnsweredAsync(ChatCompletion completion, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(_answer, completion.Cost, cancellationToken).ConfigureAwait(false);
        }
        catch (RecordingException e)
        {
            throw new HeliconeException(HeliconeErrorKind.RecordingFailed, e.Message, e) { Completions = [completion], IsTransient = false };
        }
    }

    /// <summary>Records the error that the gateway reported, if it did.</summary>
    internal async Task FailedAsync()
    {
        try
        {
            await WriteAsync(_error, cost: null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RecordingException)
        {
            // The error of the call says more.
        }
    }

    private Task WriteAsync(Capture? capture, decimal? cost, CancellationToken cancellationToken) => capture is null
        ? Task.CompletedTask
        : recorder.WriteAsync(
            new RecordedCall
            {
                At = _at,
                Request = request,
                CacheSeed = cacheSeed,
                StatusCode = capture.StatusCode,
                Headers = capture.Headers,
                Answer = capture.Body.Kept.AsMemory(),
                Cost = cost,
            },
            cancellationToken);

    private static async Task<Capture> CopyAsync(HttpResponseMessage response)
    {
        HttpContent content = response.Content;
        KeyValuePair<string, string>[] headers = [.. response.Headers.Concat(content.Headers).Select(static header => new KeyValuePair<string, string>(header.Key, string.Join(", ", header.Value)))];
        CopyingStream copy = new(await content.ReadAsStreamAsync().ConfigureAwait(false), ResponseBody.MaxAnswerBytes, static (_, _) => { });
        response.Content = new StreamContent(copy);
        foreach (KeyValuePair<string, IEnumerable<string>> header in content.Headers)
        {
            response.Content.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        return new Capture((int)response.StatusCode, headers, copy);
    }

    private sealed record Capture(int StatusCode, IReadOnlyList<KeyValuePair<string, string>> Headers, CopyingStream Body);
}
