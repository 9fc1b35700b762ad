using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Offline.Errors;
using Helicone.Registry;
using Helicone.Spending;

namespace Helicone.Offline;

/// <summary>Answers the client's requests in its own process, with the gateway's protocol: nothing is sent, and no model runs.</summary>
/// <remarks>
/// A model without a provider is asked when the bundled registry lists it, or a scenario names it, so that a typo fails as it does at a gateway.
/// A model with a provider is asked whatever its name is.
/// </remarks>
internal sealed class OfflineHandler(OfflineSettings settings, TimeProvider time) : HttpMessageHandler
{
    private const string Provider = "offline";

    private readonly OfflineScenarios _scenarios = new(settings.Scenarios);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = LocalPaths.IsChat(request)
            ? await ChatAsync(request, await LocalPaths.BodyAsync(request).ConfigureAwait(false), cancellationToken).ConfigureAwait(false)
            : LocalPaths.Answer(request);
        response.RequestMessage = request;
        return response;
    }

    private async Task<HttpResponseMessage> ChatAsync(HttpRequestMessage request, byte[] json, CancellationToken cancellationToken)
    {
        string id = Guid.NewGuid().ToString("D");
        JsonDocument body;
        try
        {
            body = JsonDocument.Parse(json, OfflineJson.DocumentOptions);
        }
        catch (JsonException)
        {
            return LocalPaths.Text(HttpStatusCode.BadRequest, "Invalid JSON in request body");
        }

        using (body)
        {
            if (LocalPaths.ModelOf(body.RootElement) is not { } models)
            {
                return LocalPaths.Text(HttpStatusCode.BadRequest, LocalPaths.NoModel);
            }

            bool isStreaming = body.RootElement.TryGetProperty("stream", out JsonElement stream) && stream.ValueKind == JsonValueKind.True;
            List<AttemptError> errors = [];
            foreach (string model in Served(models))
            {
                OfflineReply reply;
                OfflineRequest heard;
                try
                {
                    heard = OfflineRequest.Parse(id, model, isStreaming, name => Header(request, name), json, body.RootElement);
                    reply = _scenarios.For(heard) ?? OfflineReplies.For(heard, OfflineOrigin.Process);
                }
                catch (Exception e) when (e is FormatException or InvalidOperationException)
                {
                    // InvalidOperationException: a string of the body is no valid UTF-8.
                    errors.Add(new AttemptError(AttemptErrorType.InvalidFormat, e.Message, 400, Source(model)));
                    continue;
                }

                if (reply.Failure is { } failure)
                {
                    await WaitAsync(reply.Latency, cancellationToken).ConfigureAwait(false);
                    errors.Add(failure with { Source = Source(model) });
                    if (failure.IsHeliconeRefusal && errors.Count == 1)
                    {
                        break;
                    }

                    continue;
                }

                if (reply.Envelope is { } envelope)
                {
                    await WaitAsync(reply.Latency, cancellationToken).ConfigureAwait(false);
                    return Refused(envelope, id);
                }

                OfflineCompletion completion = new(heard, reply, time.GetUtcNow(), settings.HasPrices ? Price : null);
                if (isStreaming)
                {
                    return Success(new StreamContent(new PieceStream(new OfflineEvents(completion, reply, time).NextAsync)), "text/event-stream; charset=utf-8", id);
                }

                await WaitAsync(reply.Latency, cancellationToken).ConfigureAwait(false);
                return Success(new ByteArrayContent(OfflineJson.Utf8(completion.WriteWhole)), "application/json", id);
            }

            return Failed(ErrorEnvelope.For(errors.Count > 0 ? errors : [NoProviders]), id);
        }
    }

    private static AttemptError NoProviders { get; } = new(
        AttemptErrorType.RequestFailed,
        "No available providers for the requested models. Check provider names and see supported models at https://helicone.ai/models",
        400,
        "No available providers");

    /// <summary>The models of a route that the offline model stands for, in their order.</summary>
    private IEnumerable<string> Served(string models)
    {
        foreach (string element in models.Split(',').Select(static element => element.Trim()))
        {
            string[] parts = element.Split('/');
            string model = parts[0].EndsWith(":online", StringComparison.Ordinal) ? parts[0].Substring(0, parts[0].Length - ":online".Length) : parts[0];
            if (!element.StartsWith("!", StringComparison.Ordinal) && model.Length > 0 && (parts.Length > 1 || _scenarios.Names(model) || ServedEndpoint.Models(BundledRegistry.Value, model).Length > 0))
            {
                yield return model;
            }
        }
    }

    /// <summary>The cheapest endpoint of a model.</summary>
    private static ModelEndpoint? Price(string model) => ServedEndpoint.Models(BundledRegistry.Value, model)
        .SelectMany(static m => m.Endpoints)
        .Where(static e => e.Pricing is not null)
        .OrderBy(static e => e.Pricing!.Prompt + e.Pricing.Completion)
        .FirstOrDefault();

    private static string Source(string model) => $"{model}/{Provider}/ptb";

    private static string? Header(HttpRequestMessage request, string name) =>
        request.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(", ", values.Select(ReadHeader)) : null;

    // On .NET Framework the client passes the bytes of UTF-8 as characters of Latin-1.
    private static string ReadHeader(string value) =>
#if NET
        value;
#else
        Encoding.UTF8.GetString(Encoding.GetEncoding("iso-8859-1").GetBytes(value));
#endif

    private static HttpResponseMessage Success(HttpContent content, string contentType, string id)
    {
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        HttpResponseMessage response = new(HttpStatusCode.OK) { Content = content };
        response.Headers.TryAddWithoutValidation("Helicone-Id", id);
        response.Headers.TryAddWithoutValidation("Helicone-Status", "success");
        response.Headers.TryAddWithoutValidation("helicone-provider", Provider);
        return response;
    }

    private static HttpResponseMessage Refused(OfflineEnvelope envelope, string id)
    {
        HttpResponseMessage response = new((HttpStatusCode)envelope.StatusCode) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(envelope.Body)) };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", envelope.ContentType);
        response.Headers.TryAddWithoutValidation("Helicone-Id", id);
        foreach (KeyValuePair<string, string> header in envelope.Headers)
        {
            if (!response.Headers.TryAddWithoutValidation(header.Key, header.Value))
            {
                response.Content.Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }

        return response;
    }

    private static HttpResponseMessage Failed(ErrorEnvelope envelope, string id)
    {
        HttpResponseMessage response = new((HttpStatusCode)envelope.StatusCode) { Content = new ByteArrayContent(envelope.ToJson()) };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", OfflineEnvelope.PlainText);
        response.Headers.TryAddWithoutValidation("Helicone-Id", id);
        response.Headers.TryAddWithoutValidation("Helicone-Status", "failed");
        return response;
    }

    private Task WaitAsync(TimeSpan latency, CancellationToken cancellationToken) =>
        latency > TimeSpan.Zero ? time.Delay(latency, cancellationToken) : Task.CompletedTask;
}
