using System;
using System.Collections;
using System.Management.Automation;
using Helicone.Attribution;
using Helicone.Requests;

namespace Helicone.Transformation;

/// <summary>A call as people pass it: its id, or anything that has a RequestId, as an answer or a row of the log has.</summary>
internal static class RequestIdArgument
{
    /// <summary>The id; <see langword="null"/> for what is no call and might be something else.</summary>
    /// <exception cref="FormatException">It can be no call.</exception>
    public static string? TryRead(object? value)
    {
        switch (PlainValue.Unwrap(value))
        {
            case null:
                throw new FormatException("The ID of a request is null.");
            case string { Length: 0 }:
                throw new FormatException("The ID of a request is empty.");
            case string id:
                return id;
            case Guid id:
                return id.ToString("D");
            case LoggedSession or HeliconeSession or IDictionary:
                return null;
            default:
                return FromProperty(PSObject.AsPSObject(value!));
        }
    }

    /// <summary>The id.</summary>
    /// <exception cref="FormatException">It has none.</exception>
    public static string Read(object? value) => TryRead(value) ?? throw new FormatException(Refusal(value!));

    /// <summary>Why a value without an id is refused.</summary>
    public static string Refusal(object value)
    {
        PSObject wrapped = PSObject.AsPSObject(value);
        return wrapped.BaseObject is HeliconeSession or LoggedSession || wrapped.Properties["SessionId"] is not null
            ? $"'{value}' is a session, not a request. To get the requests of a session, use Get-HeliconeRequest -Session $session, or pipe the session to Get-HeliconeRequest."
            : $"A value of type {wrapped.BaseObject.GetType().Name} doesn't identify a request. Specify a request ID, an answer of Invoke-HeliconeChat, or an object of Get-HeliconeRequest.";
    }

    private static string? FromProperty(PSObject value)
    {
        if (value.Properties["RequestId"] is not { } property)
        {
            return null;
        }

        return PlainValue.Unwrap(property.Value) switch
        {
            string { Length: > 0 } id => id,
            Guid id => id.ToString("D"),
            _ => throw new FormatException("It has no RequestId, because the server didn't return the ID of the call in the log."),
        };
    }
}
