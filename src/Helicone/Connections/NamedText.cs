using System;
using System.Collections.Generic;
using System.Linq;

namespace Helicone.Connections;

/// <summary>Values by name. As text, such as in a CSV file: <c>Environment=production; Team=ops</c>.</summary>
internal sealed class NamedText<T> : Dictionary<string, T>
{
    public NamedText(IEnumerable<KeyValuePair<string, T>>? values)
        : base(StringComparer.OrdinalIgnoreCase)
    {
        foreach (KeyValuePair<string, T> value in values ?? [])
        {
            this[value.Key] = value.Value;
        }
    }

    public override string ToString() => string.Join("; ", this.OrderBy(static pair => pair.Key, StringComparer.OrdinalIgnoreCase).Select(static pair => $"{pair.Key}={pair.Value}"));
}
