using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace Helicone.Attribution;

/// <summary>The tags of a call: user, custom properties, and an id that the caller chooses.</summary>
public sealed record RequestTags
{
    private static readonly Regex s_requestId = new(
        "^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        TimeSpan.FromSeconds(1));

    private readonly string? _userId;
    private readonly string? _requestId;
    private readonly IReadOnlyDictionary<string, string> _properties = new Dictionary<string, string>();

    /// <summary>The end user that the call is for (<c>Helicone-User-Id</c>).</summary>
    /// <exception cref="ArgumentException">Empty, or not fit for a header.</exception>
    public string? UserId
    {
        get => _userId;
        init
        {
            if (value is not null)
            {
                HeaderRules.CheckValue("Helicone-User-Id", value);
                if (value.Length == 0)
                {
                    throw new ArgumentException("A user id is empty.", nameof(UserId));
                }
            }

            _userId = value;
        }
    }

    /// <summary>Custom properties (<c>Helicone-Property-&lt;Name&gt;</c>).</summary>
    /// <exception cref="ArgumentException">A name or a value cannot go into a header; the message names it.</exception>
    public IReadOnlyDictionary<string, string> Properties
    {
        get => _properties;
        init
        {
            foreach (KeyValuePair<string, string> property in value)
            {
                if (string.IsNullOrWhiteSpace(property.Key))
                {
                    throw new ArgumentException("The name of a property is empty.", nameof(Properties));
                }

                HeaderRules.CheckName("Helicone-Property-" + property.Key);
                HeaderRules.CheckValue("Helicone-Property-" + property.Key, property.Value);
            }

            _properties = value;
        }
    }

    /// <summary>The id of the call in Helicone's log (<c>Helicone-Request-Id</c>): a UUID of version 1 to 5.</summary>
    /// <remarks>Helicone silently replaces any other id, version 7 included, so such an id is refused here (Helicone/helicone worker/src/lib/models/HeliconeHeaders.ts @a94112d4).</remarks>
    /// <exception cref="ArgumentException">Not such a UUID.</exception>
    public string? RequestId
    {
        get => _requestId;
        init => _requestId = value is null || s_requestId.IsMatch(value)
            ? value
            : throw new ArgumentException($"'{value}' can't be a request ID. Helicone accepts only UUIDs of version 1 to 5, and silently replaces other IDs.", nameof(RequestId));
    }

    /// <summary>Writes the headers.</summary>
    internal void WriteTo(HeaderSink headers)
    {
        if (UserId is { } user)
        {
            headers.Set("Helicone-User-Id", user);
        }

        if (RequestId is { } id)
        {
            headers.Set("Helicone-Request-Id", id);
        }

        foreach (KeyValuePair<string, string> property in Properties)
        {
            headers.Set("Helicone-Property-" + property.Key, property.Value);
        }
    }
}
