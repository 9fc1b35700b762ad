using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Helicone.Tools;

namespace Helicone.Mcp;

/// <summary>The names of a server's tools towards a model: <c>server__tool</c>, bounded and unique.</summary>
internal sealed class McpToolNames(string server)
{
    private const string Separator = "__";
    private const int MaxServerLength = 24;

    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The name of a tool. It depends on nothing but the two names, except when two tools of a server would have the same.</summary>
    internal string Add(string tool)
    {
        string prefix = Prefix(server);
        string whole = prefix + string.Concat(tool.Select(static c => ToolDefinition.IsName(c.ToString()) ? c : '_'));
        string name = whole.Length <= ToolDefinition.MaxNameLength ? whole : WithMark(whole, tool, 0);
        for (int i = 1; !_taken.Add(name); i++)
        {
            name = WithMark(whole, tool, i);
        }

        return name;
    }

    /// <summary>What the names of all tools of a server begin with, and those of no other server: it ends with the first two underscores.</summary>
    internal static string Prefix(string server)
    {
        List<char> name = [];
        foreach (char c in server.Select(static c => ToolDefinition.IsName(c.ToString()) ? c : '_'))
        {
            if (c != '_' || name.Count == 0 || name[name.Count - 1] != '_')
            {
                name.Add(c);
            }
        }

        string text = new string([.. name]).Trim('_');
        text = text.Length == 0 ? "server" : text;
        return (text.Length <= MaxServerLength ? text : WithMark(Cut(text, MaxServerLength - 7).TrimEnd('_'), server, 0)) + Separator;
    }

    // A number would depend on the order in which the server lists its tools.
    private static string WithMark(string name, string tool, int round)
    {
        byte[] hash = McpHash.Of(round > 1 ? tool + "\n" + round.ToString(CultureInfo.InvariantCulture) : tool);
        string mark = "_" + string.Concat(hash.Take(3).Select(static b => b.ToString("x2", CultureInfo.InvariantCulture)));
        return Cut(name, ToolDefinition.MaxNameLength - mark.Length) + mark;
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text.Substring(0, length);
}
