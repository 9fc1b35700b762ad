using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Helicone.Offline.Schemas;

/// <summary>What one schema says of the members of an object.</summary>
/// <param name="Named">The schemas by name.</param>
/// <param name="Patterns">The schemas by pattern of the name.</param>
/// <param name="Others">The schema of every other member.</param>
internal sealed record SchemaMembers(IReadOnlyList<(string Name, JsonElement Schema)> Named, IReadOnlyList<(string Pattern, JsonElement Schema)> Patterns, JsonElement? Others)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    public bool IsEmpty => Named.Count == 0 && Patterns.Count == 0 && Others is null;

    public static SchemaMembers Of(JsonElement schema) => new(
        Pairs(schema, "properties"),
        Pairs(schema, "patternProperties"),
        schema.TryGetProperty("additionalProperties", out JsonElement others) ? others : null);

    /// <summary>The schemas that a member of that name has to fit.</summary>
    public IEnumerable<JsonElement> For(string name)
    {
        JsonElement[] own = [.. Named.Where(n => n.Name == name).Select(n => n.Schema), .. Patterns.Where(p => Regex.IsMatch(name, p.Pattern, RegexOptions.CultureInvariant, s_patience)).Select(p => p.Schema)];
        return own.Length == 0 && Others is { } others ? [others] : own;
    }

    private static (string, JsonElement)[] Pairs(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out JsonElement members) && members.ValueKind == JsonValueKind.Object ? [.. members.EnumerateObject().Select(m => (m.Name, m.Value))] : [];
}
