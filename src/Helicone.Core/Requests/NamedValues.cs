using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Helicone.Requests;

/// <summary>Values by name, which compare without regard to case. As text, such as in a CSV file: <c>Environment=production; Team=ops</c>.</summary>
internal sealed class NamedValues<T>() : Dictionary<string, T>(StringComparer.OrdinalIgnoreCase)
{
    public override string ToString() =>
        string.Join("; ", this.OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase).Select(pair => string.Format(CultureInfo.InvariantCulture, "{0}={1}", pair.Key, pair.Value)));
}
