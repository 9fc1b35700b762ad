using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using Helicone.Attribution;
using Helicone.Completion;
using Helicone.Connections;
using Helicone.Errors;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>For the cmdlets that put something into Helicone's log: what it is found by there.</summary>
public abstract class TaggingCommand : ConnectedCommand
{
    private protected TaggingCommand()
    {
    }

    /// <summary>The session that the call belongs to: an object of New-HeliconeSession, or an id. The one entered last when left out.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public object? Session { get; set; }

    /// <summary>The call's path in the session: <c>weather</c> extends the session's path, <c>/weather</c> replaces it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SessionPath { get; set; }

    /// <summary>Properties to find the call by in Helicone.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Property { get; set; }

    /// <summary>The end user that the call is for.</summary>
    [Parameter]
    public string? UserId { get; set; }

    /// <summary>The id that the call shall have in Helicone's log: a UUID of version 1 to 5, for one call.</summary>
    [Parameter]
    public string? RequestId { get; set; }

    /// <summary>The session that it belongs to: the one given, else the one entered last, at the path given.</summary>
    private protected HeliconeSession? CallSession(HeliconeConnection connection)
    {
        HeliconeSession? session = Session is null ? State.EnteredSession ?? connection.Session : Valid(() => Sessions.From(Session), Session, InvalidInput.Session);
        if (SessionPath is null)
        {
            return session;
        }

        return Valid(
            () => session?.At(SessionPath) ?? throw new FormatException($"-SessionPath '{SessionPath}' needs a session, and there is none: neither -Session nor one that was entered."),
            SessionPath,
            InvalidInput.Session);
    }

    /// <summary>User, properties and id, those of the connection among them.</summary>
    private protected RequestTags Tags(HeliconeConnection connection)
    {
        IReadOnlyDictionary<string, string> properties = connection.Property;
        if (Property is not null)
        {
            Dictionary<string, string> merged = new(StringComparer.OrdinalIgnoreCase);
            foreach (KeyValuePair<string, string> property in connection.Property.Concat(Valid(() => PropertyValues.Tags(Property), Property, InvalidInput.Property)))
            {
                merged[property.Key] = property.Value;
            }

            properties = merged;
        }

        RequestTags tags = Valid(() => new RequestTags { UserId = UserId ?? connection.UserId, Properties = properties }, UserId, InvalidInput.User);
        return RequestId is null ? tags : Valid(() => tags with { RequestId = RequestId }, RequestId, InvalidInput.RequestId);
    }
}
