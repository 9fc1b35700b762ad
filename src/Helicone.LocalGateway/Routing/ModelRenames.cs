using System.Collections.Frozen;
using System.Collections.Generic;

namespace Helicone.LocalGateway.Routing;

/// <summary>Names that Helicone reads as others (provider-helpers.ts).</summary>
internal static class ModelRenames
{
    private static readonly FrozenDictionary<string, string> s_renames = new Dictionary<string, string>
    {
        ["gemini-1.5-flash"] = "gemini-2.5-flash-lite",
        ["claude-3.5-sonnet"] = "claude-3.5-sonnet-v2",
        ["claude-3.5-sonnet-20240620"] = "claude-3.5-sonnet-v2",
        ["deepseek-r1"] = "deepseek-reasoner",
        ["kimi-k2"] = "kimi-k2-0711",
        ["kimi-k2-instruct"] = "kimi-k2-0905",
    }.ToFrozenDictionary();

    public static string Apply(string model) => s_renames.GetValueOrDefault(model, model);
}
