using System.Linq;

namespace Helicone.Schemas;

/// <summary>The name of a schema: 1 to 64 letters, digits, underscores, and hyphens.</summary>
internal static class SchemaName
{
    internal const string Default = "answer";

    private const int MaxLength = 64;

    internal static string Of(string text)
    {
        string name = new([.. text.Take(MaxLength).Select(static c => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_' or '-' ? c : '_')]);
        return name.Length > 0 ? name : Default;
    }
}
