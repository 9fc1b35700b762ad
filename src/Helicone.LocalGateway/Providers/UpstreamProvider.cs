using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Answers;
using Helicone.LocalGateway.Errors;
using Helicone.LocalGateway.Requests;
using Helicone.LocalGateway.Routing;

namespace Helicone.LocalGateway.Providers;

/// <summary>A provider behind an OpenAI-compatible endpoint.</summary>
internal sealed class UpstreamProvider : Provider, IDisposable
{
    private const int LargestAnswer = 256 * 1024 * 1024;
    private const int LargestFirstBuffer = 1024 * 1024;

    private readonly UpstreamSettings _settings;
    private readonly HttpMessageInvoker _http;

    public UpstreamProvider(UpstreamSettings settings)
    {
        _settings = settings;
        TargetUrl = settings.ChatCompletionsUrl.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

        // An invoker, not a client: no buffering, no timeout of its own. The caller's patience is the timeout.
        _http = new HttpMessageInvoker(CreateHandler(settings), disposeHandler: true);
    }

    public UpstreamSettings Settings => _settings;

    public override string Name => _settings.Name;

    public override int Priority => _settings.Priority;

    public override string TargetUrl { get; }

    public string? Deployment => _settings.Deployment;

    public Uri BaseUrl => _settings.BaseUrl;

    public override async ValueTask<AttemptResult> AskAsync(Attempt attempt, InferenceRequest request, CancellationToken cancellationToken)
    {
        if (request.Mapping == BodyMapping.Responses)
        {
            return new AttemptError(AttemptErrorType.InvalidFormat, "The local gateway serves chat completions, not the Responses API.", 400);
        }

        HttpResponseMessage? response = null;
        try
        {
            using HttpRequestMessage call = CreateMessage(attempt, request);
            response = await _http.SendAsync(call, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                string message = await UpstreamError.ReadMessageAsync(response, cancellationToken);
                return new AttemptError(AttemptErrorType.RequestFailed, Redact(message), (int)response.StatusCode);
            }

            Answer answer = await ReadAnswerAsync(response, request, cancellationToken);
            if (answer is StreamedAnswer)
            {
                // The stream reads on from the response and disposes of it.
                response = null;
            }

            return answer;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new AttemptError(AttemptErrorType.RequestFailed, Redact($"{Name} did not answer: {e.Message}"), 500);
        }
        finally
        {
            response?.Dispose();
        }
    }

    public void Dispose() => _http.Dispose();

    private static SocketsHttpHandler CreateHandler(UpstreamSettings settings) => new()
    {
        // A redirect would carry the prompt, and the key, to a host that nobody chose.
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = !settings.BaseUrl.IsLoopback,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ActivityHeadersPropagator = null,

        // Without it, one header of the client's that is not ASCII would fail the call.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
    };

    private HttpRequestMessage CreateMessage(Attempt attempt, InferenceRequest request)
    {
        ByteArrayContent content = new(attempt.BodyOf(request));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        HttpRequestMessage message = new(HttpMethod.Post, _settings.ChatCompletionsUrl) { Content = content };
        ForwardedHeaders.CopyRequest(request.Headers, message.Headers);
        message.Headers.Authorization = _settings.Key?.ToHeader();
        return message;
    }

    private static async ValueTask<Answer> ReadAnswerAsync(HttpResponseMessage response, InferenceRequest request, CancellationToken cancellationToken)
    {
        int status = (int)response.StatusCode;
        IReadOnlyList<KeyValuePair<string, string>> headers = ForwardedHeaders.OfResponse(response);
        MediaTypeHeaderValue? contentType = response.Content.Headers.ContentType;
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (contentType?.MediaType != "text/event-stream")
        {
            PooledBuffer whole = await ReadWholeAsync(body, response.Content.Headers.ContentLength, cancellationToken);
            return new WholeAnswer(whole) { StatusCode = status, ContentType = contentType?.MediaType ?? "application/json", Headers = headers };
        }

        return request.Mapping == BodyMapping.None
            ? new RawUpstreamStream(response, body) { StatusCode = status, ContentType = contentType.MediaType, Headers = headers }
            : new UpstreamStream(response, body) { StatusCode = status, ContentType = StreamedAnswer.EventStream, Headers = headers };
    }

    /// <summary>To its end before the client gets a byte of it: an answer that breaks off is a failed attempt, and the next provider is asked.</summary>
    private static async ValueTask<PooledBuffer> ReadWholeAsync(Stream body, long? length, CancellationToken cancellationToken)
    {
        PooledBuffer whole = new((int)Math.Clamp(length ?? 0, 4096, LargestFirstBuffer));
        try
        {
            int read;
            while ((read = await body.ReadAsync(whole.GetMemory(), cancellationToken)) > 0)
            {
                whole.Advance(read);
                if (whole.Length > LargestAnswer)
                {
                    throw new IOException("its answer is larger than 256 MB");
                }
            }

            return whole;
        }
        catch
        {
            whole.Dispose();
            throw;
        }
    }

    private string Redact(string text) => _settings.Key?.Redact(text) ?? text;
}
