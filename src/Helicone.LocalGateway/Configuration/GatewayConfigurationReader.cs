using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Helicone.LocalGateway.Hosting;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Offline;
using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Registry;
using Helicone.Offline.Configuration;

namespace Helicone.LocalGateway.Configuration;

/// <summary>Reads gateway.json and reports invalid values with their names and places. <c>gateway.schema.json</c> contains the same rules for editors.</summary>
internal static class GatewayConfigurationReader
{
    private static readonly TimeSpan s_longestTimeout = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_longestRetention = TimeSpan.FromDays(36500);

    /// <summary>The fields of each kind of object. A test holds the schema to them.</summary>
    internal static IReadOnlyDictionary<string, string[]> Fields { get; } = new Dictionary<string, string[]>
    {
        [""] = ["$schema", "providers", "models", "scenarios", "offline", "retention"],
        ["provider"] = ["name", "baseUrl", "apiKeyVariable", "deployment", "priority", "headerTimeout", "idleTimeout", "streamOptions", "models"],
        ["servedModel"] = ["id", "providerModelId", "pricing"],
        ["model"] = ["id", "name", "author", "description", "contextLength", "maxOutput", "endpoints"],
        ["endpoint"] = ["provider", "providerModelId", "pricing"],
        ["pricing"] = ["prompt", "completion", "cacheRead", "cacheWrite", "cacheWrite1h", "thinking", "web_search", "request"],
        ["offline"] = ["prices"],
        ["retention"] = ["maxAge", "maxSize", "compressAfter"],
    };

    /// <exception cref="GatewayStartException">The file cannot be read.</exception>
    public static byte[] ReadText(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GatewayStartException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <exception cref="GatewayStartException">It isn't valid; the message contains the place.</exception>
    public static GatewayConfiguration Parse(string path, ReadOnlyMemory<byte> text)
    {
        try
        {
            return Read(path, text);
        }
        catch (ConfigurationException e)
        {
            throw new GatewayStartException(e.Message, e);
        }
    }

    private static GatewayConfiguration Read(string path, ReadOnlyMemory<byte> text)
    {
        ConfigurationNode root = new ConfigurationText(path, text).Parse().Object(Fields[""]);
        root.Find("$schema")?.Text();
        IReadOnlyList<ConfigurationNode> providers = root.ListOf("providers");
        GatewayConfiguration configuration = new()
        {
            Providers = [.. providers.Select(Provider)],
            Models = [.. root.ListOf("models").Select(Model)],
            Scenarios = [.. root.ListOf("scenarios").Select(ScenarioReader.Read)],
            OfflineHasPrices = root.Find("offline")?.Object(Fields["offline"]).Find("prices")?.Flag() ?? false,
            Retention = root.Find("retention") is { } retention ? Retention(retention) : LogOptions.Default,
        };
        RefuseTwins(providers, configuration.Providers);
        return configuration;
    }

    private static ProviderConfiguration Provider(ConfigurationNode node)
    {
        node.Object(Fields["provider"]);
        ProviderConfiguration provider = new()
        {
            Name = Name(node.Need("name")),
            BaseUrl = node.Find("baseUrl")?.Text(),
            ApiKeyVariable = node.Find("apiKeyVariable")?.Text(),
            Deployment = node.Find("deployment") is { } deployment ? Name(deployment) : null,
            Priority = node.Find("priority")?.Whole(0),
            HeaderTimeout = node.Find("headerTimeout") is { } header ? Timeout(header) : null,
            IdleTimeout = node.Find("idleTimeout") is { } idle ? Timeout(idle) : null,
            StreamOptions = node.Find("streamOptions")?.Flag(),
            Models = [.. node.ListOf("models").Select(ServedModel)],
        };
        CheckBaseUrl(node, provider);
        return provider;
    }

    private static TimeSpan Timeout(ConfigurationNode node)
    {
        TimeSpan timeout = node.Duration(s_longestTimeout);
        return timeout > TimeSpan.Zero ? timeout : throw node.Wrong($"{node.Path} is 0. It must be at least 1ms.");
    }

    private static ServedModelConfiguration ServedModel(ConfigurationNode node)
    {
        if (node.Type == JsonTokenType.String)
        {
            return new ServedModelConfiguration { Id = Name(node) };
        }

        if (node.Type != JsonTokenType.StartObject)
        {
            throw node.Wrong($"{node.Path}: A model is its id, or an object with an id.");
        }

        node.Object(Fields["servedModel"]);
        return new ServedModelConfiguration { Id = Name(node.Need("id")), ProviderModelId = node.Find("providerModelId")?.Text(), Pricing = Pricing(node) };
    }

    private static ModelConfiguration Model(ConfigurationNode node)
    {
        node.Object(Fields["model"]);
        return new ModelConfiguration
        {
            Id = Name(node.Need("id")),
            Name = node.Find("name")?.Text(),
            Author = node.Find("author")?.Text(),
            Description = node.Find("description")?.Text(),
            ContextLength = node.Find("contextLength")?.Whole(1),
            MaxOutput = node.Find("maxOutput")?.Whole(1),
            Endpoints = [.. node.ListOf("endpoints").Select(Endpoint)],
        };
    }

    private static EndpointConfiguration Endpoint(ConfigurationNode node)
    {
        node.Object(Fields["endpoint"]);
        return new EndpointConfiguration { Provider = Name(node.Need("provider")), ProviderModelId = node.Find("providerModelId")?.Text(), Pricing = Pricing(node) };
    }

    private static RegistryPricing? Pricing(ConfigurationNode owner)
    {
        if (owner.Find("pricing") is not { } node)
        {
            return null;
        }

        node.Object(Fields["pricing"]);
        return new RegistryPricing
        {
            Prompt = node.Need("prompt").Price(),
            Completion = node.Need("completion").Price(),
            CacheRead = node.Find("cacheRead")?.Price(),
            CacheWrite = node.Find("cacheWrite")?.Price(),
            CacheWrite1h = node.Find("cacheWrite1h")?.Price(),
            Thinking = node.Find("thinking")?.Price(),
            WebSearch = node.Find("web_search")?.Price(),
            Request = node.Find("request")?.Price(),
        };
    }

    private static LogOptions Retention(ConfigurationNode node)
    {
        node.Object(Fields["retention"]);
        return new LogOptions
        {
            MaxAge = node.Find("maxAge") is { } age ? (IsNone(age) ? null : age.Duration(s_longestRetention)) : LogOptions.Default.MaxAge,
            MaxBytes = node.Find("maxSize") is { } size ? (IsNone(size) ? null : size.Size()) : LogOptions.Default.MaxBytes,
            CompressAfter = node.Find("compressAfter") is { } after ? (IsNone(after) ? null : after.Duration(s_longestRetention)) : LogOptions.Default.CompressAfter,
        };
    }

    private static bool IsNone(ConfigurationNode node) => node.Type == JsonTokenType.String && node.Text() == LogOptions.None;

    private static string Name(ConfigurationNode node)
    {
        string name = node.Text();
        if (string.IsNullOrWhiteSpace(name) || name.AsSpan().IndexOfAny("/,!") >= 0 || name.Any(char.IsWhiteSpace))
        {
            throw node.Wrong($"{node.Path} is '{name}': it must be a name without '/', ',', '!' and spaces.");
        }

        return name == OfflineProvider.ProviderName ? throw node.Wrong($"{node.Path} is '{name}', which is reserved for the gateway's provider.") : name;
    }

    private static void RefuseTwins(IReadOnlyList<ConfigurationNode> nodes, IReadOnlyList<ProviderConfiguration> providers)
    {
        HashSet<(string, string?)> seen = [];
        for (int i = 0; i < providers.Count; i++)
        {
            if (!seen.Add((providers[i].Name, providers[i].Deployment)))
            {
                throw nodes[i].Wrong($"{nodes[i].Path} configures '{providers[i].Name}' more than once. Give each a separate 'deployment'.");
            }
        }
    }

    private static void CheckBaseUrl(ConfigurationNode node, ProviderConfiguration provider)
    {
        if (node.Find("baseUrl") is not { } baseUrl)
        {
            if (provider.Name != OllamaWatch.ProviderName && WellKnownProviders.All.All(p => p.Name != provider.Name))
            {
                throw node.Wrong($"{node.Path} ('{provider.Name}') has no baseUrl, and isn't one of the providers with a known address.");
            }
        }
        else if (!Uri.TryCreate(provider.BaseUrl, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
        {
            throw baseUrl.Wrong($"{baseUrl.Path} is '{provider.BaseUrl}': it must be an absolute http or https address, such as 'https://api.example.com/v1'.");
        }
        else if (uri.UserInfo.Length > 0)
        {
            throw baseUrl.Wrong($"{baseUrl.Path} contains a user or a password, which would be shown with the address. Specify a variable with apiKeyVariable.");
        }
        else if (uri.Scheme == "http" && !uri.IsLoopback && provider.ApiKeyVariable is not null)
        {
            throw baseUrl.Wrong($"{baseUrl.Path} would send a key unencrypted to another computer. Use https.");
        }
    }
}
