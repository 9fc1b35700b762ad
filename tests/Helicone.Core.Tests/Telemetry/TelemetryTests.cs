#if !NETSTANDARD_CORE // That build has no telemetry: .NET Framework doesn't include System.Diagnostics.DiagnosticSource.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using Helicone.Telemetry;

namespace Helicone.Core.Tests.Telemetry;

/// <summary>What a host sees that listens to <c>Helicone</c> with OpenTelemetry.</summary>
public class TelemetryTests
{
    private const string Prompt = "A prompt that nobody else may read";

    [Fact]
    public async Task Chat_IsASpanWithTheNamesOfOpenTelemetry()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using Listener listener = new("span-model");
        using HeliconeClient client = Clients.Client(server.Uri);

        await client.Chat.CompleteAsync(Ask("span-model"));

        Activity span = Assert.Single(listener.Spans);
        Assert.Equal(("chat span-model", ActivityKind.Client, ActivityStatusCode.Unset), (span.DisplayName, span.Kind, span.Status));
        Assert.Equal(
            ["gen_ai.operation.name=chat", "gen_ai.request.model=span-model", "gen_ai.response.model=gpt-4o-mini-2024-07-18", "gen_ai.usage.input_tokens=1000", "gen_ai.usage.output_tokens=200", "server.address=" + server.Uri.Host, "server.port=" + server.Uri.Port],
            span.TagObjects.Select(tag => tag.Key + "=" + tag.Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Chat_IsMeasured()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        using Listener listener = new("metric-model");
        using HeliconeClient client = Clients.Client(server.Uri);

        ChatCompletion answer = await client.Chat.CompleteAsync(Ask("metric-model"));

        Assert.Equal(["gen_ai.client.operation.duration", "gen_ai.client.token.usage input", "gen_ai.client.token.usage output"], listener.Measurements.Select(m => m.Name).Order(StringComparer.Ordinal));
        Assert.InRange(listener.Measurements.Single(m => m.Name.EndsWith("duration", StringComparison.Ordinal)).Value, answer.Latency.TotalSeconds, answer.Latency.TotalSeconds + 60);
        Assert.Equal(1000, listener.Measurements.Single(m => m.Name.EndsWith("input", StringComparison.Ordinal)).Value);
        Assert.Equal(200, listener.Measurements.Single(m => m.Name.EndsWith("output", StringComparison.Ordinal)).Value);
    }

    [Fact]
    public async Task Retries_AreOneSpan_AndItsErrorIsTheCalls()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(429, "Too many requests for " + Prompt));
        using Listener listener = new("failing-model");
        using HeliconeClient client = Clients.Client(server.Uri);

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => client.Chat.CompleteAsync(Ask("failing-model"), new RequestOptions { MaxRetries = 2 }));

        Assert.Equal(3, e.Attempts.Count);
        Activity span = Assert.Single(listener.Spans);
        Assert.Equal((ActivityStatusCode.Error, null, "RateLimited"), (span.Status, span.StatusDescription, (string?)span.GetTagItem("error.type")));
        Assert.Equal("RateLimited", Assert.Single(listener.Measurements).Error);
        listener.AssertHasNeitherPromptNorKey();
    }

    [Fact]
    public async Task Stream_EndsItsSpanWithTheLastChunk()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(Answers.Text("secret answer"), Answers.Finish, Answers.Usage, Answers.Done));
        using Listener listener = new("stream-model");
        using HeliconeClient client = Clients.Client(server.Uri);

        await foreach (ChatChunk chunk in client.Chat.Stream(Ask("stream-model")))
        {
            Assert.Empty(listener.Spans);
        }

        Activity span = Assert.Single(listener.Spans);
        Assert.Equal(("gpt-4o-mini", 10L, 4L), ((string?)span.GetTagItem("gen_ai.response.model"), (long?)span.GetTagItem("gen_ai.usage.input_tokens"), (long?)span.GetTagItem("gen_ai.usage.output_tokens")));
        Assert.Equal(3, listener.Measurements.Count);
        listener.AssertHasNeitherPromptNorKey();
    }

    [Fact]
    public async Task Stream_ThatBreaksOff_IsAnError()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Events(Answers.Text("half an ans")));
        using Listener listener = new("broken-model");
        using HeliconeClient client = Clients.Client(server.Uri);

        await Assert.ThrowsAsync<HeliconeException>(() => Clients.ReadAllAsync(client.Chat.Stream(Ask("broken-model"))));

        Assert.Equal("StreamInterrupted", Assert.Single(listener.Spans).GetTagItem("error.type"));
    }

    [Fact]
    public async Task CanceledCall_IsAnErrorOfItsType()
    {
        using CancellationTokenSource stop = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync(async context =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using Listener listener = new("canceled-model");
        using HeliconeClient client = Clients.Client(server.Uri);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Chat.CompleteAsync(Ask("canceled-model"), cancellationToken: stop.Token));

        Assert.Equal("System.OperationCanceledException", Assert.Single(listener.Spans).GetTagItem("error.type"));
    }

    [Fact]
    public void NoListener_CostsNothing()
    {
        ModelRoute route = ModelRoute.Parse("unheard");
        Uri gateway = new("http://127.0.0.1:1/");
        Assert.Null(CallTelemetry.Begin("chat", route, gateway));

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            CallTelemetry.Begin("chat", route, gateway);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static ChatRequest Ask(string model) => Clients.Ask(Prompt) with { Model = ModelRoute.Parse(model) };

    /// <summary>Listens to the calls of one model: other tests run at the same time.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly string _model;
        private readonly ActivityListener _spans;
        private readonly MeterListener _meters = new();

        public Listener(string model)
        {
            _model = model;
            _spans = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Helicone",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = span =>
                {
                    if ((string?)span.GetTagItem("gen_ai.request.model") == _model)
                    {
                        Spans.Enqueue(span);
                    }
                },
            };
            ActivitySource.AddActivityListener(_spans);
            _meters.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Helicone")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
            _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            _meters.Start();
        }

        public ConcurrentQueue<Activity> Spans { get; } = [];

        public ConcurrentQueue<(string Name, double Value, string? Error, string Tags)> Measurements { get; } = [];

        public void AssertHasNeitherPromptNorKey()
        {
            string[] texts = [.. Spans.SelectMany(span => span.TagObjects.Select(tag => tag.Value?.ToString()).Append(span.StatusDescription).Append(span.DisplayName)).OfType<string>(), .. Measurements.Select(m => m.Tags)];
            Assert.NotEmpty(texts);
            Assert.DoesNotContain(texts, text => text.Contains(Prompt, StringComparison.Ordinal) || text.Contains("secret answer", StringComparison.Ordinal) || text.Contains(Clients.Key, StringComparison.Ordinal));
        }

        public void Dispose()
        {
            _spans.Dispose();
            _meters.Dispose();
        }

        private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            Dictionary<string, object?> all = new(tags.ToArray());
            if ((string?)all["gen_ai.request.model"] == _model)
            {
                string name = all.TryGetValue("gen_ai.token.type", out object? type) ? instrument.Name + " " + type : instrument.Name;
                Measurements.Enqueue((name, value, (string?)all.GetValueOrDefault("error.type"), string.Join("\n", all)));
            }
        }
    }
}
#endif
