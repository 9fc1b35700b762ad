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

/// <summary>The recording of one call: keeps a copy of its latest answer, and hands it over when the call has ended.</summary>
/// <remarks>Only the outcome is recorded. Failures that a retry made good are not, and neither is an answer that broke off.</remarks>
internal sealed class CallRecording(ICallRecorder recorder, ReadOnlyMemory<byte> request, string? cacheSeed, TimeProvider time)
{
    private readonly DateTimeOffset _at = time.GetUtcNow();
    private HttpResponseMessage? _response;
    private KeyValuePair<string, string>[] _headers = [];
    private CopyingStream? _copy;

    /// <summary>Another attempt begins: what came before it is not the outcome.</summary>
    internal void Forget() => Volatile.Write(ref _copy, null);

    /// <summary>Keeps a copy of what is read of a response from now on.</summary>
    internal async Task CaptureAsync(HttpResponseMessage response)
    {
        HttpContent content = response.Content;
        _headers = [.. response.Headers.Concat(content.Headers).Select(static header => new KeyValuePair<string, string>(header.Key, string.Join(", ", header.Value)))];
        CopyingStream copy = new(await content.ReadAsStreamAsync().ConfigureAwait(false), ResponseBody.MaxAnswerBytes, static (_, _) => { });
        response.Content = new StreamContent(copy);
        foreach (KeyValuePair<string, IEnumerable<string>> header in content.Headers)
        {
            response.Content.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        _response = response;
        Volatile.Write(ref _copy, copy);
    }

    /// <summary>Records the answer.</summary>
    /// <exception cref="HeliconeException">It can't be recorded. The answer is on the exception.</exception>
    internal async Task AnsweredAsync(ChatCompletion completion, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(completion.Cost, cancellationToken).ConfigureAwait(false);
        }
        catch (RecordingException e)
        {
            throw new HeliconeException(HeliconeErrorKind.RecordingFailed, e.Message, e) { Completions = [completion], IsTransient = false };
        }
    }

    /// <summary>Records the error that the gateway reported, if it did.</summary>
    internal async Task FailedAsync()
    {
        if (_copy is null || _response?.StatusCode == System.Net.HttpStatusCode.OK)
        {
            return;
        }

        try
        {
            await WriteAsync(cost: null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RecordingException)
        {
            // The error of the call says more.
        }
    }

    private Task WriteAsync(decimal? cost, CancellationToken cancellationToken) => _copy is { } copy
        ? recorder.WriteAsync(
            new RecordedCall
            {
                At = _at,
                Request = request,
                CacheSeed = cacheSeed,
                StatusCode = (int)_response!.StatusCode,
                Headers = _headers,
                Answer = copy.Kept.AsMemory(),
                Cost = cost,
            },
            cancellationToken)
        : Task.CompletedTask;
}
