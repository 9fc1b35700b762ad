using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using Helicone.Transformation;

namespace Helicone.Mcp;

/// <summary>The servers that a runspace has connected. They end with it.</summary>
internal sealed class McpServerSet
{
    private readonly List<McpServer> _servers = [];

    public IReadOnlyList<McpServer> All
    {
        get
        {
            lock (_servers)
            {
                return _servers.ToArray();
            }
        }
    }

    public void Add(McpServer server)
    {
        lock (_servers)
        {
            _servers.Add(server);
        }
    }

    public void Remove(McpServer server)
    {
        lock (_servers)
        {
            _servers.Remove(server);
        }
    }

    /// <summary>Indicates whether a server has the name, or one with which its tools would be named alike.</summary>
    public bool Has(string name) => All.Any(server => server.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || McpServer.ToolPrefix(server.Name).Equals(McpServer.ToolPrefix(name), StringComparison.OrdinalIgnoreCase));

    /// <summary>The name, with a number when another server has it.</summary>
    public string FreeName(string name)
    {
        string free = name;
        for (int i = 2; Has(free); i++)
        {
            free = name + "_" + i.ToString(CultureInfo.InvariantCulture);
        }

        return free;
    }

    /// <summary>The servers with these names, which may contain wildcards; all when there are none.</summary>
    /// <param name="names">The names.</param>
    /// <param name="missing">The names that no server has.</param>
    public List<McpServer> Find(string[]? names, out List<string> missing)
    {
        missing = [];
        if (names is null)
        {
            return [.. All];
        }

        List<McpServer> found = [];
        foreach (string name in names)
        {
            McpServer[] matches = All.Where(server => Wildcard.IsMatch(name, server.Name)).ToArray();
            if (matches.Length == 0 && !System.Management.Automation.WildcardPattern.ContainsWildcardCharacters(name))
            {
                missing.Add(name);
            }

            found.AddRange(matches.Where(match => !found.Contains(match)));
        }

        return found;
    }

    /// <summary>Ends all servers at once.</summary>
    public void Abort()
    {
        IReadOnlyList<McpServer> all = All;
        foreach (McpServer server in all)
        {
            Remove(server);
        }

        // Each may take half a second to end by itself.
        _ = Parallel.ForEach(all, static server => server.Abort());
    }
}
