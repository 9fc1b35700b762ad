using System;
using System.Collections.Generic;
using System.Linq;

namespace Helicone.LocalGateway.Page;

/// <summary>A step of a session's path, with the calls made there and the steps below it.</summary>
internal sealed class SessionNode(string path, int depth)
{
    /// <summary>The whole path to here.</summary>
    public string Path { get; } = path;

    public int Depth { get; } = depth;

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    public List<SessionNode> Below { get; } = [];

    public List<CallSummary> Calls { get; } = [];

    public IEnumerable<CallSummary> AllCalls => Calls.Concat(Below.SelectMany(b => b.AllCalls));

    public long Start => AllCalls.Min(c => c.CreatedAt);

    public long End => AllCalls.Max(c => c.CreatedAt + c.LatencyMs);

    /// <summary>The tree of some calls; its root is no step itself.</summary>
    public static SessionNode Of(IEnumerable<CallSummary> calls)
    {
        // Deeper paths are a client's accident; they end in one step, so that no page recurses without end.
        const int Deepest = 32;
        SessionNode root = new(string.Empty, 0);
        foreach (CallSummary call in calls.OrderBy(c => c.CreatedAt).ThenBy(c => c.Number))
        {
            SessionNode node = root;
            foreach (string step in (call.SessionPath ?? string.Empty).Split('/', Deepest, StringSplitOptions.RemoveEmptyEntries))
            {
                string path = $"{node.Path}/{step}";
                SessionNode? next = node.Below.Find(b => b.Path == path);
                if (next is null)
                {
                    next = new SessionNode(path, node.Depth + 1);
                    node.Below.Add(next);
                }

                node = next;
            }

            node.Calls.Add(call);
        }

        return root;
    }
}
