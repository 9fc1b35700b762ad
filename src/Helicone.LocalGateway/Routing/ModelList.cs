using System;
using System.Collections.Generic;
using Helicone.LocalGateway.Errors;
using Helicone.LocalGateway.Providers;

namespace Helicone.LocalGateway.Routing;

/// <summary>The <c>model</c> of a request: what to try in which order, and whom not to ask.</summary>
/// <remarks>
/// Not the client's <see cref="Chat.ModelRoute"/>, which refuses what cannot be meant: on the wire Helicone reads everything, and drops
/// what it cannot read (parseModelString, SimpleAIGateway.parseAndPrepareRequest). <c>helicone/gpt-4o</c> is the model <c>helicone</c> here.
/// </remarks>
internal sealed record ModelList(IReadOnlyList<ModelListElement> Elements, IReadOnlySet<string> Exclusions)
{
    private const string OnlineSuffix = ":online";

    /// <exception cref="RequestRefusedException">400: an exclusion that excludes nothing.</exception>
    public static ModelList Parse(string text, ProviderCatalog providers)
    {
        List<ModelListElement> elements = [];
        HashSet<string> exclusions = new(StringComparer.Ordinal);
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.StartsWith('!'))
            {
                exclusions.Add(ParseExclusion(part[1..], providers));
            }
            else if (ParseElement(part, providers) is { } element)
            {
                elements.Add(element);
            }
        }

        return new ModelList(elements, exclusions);
    }

    private static string ParseExclusion(string provider, ProviderCatalog providers)
    {
        if (provider.Length == 0)
        {
            throw new RequestRefusedException(400, "Invalid global ignore syntax. Use !provider (e.g., !openai)");
        }

        return providers.IsKnown(provider)
            ? provider
            : throw new RequestRefusedException(400, $"Invalid provider in global ignore list: {provider}. See supported providers at https://helicone.ai/models");
    }

    /// <returns><see langword="null"/> for an unknown provider: such an element is skipped without a word.</returns>
    private static ModelListElement? ParseElement(string part, ProviderCatalog providers)
    {
        string[] parts = part.Split('/');
        string model = parts[0];
        bool online = model.EndsWith(OnlineSuffix, StringComparison.Ordinal);
        model = online ? model[..^OnlineSuffix.Length] : model;
        if (parts.Length == 1)
        {
            return new ModelListElement(model, null, null, online);
        }

        // A deployment is the third part: of four parts, the fourth is ignored.
        return providers.IsKnown(parts[1]) ? new ModelListElement(model, parts[1], parts.Length == 3 ? parts[2] : null, online) : null;
    }
}
