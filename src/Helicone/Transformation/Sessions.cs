using System;
using Helicone.Attribution;
using Helicone.Requests;

namespace Helicone.Transformation;

/// <summary>A session as people pass it: the object of New-HeliconeSession, or its id.</summary>
internal static class Sessions
{
    /// <exception cref="FormatException">It is neither.</exception>
    public static HeliconeSession From(object value) => PlainValue.Unwrap(value) switch
    {
        HeliconeSession session => session,
        string id => new HeliconeSession(id),
        Guid id => new HeliconeSession(id.ToString("D")),
        object other => throw new FormatException($"'{other}' ({other.GetType().Name}) is not a session: pass what New-HeliconeSession gave, or a session's id."),
        null => throw new FormatException("The session is null."),
    };

    /// <summary>The id of a session, of the log's too.</summary>
    /// <exception cref="FormatException">It has none.</exception>
    public static string IdOf(object value) => PlainValue.Unwrap(value) is LoggedSession logged ? logged.SessionId : From(value).Id;
}
