using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Registry;
using Helicone.LocalGateway.Routing;

namespace Helicone.LocalGateway.Providers;

/// <summary>Finds a running Ollama and its models in the background: no request waits for it.</summary>
internal sealed class OllamaWatch(LiveRoutingTable routing, TimeProvider time)
{
    public const string ProviderName = "ollama";

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private string[] _known = [];

    public static Uri BaseUrl(Uri? ollama) => new(ollama ?? new Uri("http://127.0.0.1:11434"), "/v1");

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using SocketsHttpHandler handler = new() { UseProxy = false, ConnectTimeout = s_patience };
        using HttpMessageInvoker http = new(handler, disposeHandler: false);
        using PeriodicTimer timer = new(s_interval, time);
        try
        {
            do
            {
                Publish(await FindModelsAsync(http, cancellationToken));
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The gateway ends.
        }
    }

    private async Task<string[]> FindModelsAsync(HttpMessageInvoker http, CancellationToken cancellationToken)
    {
        // Asked for each time: gateway.json may move it.
        if (routing.Current.Providers.Find(ProviderName, deployment: null) is not UpstreamProvider ollama)
        {
            return [];
        }

        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(ollama.BaseUrl, "/api/tags"));
            using HttpResponseMessage response = await http.SendAsync(request, patience.Token);
            response.EnsureSuccessStatusCode();
            using Stream body = await response.Content.ReadAsStreamAsync(patience.Token);
            using JsonDocument tags = await JsonDocument.ParseAsync(body, GatewayJson.DocumentOptions, patience.Token);
            return [.. NamesIn(tags.RootElement)];
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or InvalidOperationException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return [];
        }
    }

    private static IEnumerable<string> NamesIn(JsonElement tags)
    {
        if (tags.ValueKind != JsonValueKind.Object || !tags.TryGetProperty("models", out JsonElement models) || models.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        foreach (JsonElement model in models.EnumerateArray())
        {
            // A name with a slash or a comma can't be used in a model list.
            if (model.ValueKind == JsonValueKind.Object && model.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String &&
                name.GetString() is { Length: > 0 } text && text.AsSpan().IndexOfAny("/,!") < 0)
            {
                yield return text;
            }
        }
    }

    private void Publish(string[] names)
    {
        if (names.SequenceEqual(_known))
        {
            return;
        }

        _known = names;
        routing.Discover([.. names.SelectMany(ModelsOf)]);
    }

    // "llama3.2:latest" is "llama3.2" to everyone who uses Ollama.
    private static IEnumerable<RegistryModel> ModelsOf(string name)
    {
        yield return ModelOf(name, name);
        if (name.EndsWith(":latest", StringComparison.Ordinal))
        {
            yield return ModelOf(name[..^":latest".Length], name);
        }
    }

    private static RegistryModel ModelOf(string id, string name) => new()
    {
        Id = id,
        Name = id,
        Author = ProviderName,
        Endpoints =
        [
            new RegistryEndpoint
            {
                Provider = "Ollama",
                ProviderSlug = ProviderName,
                ProviderModelId = name,
                Pricing = new RegistryPricing { Prompt = 0, Completion = 0 },
            },
        ],
    };
}
