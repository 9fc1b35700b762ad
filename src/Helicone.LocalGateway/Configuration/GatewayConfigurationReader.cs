using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Helicone.LocalGateway.Hosting;
using Helicone.LocalGateway.Offline;
using Helicone.LocalGateway.Providers;

namespace Helicone.LocalGateway.Configuration;

/// <summary>Reads gateway.json and refuses what cannot work, by name and place.</summary>
internal static class GatewayConfigurationReader
{
    /// <exception cref="GatewayStartException">The file cannot be read, or is wrong; the message says where.</exception>
    public static GatewayConfiguration Read(string? path)
    {
        if (path is null)
        {
            return new GatewayConfiguration();
        }

        try
        {
            using FileStream file = File.OpenRead(path);
            GatewayConfiguration configuration = JsonSerializer.Deserialize(file, ConfigurationJsonContext.Default.GatewayConfiguration)
                ?? throw new GatewayStartException($"{path}: the file says null.");
            Check(path, configuration);
            return configuration;
        }
        catch (JsonException e)
        {
            string line = e.LineNumber is { } number ? $" line {number + 1}" : string.Empty;
            throw new GatewayStartException($"{path}{line}: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GatewayStartException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private static void Check(string path, GatewayConfiguration configuration)
    {
        HashSet<(string, string?)> seen = [];
        for (int i = 0; i < configuration.Providers.Count; i++)
        {
            ProviderConfiguration provider = configuration.Providers[i];
            string place = $"{path}: providers[{i}]";
            CheckName(place + ".name", provider.Name);
            if (!seen.Add((provider.Name!, provider.Deployment)))
            {
                throw new GatewayStartException($"{place} configures '{provider.Name}' a second time. Give each its own 'deployment'.");
            }

            if (provider.Deployment is { } deployment)
            {
                CheckName(place + ".deployment", deployment);
            }

            CheckBaseUrl(place, provider);
            if (provider.Models.Any(m => string.IsNullOrWhiteSpace(m.Id)))
            {
                throw new GatewayStartException($"{place}.models has a model without an id.");
            }
        }

        for (int i = 0; i < configuration.Models.Count; i++)
        {
            string place = $"{path}: models[{i}]";
            CheckName(place + ".id", configuration.Models[i].Id);
            foreach (EndpointConfiguration endpoint in configuration.Models[i].Endpoints)
            {
                CheckName(place + ".endpoints.provider", endpoint.Provider);
            }
        }
    }

    private static void CheckName(string place, string? name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.AsSpan().IndexOfAny("/,!") >= 0 || name.Any(char.IsWhiteSpace))
        {
            throw new GatewayStartException($"{place} is '{name}': it must be a name without '/', ',', '!' and spaces.");
        }

        if (name == OfflineProvider.ProviderName)
        {
            throw new GatewayStartException($"{place} is '{name}', which is the gateway's own provider.");
        }
    }

    private static void CheckBaseUrl(string place, ProviderConfiguration provider)
    {
        if (provider.BaseUrl is null)
        {
            if (provider.Name != OllamaWatch.ProviderName && WellKnownProviders.All.All(p => p.Name != provider.Name))
            {
                throw new GatewayStartException($"{place} ('{provider.Name}') has no baseUrl, and the gateway does not know its address.");
            }
        }
        else if (!Uri.TryCreate(provider.BaseUrl, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new GatewayStartException($"{place}.baseUrl is '{provider.BaseUrl}': it must be an absolute http or https address, such as 'https://api.example.com/v1'.");
        }
        else if (uri.Scheme == "http" && !uri.IsLoopback && provider.ApiKeyVariable is not null)
        {
            throw new GatewayStartException($"{place}.baseUrl would send a key over plain http to another machine. Use https.");
        }
    }
}
