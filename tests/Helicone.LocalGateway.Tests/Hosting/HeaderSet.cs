using System;
using System.Collections.Generic;
using System.Linq;

namespace Helicone.LocalGateway.Tests.Hosting;

/// <summary>Headers of a call, as one line: <c>Helicone-Cache-Enabled: true | Cache-Control: max-age=60</c>.</summary>
internal static class HeaderSet
{
    public static Dictionary<string, string> Of(string line) => line
        .Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(h => h.Split(':', 2, StringSplitOptions.TrimEntries))
        .ToDictionary(h => h[0], h => h[1], StringComparer.OrdinalIgnoreCase);
}
