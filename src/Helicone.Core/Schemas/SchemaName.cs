using System;
using System.Linq;

namespace Helicone.Schemas;

/// <summary>The name of a schema: 1 to 64 letters, digits, underscores, and hyphens.</summary>
internal static class SchemaName
{
    internal const string Default = "answer";

    internal static string Of(Type type)
    {
        string name = new([.. type.Name.Select(static c => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_' or '-' ? c : '_').Take(64)]);
        return name.Length > 0 ? name : Default;
    }
}
