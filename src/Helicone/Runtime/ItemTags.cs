using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using Helicone.Attribution;
using Helicone.Commands;
using Helicone.Completion;
using Helicone.Connections;
using Helicone.Errors;
using Helicone.Transformation;

namespace Helicone.Runtime;

/// <summary>The tags that script blocks write for each input object: user, properties, and the path in the session.</summary>
/// <param name="cmdlet">The command.</param>
/// <param name="userId">The value of -UserId.</param>
/// <param name="properties">The value of -Property.</param>
/// <param name="sessionPath">The value of -SessionPath.</param>
internal sealed class ItemTags(HeliconeCommand cmdlet, object? userId, object? properties, object? sessionPath)
{
    /// <summary>Indicates whether a tag depends on the input object.</summary>
    public bool HasScript { get; } = ItemScript.IsIn(userId) || ItemScript.IsIn(properties) || ItemScript.IsIn(sessionPath);

    /// <summary>The options of the call about one object; <see langword="null"/>, after an error, when a script block failed or wrote something invalid.</summary>
    public RequestOptions? Apply(RequestOptions options, HeliconeConnection connection, object? item)
    {
        RequestOptions? applied = options with { Input = item };
        if (!HasScript)
        {
            return applied;
        }

        RequestTags? tags = applied.Tags;
        HeliconeSession? session = applied.Session;
        bool isValid = (userId is not ScriptBlock || cmdlet.TryRead(() => tags with { UserId = ItemScript.Text(userId, item, "UserId") }, item, InvalidInput.User, out tags))
            && (!ItemScript.IsIn(properties) || cmdlet.TryRead(() => tags with { Properties = Properties(connection, item) }, item, InvalidInput.Property, out tags))
            && (sessionPath is not ScriptBlock || cmdlet.TryRead(() => At(session, ItemScript.Text(sessionPath, item, "SessionPath")!), item, InvalidInput.Session, out session))
            && cmdlet.TryRead((applied = applied with { Tags = tags, Session = session }).Validate, item, InvalidInput.RateLimitPolicy, out _);
        if (!isValid)
        {
            return null;
        }

        SeenNames.Add(tags!.UserId, tags.Properties, session);
        return applied;
    }

    /// <summary>A place in a session.</summary>
    /// <exception cref="FormatException">There is no session, or the path can't go into a header.</exception>
    public static HeliconeSession At(HeliconeSession? session, string path) =>
        session?.At(path) ?? throw new FormatException($"-SessionPath '{path}' requires a session. Specify -Session, or enter a session with Enter-HeliconeSession.");

    /// <summary>The properties of the connection with those of a call, which win.</summary>
    /// <exception cref="FormatException">A script block failed, or a name or a value can't go into a header.</exception>
    public static IReadOnlyDictionary<string, string> Properties(HeliconeConnection connection, System.Collections.IDictionary properties)
    {
        Dictionary<string, string> merged = new(StringComparer.OrdinalIgnoreCase);
        foreach (KeyValuePair<string, string> property in connection.Property.Concat(PropertyArgument.Tags(properties)))
        {
            merged[property.Key] = property.Value;
        }

        return merged;
    }

    private IReadOnlyDictionary<string, string> Properties(HeliconeConnection connection, object? item) => Properties(connection, ItemScript.Entries(properties!, item, "Property"));
}
