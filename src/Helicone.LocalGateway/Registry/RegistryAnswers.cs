using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace Helicone.LocalGateway.Registry;

/// <summary>The registry as Helicone's API and OpenAI's spell it.</summary>
/// <remarks>
/// <c>offline</c> is in neither: it serves every model, but a price of zero next to the real ones would make the cost of a real call look like zero.
/// </remarks>
internal static class RegistryAnswers
{
    private const decimal PerMillion = 1_000_000;

    /// <summary><c>{"data":ModelRegistryResponse,"error":null}</c>; prices per million tokens.</summary>
    public static byte[] Registry(ModelRegistry registry) => Write(json =>
    {
        IReadOnlyList<RegistryModel> models = registry.Models;
        json.WriteStartObject();
        json.WriteStartObject("data"u8);
        json.WriteStartArray("models"u8);
        foreach (RegistryModel model in models)
        {
            WriteModel(json, model);
        }

        json.WriteEndArray();
        json.WriteNumber("total"u8, models.Count);
        json.WriteStartObject("filters"u8);
        json.WriteStartArray("providers"u8);
        foreach (RegistryEndpoint endpoint in models.SelectMany(m => m.Endpoints).DistinctBy(e => e.ProviderSlug).OrderBy(e => e.ProviderSlug, StringComparer.Ordinal))
        {
            json.WriteStartObject();
            json.WriteString("name"u8, endpoint.ProviderSlug);
            json.WriteString("displayName"u8, endpoint.Provider);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteStrings(json, "authors", models.Select(m => m.Author).Distinct().Order(StringComparer.Ordinal));
        WriteStrings(json, "capabilities", models.SelectMany(CapabilitiesOf).Distinct().Order(StringComparer.Ordinal));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteNull("error"u8);
        json.WriteEndObject();
    });

    /// <summary>OpenAI's list. As on Helicone's cloud, models that only an explicit provider serves are left out.</summary>
    public static byte[] Models(ModelRegistry registry) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach (RegistryModel model in registry.Models.Where(m => m.Endpoints.Any(e => !e.RequireExplicitRouting)))
        {
            WriteListed(json, model);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>One entry of OpenAI's list.</summary>
    public static byte[] Model(RegistryModel model) => Write(json => WriteListed(json, model));

    private static void WriteListed(Utf8JsonWriter json, RegistryModel model)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, model.Id);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, CreatedUnixSeconds(model));
        json.WriteString("owned_by"u8, model.Author);
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, RegistryModel model)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, model.Id);
        json.WriteString("name"u8, model.Name);
        json.WriteString("author"u8, model.Author);
        WriteNumber(json, "contextLength", model.ContextLength);
        json.WriteStartArray("endpoints"u8);
        foreach (RegistryEndpoint endpoint in model.Endpoints)
        {
            json.WriteStartObject();
            json.WriteString("provider"u8, endpoint.Provider);
            json.WriteString("providerSlug"u8, endpoint.ProviderSlug);
            json.WriteBoolean("supportsPtb"u8, endpoint.Ptb);
            WriteEndpoint(json, model, endpoint);
            if (endpoint.Pricing is { } pricing)
            {
                json.WritePropertyName("pricing"u8);
                WritePricing(json, pricing);
            }

            if (endpoint.PricingTiers.Count > 0)
            {
                json.WriteStartArray("pricingTiers"u8);
                foreach (RegistryPricing tier in endpoint.PricingTiers)
                {
                    WritePricing(json, tier);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteNumber(json, "maxOutput", model.MaxOutput);
        WriteString(json, "trainingDate", model.Created);
        WriteString(json, "description", model.Description);
        WriteStrings(json, "inputModalities", model.InputModalities);
        WriteStrings(json, "outputModalities", model.OutputModalities);
        WriteStrings(json, "supportedParameters", model.SupportedParameters);
        WriteString(json, "pinnedVersionOfModel", model.PinnedVersionOfModel);
        json.WriteEndObject();
    }

    private static void WritePricing(Utf8JsonWriter json, RegistryPricing pricing)
    {
        json.WriteStartObject();
        json.WriteNumber("prompt"u8, pricing.Prompt);
        json.WriteNumber("completion"u8, pricing.Completion);
        WriteNumber(json, "cacheRead", pricing.CacheRead);
        WriteNumber(json, "cacheWrite", pricing.CacheWrite);
        WriteNumber(json, "thinking", pricing.Thinking);
        WriteNumber(json, "web_search", pricing.WebSearch);
        WriteNumber(json, "threshold", pricing.Threshold);
        json.WriteEndObject();
    }

    /// <summary>The endpoint as Helicone's gateway has it: with the provider's own model id and every price, which the summary next to it leaves out.</summary>
    private static void WriteEndpoint(Utf8JsonWriter json, RegistryModel model, RegistryEndpoint endpoint)
    {
        json.WriteStartObject("endpoint"u8);
        json.WriteString("provider"u8, endpoint.ProviderSlug);
        json.WriteString("author"u8, model.Author);
        json.WriteString("providerModelId"u8, endpoint.ProviderModelId);
        WriteNumber(json, "contextLength", endpoint.ContextLength ?? model.ContextLength);
        WriteNumber(json, "maxCompletionTokens", endpoint.MaxOutput ?? model.MaxOutput);
        json.WriteBoolean("ptbEnabled"u8, endpoint.Ptb);
        if (endpoint.Pricing is { } pricing)
        {
            json.WriteStartArray("pricing"u8);
            IReadOnlyList<RegistryPricing> tiers = endpoint.PricingTiers.Count > 0 ? endpoint.PricingTiers : [pricing];
            for (int i = 0; i < tiers.Count; i++)
            {
                WritePerToken(json, i == 0 ? tiers[i] with { Request = tiers[i].Request ?? pricing.Request } : tiers[i]);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Prices per token, with those of the cache as multiples of the prompt's.</summary>
    private static void WritePerToken(Utf8JsonWriter json, RegistryPricing pricing)
    {
        json.WriteStartObject();
        json.WriteNumber("threshold"u8, pricing.Threshold ?? 0);
        json.WriteNumber("input"u8, pricing.Prompt / PerMillion);
        json.WriteNumber("output"u8, pricing.Completion / PerMillion);
        if (pricing.Prompt > 0 && (pricing.CacheRead ?? pricing.CacheWrite ?? pricing.CacheWrite1h) is not null)
        {
            json.WriteStartObject("cacheMultipliers"u8);
            WriteNumber(json, "cachedInput", pricing.CacheRead / pricing.Prompt);
            WriteNumber(json, "write5m", pricing.CacheWrite / pricing.Prompt);
            WriteNumber(json, "write1h", pricing.CacheWrite1h / pricing.Prompt);
            json.WriteEndObject();
        }

        WriteNumber(json, "thinking", pricing.Thinking / PerMillion);
        WriteNumber(json, "web_search", pricing.WebSearch / PerMillion);
        WriteNumber(json, "request", pricing.Request);
        json.WriteEndObject();
    }

    private static IEnumerable<string> CapabilitiesOf(RegistryModel model)
    {
        foreach (string modality in model.InputModalities.Concat(model.OutputModalities).Where(m => m != "text"))
        {
            yield return modality;
        }

        if (model.Endpoints.Any(e => e.Pricing?.CacheRead > 0 || e.Pricing?.CacheWrite > 0))
        {
            yield return "caching";
        }

        if (model.Endpoints.Any(e => e.Pricing?.Thinking > 0))
        {
            yield return "thinking";
        }

        if (model.Endpoints.Any(e => e.Pricing?.WebSearch > 0))
        {
            yield return "web_search";
        }

        if (model.SupportedParameters.Contains("reasoning"))
        {
            yield return "reasoning";
        }
    }

    private static long CreatedUnixSeconds(RegistryModel model)
    {
        DateOnly day = DateOnly.TryParseExact(model.Created, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly created)
            ? created
            : new DateOnly(2024, 1, 1);
        return new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).ToUnixTimeSeconds();
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new(64 * 1024);
        using (Utf8JsonWriter json = new(buffer, GatewayJson.WriterOptions))
        {
            write(json);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void WriteString(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, decimal? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
