using System.Collections.Generic;
using Helicone.Attribution;
using Helicone.Requests;

namespace Helicone.Completion;

/// <summary>Users, properties, and sessions that calls were tagged with and that rows of the log had, in this process. Completion offers them without asking anyone.</summary>
/// <remarks>They aren't written to disk: ids of users are personal data, and a row of the log brings them back.</remarks>
internal static class SeenNames
{
    // Enough for a person to choose from. The ones seen last stay.
    private const int MaxNames = 200;

    private static readonly object s_lock = new();
    private static readonly LinkedList<KeyValuePair<string, string>> s_users = new();
    private static readonly LinkedList<KeyValuePair<string, string>> s_properties = new();
    private static readonly LinkedList<KeyValuePair<string, string>> s_sessions = new();

    /// <summary>Ids of users, seen last first.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Users => Copy(s_users);

    /// <summary>Names of properties with their last value, seen last first.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Properties => Copy(s_properties);

    /// <summary>Ids of sessions with their names, seen last first.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Sessions => Copy(s_sessions);

    /// <summary>Adds the tags of a call.</summary>
    public static void Add(string? userId, IEnumerable<KeyValuePair<string, string>> properties, HeliconeSession? session = null)
    {
        lock (s_lock)
        {
            Add(s_users, userId, string.Empty);
            AddAll(properties);
            Add(s_sessions, session?.Id, session?.Name ?? string.Empty);
        }
    }

    /// <summary>Adds a row of the log.</summary>
    public static void Add(object? row)
    {
        lock (s_lock)
        {
            switch (row)
            {
                case LoggedRequest request:
                    Add(s_users, request.UserId, string.Empty);
                    AddAll(request.Properties);
                    Add(s_sessions, request.SessionId, request.SessionName ?? string.Empty);
                    break;
                case LoggedSession session:
                    Add(s_sessions, session.SessionId, session.Name ?? string.Empty);
                    break;
                case LoggedUser user:
                    Add(s_users, user.UserId, string.Empty);
                    break;
            }
        }
    }

    private static KeyValuePair<string, string>[] Copy(LinkedList<KeyValuePair<string, string>> names)
    {
        lock (s_lock)
        {
            return [.. names];
        }
    }

    private static void AddAll(IEnumerable<KeyValuePair<string, string>> properties)
    {
        foreach (KeyValuePair<string, string> property in properties)
        {
            Add(s_properties, property.Key, property.Value);
        }
    }

    private static void Add(LinkedList<KeyValuePair<string, string>> names, string? name, string text)
    {
        if (string.IsNullOrEmpty(name))
        {
            return;
        }

        for (LinkedListNode<KeyValuePair<string, string>>? node = names.First; node is not null; node = node.Next)
        {
            if (node.Value.Key == name)
            {
                node.Value = new(name!, text);
                if (node.Previous is not null)
                {
                    names.Remove(node);
                    names.AddFirst(node);
                }

                return;
            }
        }

        names.AddFirst(new KeyValuePair<string, string>(name!, text));
        if (names.Count > MaxNames)
        {
            names.RemoveLast();
        }
    }
}
