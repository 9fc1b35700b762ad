using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
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

    private readonly UpstreamSettings _settings;
    private readonly HttpMessageInvoker _http;

    public UpstreamProvider(UpstreamSettings settings)
    {
        _settings = settings;
        TargetUrl = settings.ChatCompletionsUrl.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

        // An invoker, not a client: no buffering, no timeout of its own. The caller's patience is the timeout.
        _http = new HttpMessageInvoker(CreateHandler(settings), disposeHandler: true);
    }

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
            using HttpRequestMessage message = CreateMessage(attempt, request);
            response = await _http.SendAsync(message, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                return new AttemptError(AttemptErrorType.RequestFailed, Redact(await UpstreamError.ReadMessageAsync(response, cancellationToken)), (int)response.StatusCode);
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
    };

    private HttpRequestMessage CreateMessage(Attempt attempt, InferenceRequest request)
    {
        ByteArrayContent content = new(ForwardedBody.Create(request, attempt.ProviderModelId, Name));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        HttpRequestMessage message = new(HttpMethod.Post, _settings.ChatCompletionsUrl) { Content = content };
        ForwardedHeaders.CopyRequest(request.Headers, message.Headers);
        message.Headers.Authorization = _settings.Key?.ToHeader();
        return message;
    }

    private static async ValueTask<Answer> ReadAnswerAsync(HttpResponseMessage response, InferenceRequest request, CancellationToken cancellationToken)
    {
        MediaTypeHeaderValue? contentType = response.Content.Headers.ContentType;
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (contentType?.MediaType == "text/event-stream")
        {
            return request.Mapping == BodyMapping.None
                ? new RawUpstreamStream(response, body) { StatusCode = (int)response.StatusCode, ContentType = contentType.ToString(), Headers = ForwardedHeaders.OfResponse(response) }
                : new UpstreamStream(response, body) { StatusCode = (int)response.StatusCode, ContentType = StreamedAnswer.EventStream, Headers = ForwardedHeaders.OfResponse(response) };
        }

        PooledBuffer buffer = new((int)Math.Clamp(response.Content.Headers.ContentLength ?? 0, 4096, 1024 * 1024));
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer.GetMemory(), cancellationToken)) > 0)
            {
                buffer.Advance(read);
                if (buffer.Length > LargestAnswer)
                {
                    throw new IOException("the answer is larger than 256 MB");
                }
            }
        }
        catch
        {
            buffer.Dispose();
            throw;
        }

        return new WholeAnswer(buffer) { StatusCode = (int)response.StatusCode, ContentType = contentType?.ToString() ?? "application/json", Headers = ForwardedHeaders.OfResponse(response) };
    }

    private string Redact(string text) => _settings.Key?.Redact(text) ?? text;
}
