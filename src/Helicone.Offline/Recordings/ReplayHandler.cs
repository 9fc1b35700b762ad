using System.Collections.Generic;
using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Errors;

namespace Helicone.Offline.Recordings;

/// <summary>Answers chats with what was recorded, byte for byte. Nothing is sent.</summary>
internal sealed class ReplayHandler(Recording recording) : HttpMessageHandler
{
    private readonly RecordingMask _mask = new(key: null);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        HttpResponseMessage response = LocalPaths.IsChat(request)
            ? Replay(request, await LocalPaths.BodyAsync(request).ConfigureAwait(false))
            : LocalPaths.Answer(request);
        response.RequestMessage = request;
        return response;
    }

    private HttpResponseMessage Replay(HttpRequestMessage request, byte[] json)
    {
        using JsonDocument body = JsonDocument.Parse(json, OfflineJson.DocumentOptions);
        if (LocalPaths.ModelOf(body.RootElement) is null)
        {
            return LocalPaths.Text(HttpStatusCode.BadRequest, LocalPaths.NoModel);
        }

        string? seed = request.Headers.TryGetValues("Helicone-Cache-Seed", out IEnumerable<string>? seeds) ? string.Join(", ", seeds) : null;
        if (recording.Take(ChatCall.Fingerprint(json, seed, gateway: null), out IReadOnlyList<RecordedAnswer> taken) is { } answer)
        {
            return Respond(answer);
        }

        string what = taken.Count switch
        {
            0 => Nearest(json),
            1 => $"It has one, in line {taken[0].Line}, which has already been replayed.",
            _ => string.Format(CultureInfo.InvariantCulture, "It has {0}, the last in line {1}, which have already been replayed.", taken.Count, taken[taken.Count - 1].Line),
        };
        throw new HeliconeException(HeliconeErrorKind.RecordingMissing, $"The recording '{recording.Path}' has no {(taken.Count == 0 ? "answer to this request" : "further answer to this request")}. {what}") { IsTransient = false };
    }

    private string Nearest(byte[] json)
    {
        using JsonDocument masked = JsonDocument.Parse(_mask.Mask(Encoding.UTF8.GetString(json)), OfflineJson.DocumentOptions);
        return RequestDifference.Describe(masked.RootElement, recording.All);
    }

    private static HttpResponseMessage Respond(RecordedAnswer answer)
    {
        HttpResponseMessage response = new((HttpStatusCode)answer.StatusCode);
        if (answer.Pieces.Count == 1)
        {
            response.Content = new ByteArrayContent(answer.Pieces[0]);
        }
        else
        {
            int next = 0;
            response.Content = new StreamContent(new PieceStream(_ => Task.FromResult(next < answer.Pieces.Count ? answer.Pieces[next++] : null)));
        }

        foreach (KeyValuePair<string, string> header in answer.Headers)
        {
            if (!response.Headers.TryAddWithoutValidation(header.Key, header.Value))
            {
                response.Content.Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }

        if (answer.StatusCode != (int)HttpStatusCode.OK)
        {
            // It is the outcome of a call: its retries were made when it was recorded.
            response.Headers.Remove("x-should-retry");
            response.Headers.TryAddWithoutValidation("x-should-retry", "false");
        }

        if (answer.Cost is { } cost)
        {
            response.Headers.Remove(ChatCall.RecordedCostHeader);
            response.Headers.TryAddWithoutValidation(ChatCall.RecordedCostHeader, cost.ToString(CultureInfo.InvariantCulture));
        }

        return response;
    }
}
