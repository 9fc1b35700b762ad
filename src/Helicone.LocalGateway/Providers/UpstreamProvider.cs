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
using Helicone.LocalGateway.Requests;
using Helicone.LocalGateway.Routing;
using Helicone.Offline.Errors;

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
        TargetUrl = Shown(settings.ChatCompletionsUrl);

        // An invoker instead of a client: without buffering and without a timeout. ProviderPatience has the timeouts.
        _http = new HttpMessageInvoker(CreateHandler(settings), disposeHandler: true);
    }

    public UpstreamSettings Settings => _settings;

    public override string Name => _settings.Name;

    public override int Priority => _settings.Priority;

    public override string TargetUrl { get; }

    public override ProviderDialect Dialect => _settings.Dialect;

    public string? Deployment => _settings.Deployment;

    public Uri BaseUrl => _settings.BaseUrl;

    public override string TargetUrlOf(BodyMapping? mapping) => mapping == BodyMapping.None ? Shown(_settings.NativeUrl) : TargetUrl;

    public override async ValueTask<AttemptResult> AskAsync(Attempt attempt, InferenceRequest request, CancellationToken cancellationToken)
    {
        if (request.Mapping == BodyMapping.Responses)
        {
            return new AttemptError(AttemptErrorType.InvalidFormat, "The local gateway serves chat completions, not the Responses API.", 400);
        }

        ProviderPatience? patience = Patience(request, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            using HttpRequestMessage call = CreateMessage(attempt, request);
            response = await patience.SendAsync(_http, call);
            Stream body = new PatientStream(await response.Content.ReadAsStreamAsync(cancellationToken), patience);
            if (!response.IsSuccessStatusCode)
            {
                return await ReadRefusalAsync(response, body, cancellationToken);
            }

            AttemptResult result = await ReadAnswerAsync(response, body, patience, request, cancellationToken);
            if (result.Answer is StreamedAnswer)
            {
                // The stream reads on from the response and disposes of it.
                response = null;
                patience = null;
            }

            return result;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int status = e is ProviderTimeoutException ? 504 : 500;
            return new AttemptError(AttemptErrorType.RequestFailed, Redact($"{Name} did not answer: {e.Message}"), status);
        }
        finally
        {
            response?.Dispose();
            patience?.Dispose();
        }
    }

    public void Dispose() => _http.Dispose();

    private static string Shown(Uri url) => url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

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

    private ProviderPatience Patience(InferenceRequest request, CancellationToken cancellationToken)
    {
        // Helicone-Increase-Timeout: half an hour, as on Helicone's cloud.
        TimeSpan least = request.Headers["Helicone-Increase-Timeout"].ToString() == "true" ? TimeSpan.FromMinutes(30) : TimeSpan.Zero;
        return new ProviderPatience(Max(_settings.HeaderTimeout, least), Max(_settings.IdleTimeout, least), cancellationToken);
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private HttpRequestMessage CreateMessage(Attempt attempt, InferenceRequest request)
    {
        ForwardedContent content = new(attempt.BodyOf(request));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        NativeApi? native = request.Mapping == BodyMapping.None ? Dialect.Native : null;
        HttpRequestMessage message = new(HttpMethod.Post, native is null ? _settings.ChatCompletionsUrl : _settings.NativeUrl) 
        {
            Content = content,
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        ForwardedHeaders.CopyRequest(request.Headers, message.Headers);
        if (native is null)
        {
            message.Headers.Authorization = _settings.Key?.ToHeader();
            return message;
        }

        if (!message.Headers.Contains(native.VersionHeader))
        {
            message.Headers.Add(native.VersionHeader, native.Version);
        }

        _settings.Key?.AddTo(message.Headers, native.KeyHeader);
        return message;
    }

    private async ValueTask<AttemptError> ReadRefusalAsync(HttpResponseMessage response, Stream body, CancellationToken cancellationToken)
    {
        int status = (int)response.StatusCode;
        string message = await UpstreamError.ReadMessageAsync(body, status, cancellationToken);
        return new AttemptError(AttemptErrorType.RequestFailed, Redact(message), status) { RetryAfter = ForwardedHeaders.RetryAfter(response) };
    }

    private async ValueTask<AttemptResult> ReadAnswerAsync(
        HttpResponseMessage response,
        Stream body,
        ProviderPatience patience,
        InferenceRequest request,
        CancellationToken cancellationToken)
    {
        int status = (int)response.StatusCode;
        IReadOnlyList<KeyValuePair<string, string>> headers = ForwardedHeaders.OfResponse(response);
        MediaTypeHeaderValue? contentType = response.Content.Headers.ContentType;
        AnswerFault? fault;
        if (contentType?.MediaType != "text/event-stream")
        {
            PooledBuffer whole = await ReadWholeAsync(body, response.Content.Headers.ContentLength, cancellationToken);
            fault = AnswerCheck.OfWhole(whole.WrittenMemory.Span, request.Mapping);
            if (fault is null)
            {
                int start = request.Mapping == BodyMapping.OpenAI ? whole.Length - AnswerCheck.SkipByteOrderMark(whole.WrittenMemory.Span).Length : 0;
                return new WholeAnswer(whole, start) { StatusCode = status, ContentType = contentType?.MediaType ?? "application/json", Headers = headers };
            }

            whole.Dispose();
            return Failed(fault.Value, response);
        }

        UpstreamEvents events = request.Mapping == BodyMapping.None
            ? new RawUpstreamStream(response, body, patience) { StatusCode = status, ContentType = contentType.MediaType, Headers = headers }
            : new UpstreamStream(response, body) { StatusCode = status, ContentType = StreamedAnswer.EventStream, Headers = headers };
        try
        {
            fault = await events.BeginAsync(cancellationToken);
            if (fault is null)
            {
                return events;
            }
        }
        catch
        {
            await events.DisposeAsync();
            throw;
        }

        await events.DisposeAsync();
        return Failed(fault.Value, response);
    }

    private AttemptError Failed(AnswerFault fault, HttpResponseMessage response) =>
        new(AttemptErrorType.RequestFailed, Redact(fault.IsProvidersOwn ? fault.Message : $"{Name} {fault.Message}."), fault.StatusCode)
        {
            RetryAfter = ForwardedHeaders.RetryAfter(response),
        };

    /// <summary>To its end before the client gets a byte of it: an answer that breaks off is a failed attempt, and the next provider is asked.</summary>
    private static async ValueTask<PooledBuffer> ReadWholeAsync(Stream body, long? length, CancellationToken cancellationToken)
    {
        PooledBuffer whole = new((int)Math.Clamp(length ?? 0, 4096, LargestFirstBuffer), MemoryBudget.OfProcess, (int)Math.Clamp(length ?? 0, 0, LargestAnswer), isRefusable: false);
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
