using System;
using System.Collections.Generic;
using System.Linq;
using Helicone.LocalGateway.Configuration;
using Helicone.LocalGateway.Registry;

namespace Helicone.LocalGateway.Providers;

/// <summary>Works out from environment and gateway.json who can be asked, and for what.</summary>
internal static class ProviderSetup
{
    /// <summary>The providers: those of gateway.json first, then every well-known one whose key is in the environment.</summary>
    public static List<UpstreamSettings> Providers(GatewayConfiguration configuration, Func<string, string?> environment, Uri? ollama)
    {
        List<UpstreamSettings> providers = [];
        foreach (ProviderConfiguration provider in configuration.Providers)
        {
            WellKnownProvider? wellKnown = WellKnownProviders.Find(provider.Name);
            string? variable = VariableOf(provider);
            ProviderKey? key = variable is null ? null : ProviderKey.TryCreate(environment(variable));
            if (variable is not null && key is null)
            {
                // The provider is named but has no key: it's treated as missing, so that an attempt reports the missing key.
                continue;
            }

            Uri baseUrl = provider.BaseUrl is { } url ? new Uri(url) : wellKnown is not null ? new Uri(wellKnown.BaseUrl) : OllamaWatch.BaseUrl(ollama);
            int priority = provider.Priority ?? wellKnown?.Priority ?? WellKnownProvider.DefaultPriority;
            ProviderDialect dialect = ProviderDialects.Of(provider.Name);
            providers.Add(new UpstreamSettings(provider.Name, baseUrl, key, priority, provider.Deployment)
            {
                HeaderTimeout = provider.HeaderTimeout ?? UpstreamSettings.DefaultTimeout,
                IdleTimeout = provider.IdleTimeout ?? UpstreamSettings.DefaultTimeout,
                Dialect = provider.StreamOptions is { } accepts ? dialect with { AcceptsStreamOptions = accepts } : dialect,
            });
        }

        foreach (WellKnownProvider wellKnown in WellKnownProviders.All.Where(p => configuration.Providers.All(c => c.Name != p.Name)))
        {
            if (ProviderKey.TryCreate(environment(wellKnown.ApiKeyVariable)) is { } key && IsAtHome(wellKnown, environment(wellKnown.BaseUrlVariable)))
            {
                providers.Add(new UpstreamSettings(wellKnown.Name, new Uri(wellKnown.BaseUrl), key, wellKnown.Priority));
            }
        }

        if (ollama is not null && configuration.Providers.All(p => p.Name != OllamaWatch.ProviderName))
        {
            providers.Add(new UpstreamSettings(OllamaWatch.ProviderName, OllamaWatch.BaseUrl(ollama), Key: null) { IsChosen = false });
        }

        return providers;
    }

    /// <summary>The environment variables of well-known providers that hold a key. Names only.</summary>
    public static string[] KeyVariables(Func<string, string?> environment) =>
        [.. WellKnownProviders.All.Select(static provider => provider.ApiKeyVariable).Where(name => ProviderKey.TryCreate(environment(name)) is not null)];

    /// <summary>The providers of gateway.json whose key is not in the environment, and the variable that it is expected in.</summary>
    public static Dictionary<string, string> MissingKeys(GatewayConfiguration configuration, Func<string, string?> environment)
    {
        Dictionary<string, string> missing = [];
        foreach (ProviderConfiguration provider in configuration.Providers)
        {
            if (VariableOf(provider) is { } variable && ProviderKey.TryCreate(environment(variable)) is null)
            {
                missing[provider.Name] = variable;
            }
        }

        return missing;
    }

    /// <summary>The models that gateway.json adds.</summary>
    public static List<RegistryModel> Models(GatewayConfiguration configuration)
    {
        List<RegistryModel> models = [];
        foreach (ModelConfiguration model in configuration.Models)
        {
            models.Add(new RegistryModel
            {
                Id = model.Id,
                Name = model.Name ?? model.Id,
                Author = model.Author ?? (model.Endpoints is [var first, ..] ? first.Provider : "gateway.json"),
                Description = model.Description,
                ContextLength = model.ContextLength,
                MaxOutput = model.MaxOutput,
                Endpoints = [.. model.Endpoints.Select(e => Endpoint(e.Provider, e.ProviderModelId ?? model.Id, e.Pricing))],
            });
        }

        foreach (ProviderConfiguration provider in configuration.Providers)
        {
            models.AddRange(provider.Models.Select(model => new RegistryModel
            {
                Id = model.Id,
                Name = model.Id,
                Author = provider.Name,
                Endpoints = [Endpoint(provider.Name, model.ProviderModelId ?? model.Id, model.Pricing)],
            }));
        }

        return models;
    }

    private static string? VariableOf(ProviderConfiguration provider) => provider.ApiKeyVariable ?? WellKnownProviders.Find(provider.Name)?.ApiKeyVariable;

    private static RegistryEndpoint Endpoint(string provider, string providerModelId, RegistryPricing? pricing) => new()
    {
        Provider = WellKnownProviders.All.FirstOrDefault(p => p.Name == provider)?.DisplayName ?? provider,
        ProviderSlug = provider,
        ProviderModelId = providerModelId,
        Pricing = pricing,
    };

    /// <summary>
    /// A base URL next to the key means that the key belongs to another host, including this gateway
    /// (<c>Start-HeliconeGateway -SetEnvironment</c> sets one). Sent to the provider's own address, it would be given away.
    /// </summary>
    private static bool IsAtHome(WellKnownProvider provider, string? baseUrl) =>
        string.IsNullOrWhiteSpace(baseUrl) ||
        (Uri.TryCreate(baseUrl, UriKind.Absolute, out Uri? uri) && uri.Host.Equals(new Uri(provider.BaseUrl).Host, StringComparison.OrdinalIgnoreCase));
}
