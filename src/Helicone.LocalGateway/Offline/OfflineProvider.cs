using System;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Answers;
using Helicone.LocalGateway.Errors;
using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Registry;
using Helicone.LocalGateway.Requests;
using Helicone.LocalGateway.Routing;
using Helicone.Offline;
using Helicone.Offline.Errors;

namespace Helicone.LocalGateway.Offline;

/// <summary>The provider that is always there, needs nothing, and never pretends to be a model.</summary>
internal sealed class OfflineProvider(Func<OfflineRequest, OfflineReply?>? script, TimeProvider time, ModelRegistry? prices = null) : Provider
{
    public const string ProviderName = "offline";

    public override string Name => ProviderName;

    /// <summary>It stands where Helicone's credits stand: the last resort that needs no key of yours.</summary>
    public override string SourceOf(string model, string? deployment) => $"{model}/{ProviderName}/ptb";

    public override async ValueTask<AttemptResult> AskAsync(Attempt attempt, InferenceRequest request, CancellationToken cancellationToken)
    {
        if (request.Mapping == BodyMapping.Responses)
        {
            return new AttemptError(AttemptErrorType.InvalidFormat, "The local gateway serves chat completions, not the Responses API.", 400);
        }

        if (request.IsAnthropic)
        {
            return new AttemptError(AttemptErrorType.InvalidFormat, "The offline provider answers in OpenAI's form, and can't answer a request of Anthropic's Messages API.", 400);
        }

        OfflineRequest heard;
        OfflineReply reply;
        using (JsonDocument body = JsonDocument.Parse(request.Body.Json, GatewayJson.DocumentOptions))
        {
            try
            {
                heard = OfflineRequest.Parse(request.Id, attempt.Model, request.IsStreaming, request.Header, request.Body.Json, body.RootElement);
                reply = script?.Invoke(heard) ?? OfflineReplies.For(heard, OfflineOrigin.Gateway);
            }
            catch (Exception e) when (e is FormatException or InvalidOperationException)
            {
                // InvalidOperationException: a string of the body is no valid UTF-8.
                return new AttemptError(AttemptErrorType.InvalidFormat, e.Message, 400);
            }
        }

        if (reply.Failure is not null || reply.Envelope is not null)
        {
            await WaitAsync(reply.Latency, cancellationToken);
            return reply.Envelope is { } envelope
                ? throw new RequestRefusedException(envelope.StatusCode, envelope.Body, envelope.ContentType) { Headers = envelope.Headers }
                : reply.Failure!;
        }

        OfflineCompletion completion = new(heard, reply, time.GetUtcNow(), prices is null ? null : Price);
        if (request.IsStreaming)
        {
            return new OfflineStream(completion, reply, time) { ContentType = StreamedAnswer.EventStream };
        }

        await WaitAsync(reply.Latency, cancellationToken);
        PooledBuffer whole = new(1024);
        using (Utf8JsonWriter json = new(whole, GatewayJson.WriterOptions))
        {
            completion.WriteWhole(json);
        }

        return new WholeAnswer(whole) { ContentType = "application/json" };
    }

    /// <summary>The cheapest endpoint of a model.</summary>
    private Helicone.Registry.ModelEndpoint? Price(string model) =>
        prices?.Find(model)?.Endpoints.Where(static e => e.Pricing is not null).MinBy(static e => e.PriceToCompare)?.ToModelEndpoint();

    private Task WaitAsync(TimeSpan latency, CancellationToken cancellationToken) =>
        latency > TimeSpan.Zero ? Task.Delay(latency, time, cancellationToken) : Task.CompletedTask;
}
