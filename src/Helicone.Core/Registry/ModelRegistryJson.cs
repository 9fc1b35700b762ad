using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Helicone.Errors;
using Helicone.Http;

namespace Helicone.Registry;

/// <summary>Reads a registry in every form that Helicone answers with: wrapped in <c>{data,error}</c> or not, or OpenAI's bare list of ids.</summary>
internal static class ModelRegistryJson
{
    /// <exception cref="HeliconeException">It isn't one of these.</exception>
    internal static ModelRegistry Read(ReadOnlyMemory<byte> json, DateTimeOffset fetchedAt, Uri source)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(ServerSentEvents.SkipByteOrderMark(json));
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.String)
            {
                throw new HeliconeException(HeliconeErrorKind.UpstreamFailed, "The model registry returned: " + error.GetString());
            }

            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("data", out JsonElement data) && data.ValueKind != JsonValueKind.Null)
            {
                root = data;
            }

            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("models", out JsonElement models))
            {
                root = models;
            }

            if (root.ValueKind != JsonValueKind.Array)
            {
                throw new HeliconeException(HeliconeErrorKind.MalformedResponse, $"{source} didn't return a list of models.");
            }

            List<ModelInfo> list = [];
            foreach (JsonElement item in root.EnumerateArray())
            {
                if (item.ValueKind == JsonValueKind.Object && Text(item, "id") is { Length: > 0 } id)
                {
                    list.Add(ReadModel(item, id));
                }
            }

            return new ModelRegistry(list.OrderBy(m => m.Id, StringComparer.OrdinalIgnoreCase).ToArray(), fetchedAt, source);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new HeliconeException(HeliconeErrorKind.MalformedResponse, $"The list of models of {source} cannot be read: {e.Message}", e);
        }
    }

    private static ModelInfo ReadModel(JsonElement item, string id)
    {
        string[] input = Strings(item, "inputModalities");
        string[] output = Strings(item, "outputModalities");
        string[] parameters = Strings(item, "supportedParameters");
        string author = Text(item, "author") ?? Text(item, "owned_by") ?? string.Empty;
        ModelEndpoint[] endpoints = ReadEndpoints(item, author);
        return new ModelInfo
        {
            Id = id,
            Name = Text(item, "name") ?? id,
            Author = author,
            ContextLength = Number(item, "contextLength"),
            MaxOutput = Number(item, "maxOutput"),
            Description = Text(item, "description"),
            TrainingDate = Text(item, "trainingDate"),
            InputModalities = input,
            OutputModalities = output,
            SupportedParameters = parameters,
            Endpoints = endpoints,
            Capabilities = Capabilities(input, output, parameters, endpoints),
        };
    }

    private static ModelEndpoint[] ReadEndpoints(JsonElement item, string author)
    {
        if (!item.TryGetProperty("endpoints", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        List<ModelEndpoint> endpoints = [];
        foreach (JsonElement endpoint in list.EnumerateArray())
        {
            if (endpoint.ValueKind != JsonValueKind.Object || (Text(endpoint, "providerSlug") ?? Text(endpoint, "provider")) is not { } slug)
            {
                continue;
            }

            // The endpoint as the gateway itself has it, where the registry includes it: with per-call prices and one-hour writes, which the summary leaves out.
            JsonElement? details = endpoint.TryGetProperty("endpoint", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object ? inner : null;
            ModelPricing[] exact = details is { } d && d.TryGetProperty("pricing", out JsonElement perToken) && perToken.ValueKind == JsonValueKind.Array
                ? perToken.EnumerateArray().Select(ModelPricingJson.ReadPerToken).OfType<ModelPricing>().OrderBy(t => t.Threshold).ToArray()
                : [];
            ModelPricing[] tiers = exact.Length > 0 ? exact
                : endpoint.TryGetProperty("pricingTiers", out JsonElement ladder) && ladder.ValueKind == JsonValueKind.Array
                    ? ladder.EnumerateArray().Select(t => ModelPricingJson.ReadPerMillion(t, author)).OfType<ModelPricing>().OrderBy(t => t.Threshold).ToArray()
                    : [];
            endpoints.Add(new ModelEndpoint
            {
                Provider = ProviderName((details is { } named ? Text(named, "provider") : null) ?? slug),
                DisplayName = Text(endpoint, "provider"),
                ProviderModelId = details is { } model ? Text(model, "providerModelId") : null,
                SupportsCredits = endpoint.TryGetProperty("supportsPtb", out JsonElement credits) && credits.ValueKind is JsonValueKind.True or JsonValueKind.False ? credits.GetBoolean() : null,
                Pricing = exact.FirstOrDefault() ?? (endpoint.TryGetProperty("pricing", out JsonElement pricing) ? ModelPricingJson.ReadPerMillion(pricing, author) : null),
                PricingTiers = tiers.Length > 1 ? tiers : [],
            });
        }

        // Stable, so that equal prices keep the registry's own order.
        return endpoints.OrderBy(e => e.Pricing is { } p ? p.Prompt + p.Completion : decimal.MaxValue).ToArray();
    }

    // Two slugs of the registry aren't the names that routes use.
    private static string ProviderName(string slug) => slug switch
    {
        "google-vertex" => "vertex",
        "aws-bedrock" => "bedrock",
        _ => slug,
    };

    private static string[] Capabilities(string[] input, string[] output, string[] parameters, ModelEndpoint[] endpoints)
    {
        SortedSet<string> capabilities = new(StringComparer.Ordinal);
        foreach (string modality in input.Concat(output))
        {
            if (modality != "text")
            {
                capabilities.Add(modality);
            }
        }

        foreach (string parameter in parameters)
        {
            string? capability = parameter switch
            {
                "thinking" => "thinking",
                "reasoning" or "include_reasoning" => "reasoning",
                "tools" or "functions" => "tools",
                "response_format" or "json_mode" or "structured_outputs" => "json",
                _ => null,
            };
            if (capability is not null)
            {
                capabilities.Add(capability);
            }
        }

        if (endpoints.Any(e => e.Pricing?.CacheRead is not null))
        {
            capabilities.Add("caching");
        }

        if (endpoints.Any(e => e.Pricing?.Thinking is not null))
        {
            capabilities.Add("thinking");
        }

        if (endpoints.Any(e => e.Pricing?.WebSearch is not null))
        {
            capabilities.Add("web_search");
        }

        return capabilities.ToArray();
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int? Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : null;

    private static string[] Strings(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!).ToArray()
            : [];
}
