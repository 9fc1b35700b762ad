using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using Helicone.Attribution;
using Helicone.Completion;
using Helicone.Connections;
using Helicone.Errors;
using Helicone.Runtime;
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

    /// <summary>The id of the call in Helicone's log: a UUID of version 1 to 5, for one call.</summary>
    [Parameter]
    public string? RequestId { get; set; }

    /// <summary>The session that the call belongs to: the one given, else the one entered last.</summary>
    private protected HeliconeSession? CallSession(HeliconeConnection connection) =>
        Session is null ? State.EnteredSession ?? connection.Session : Valid(() => SessionArgument.From(Session), Session, InvalidInput.Session);

    /// <summary>User, properties, and id, including those of the connection.</summary>
    private protected RequestTags Tags(HeliconeConnection connection, string? userId, IDictionary? properties)
    {
        IReadOnlyDictionary<string, string> all = properties is null
            ? connection.Property
            : Valid(() => ItemTags.Properties(connection, properties), properties, InvalidInput.Property);
        RequestTags tags = Valid(() => new RequestTags { UserId = userId ?? connection.UserId, Properties = all }, userId, InvalidInput.User);
        SeenNames.Add(tags.UserId, tags.Properties, CallSession(connection));
        return RequestId is null ? tags : Valid(() => tags with { RequestId = RequestId }, RequestId, InvalidInput.RequestId);
    }
}
