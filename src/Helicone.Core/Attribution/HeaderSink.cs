using System.Collections.Generic;

namespace Helicone.Attribution;

/// <summary>Collects the headers of one request; every name and value is checked before it is taken.</summary>
internal sealed class HeaderSink
{
    private readonly List<KeyValuePair<string, string>> _headers = [];

    /// <summary>The headers, in the order in which they were set. Names are unique, regardless of their case.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => _headers;

    /// <summary>Sets a header; a later value replaces an earlier one of the same name.</summary>
    /// <exception cref="System.ArgumentException">The name or the value cannot go on the wire; the message names it.</exception>
    public void Set(string name, string value)
    {
        HeaderRules.CheckName(name);
        HeaderRules.CheckValue(name, value);
        KeyValuePair<string, string> header = new(name, value);
        int index = _headers.FindIndex(h => string.Equals(h.Key, name, System.StringComparison.OrdinalIgnoreCase));
        if (index < 0)
        {
            _headers.Add(header);
        }
        else
        {
            _headers[index] = header;
        }
    }
}
