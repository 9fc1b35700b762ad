using System;
using System.Management.Automation;
using Helicone.Attribution;
using Helicone.Requests;

namespace Helicone.Transformation;

/// <summary>A session as people pass it: an object of New-HeliconeSession or Get-HeliconeSession, a copy of one from another process, or an id.</summary>
internal static class SessionArgument
{
    /// <exception cref="FormatException">It isn't one of these.</exception>
    public static HeliconeSession From(object value) => PlainValue.Unwrap(value) switch
    {
        HeliconeSession session => session,
        LoggedSession session => new HeliconeSession(session.SessionId, session.Name),
        string id => new HeliconeSession(id),
        Guid id => new HeliconeSession(id.ToString("D")),
        PSObject copy when Text(copy, "SessionId") is { } id => new HeliconeSession(id, Text(copy, "Name")),
        PSObject copy when Text(copy, "Id") is { } id => new HeliconeSession(id, Text(copy, "Name"), Text(copy, "Path")),
        null => throw new FormatException("The session is null."),
        object other => throw new FormatException($"'{other}' ({other.GetType().Name}) is not a session. Pass an object of New-HeliconeSession or Get-HeliconeSession, or an id."),
    };

    /// <summary>The wildcard pattern that finds a session in the log. Text may have wildcards; an object has exactly its id.</summary>
    /// <exception cref="FormatException">It is not a session.</exception>
    public static string PatternOf(object value) => PlainValue.Unwrap(value) switch
    {
        string pattern => pattern.Length > 0 ? pattern : throw new FormatException("A session id is empty."),
        LoggedSession session => WildcardPattern.Escape(session.SessionId),
        _ => WildcardPattern.Escape(From(value).Id),
    };

    private static string? Text(PSObject copy, string name) => PlainValue.Unwrap(copy.Properties[name]?.Value) as string is { Length: > 0 } text ? text : null;
}
