using System;
using System.Text.RegularExpressions;

namespace Helicone.Spending;

/// <summary>Compares the model name in an answer with the names in the registry.</summary>
internal static class ServedModelName
{
    // What providers append to a model that the registry lists without it: gpt-4o-mini-2024-07-18, claude-sonnet-4@20250514, -v1:0, -latest.
    private static readonly Regex s_version = new(
        @"^(-\d{4}-\d{2}-\d{2}|[-@]\d{4,8}|-latest|@default)?(-v\d+(:\d+)?)?$",
        RegexOptions.CultureInvariant,
        TimeSpan.FromSeconds(1));

    // Bedrock: us.anthropic.claude-sonnet-4-20250514-v1:0.
    private static readonly Regex s_region = new(
        @"^(us|eu|apac|global|us-gov|jp|au|ca)\.",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase,
        TimeSpan.FromSeconds(1));

    private static readonly Regex s_vendor = new(
        @"^[a-z][a-z0-9]*\.(?=[a-z])",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase,
        TimeSpan.FromSeconds(1));

    /// <summary>The rank of a match between a served name and an endpoint: 3 for the provider's own id, 2 for the model's id, 1 for a version of either, 0 for none.</summary>
    internal static int Rank(string served, string modelId, string? providerModelId)
    {
        if (s_region.Replace(served, string.Empty).Equals(providerModelId is null ? null : s_region.Replace(providerModelId, string.Empty), StringComparison.OrdinalIgnoreCase))
        {
            return 3;
        }

        if (served.Equals(modelId, StringComparison.OrdinalIgnoreCase))
        {
            return 2;
        }

        return IsVersionOf(served, modelId) || (providerModelId is not null && IsVersionOf(served, providerModelId)) ? 1 : 0;
    }

    private static bool IsVersionOf(string served, string known)
    {
        string bare = Bare(served);
        string name = Bare(known);
        return bare.StartsWith(name, StringComparison.OrdinalIgnoreCase) && s_version.IsMatch(bare.Substring(name.Length));
    }

    /// <summary>Without the vendor before a slash or a dot: openai/gpt-4o, meta.llama3-3-70b-instruct-v1:0.</summary>
    private static string Bare(string name) => s_vendor.Replace(s_region.Replace(name.Substring(name.LastIndexOf('/') + 1), string.Empty), string.Empty);
}
