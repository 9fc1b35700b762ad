using System;
using System.Collections.Generic;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Helicone.LocalGateway.Log;

/// <summary>What a call is tagged with by its <c>Helicone-*</c> headers.</summary>
internal sealed class CallTags
{
    private const string PropertyPrefix = "Helicone-Property-";

    private readonly List<KeyValuePair<string, string>> _properties = [];

    /// <summary>The id that the client proposes, whatever it is.</summary>
    public string? RequestId { get; private set; }

    public string? UserId { get; private set; }

    public string? SessionId { get; private set; }

    public string? SessionName { get; private set; }

    public string? SessionPath { get; private set; }

    public string? PromptId { get; private set; }

    public string? ModelOverride { get; private set; }

    public bool OmitsRequest { get; private set; }

    public bool OmitsResponse { get; private set; }

    public IReadOnlyList<KeyValuePair<string, string>> Properties => _properties;

    public static CallTags Of(IHeaderDictionary headers)
    {
        CallTags tags = new();
        foreach (KeyValuePair<string, StringValues> header in headers)
        {
            if (header.Key.StartsWith("Helicone-", StringComparison.OrdinalIgnoreCase))
            {
                tags.Set(header.Key, header.Value.ToString());
            }
        }

        return tags;
    }

    /// <summary>Takes one header; those that tag nothing are passed over. A later one of the same name wins.</summary>
    public void Set(string header, string value)
    {
        if (header.StartsWith(PropertyPrefix, StringComparison.OrdinalIgnoreCase))
        {
            SetProperty(header[PropertyPrefix.Length..], value);
        }
        else if (value.Length > 0)
        {
            SetField(header, value);
        }
    }

    public void SetProperty(string name, string value)
    {
        if (name.Length == 0)
        {
            return;
        }

        int index = _properties.FindIndex(p => p.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (index >= 0)
        {
            _properties.RemoveAt(index);
        }

        _properties.Add(new(name, value));
    }

    private void SetField(string header, string value)
    {
        if (Is(header, "Helicone-Request-Id"))
        {
            RequestId = value;
        }
        else if (Is(header, "Helicone-User-Id"))
        {
            UserId = value;
        }
        else if (Is(header, "Helicone-Session-Id"))
        {
            SessionId = value;
        }
        else if (Is(header, "Helicone-Session-Name"))
        {
            SessionName = value;
        }
        else if (Is(header, "Helicone-Session-Path"))
        {
            SessionPath = value;
        }
        else if (Is(header, "Helicone-Prompt-Id"))
        {
            PromptId = value;
        }
        else if (Is(header, "Helicone-Model-Override"))
        {
            ModelOverride = value;
        }
        else if (Is(header, "Helicone-Omit-Request"))
        {
            OmitsRequest = Is(value, "true");
        }
        else if (Is(header, "Helicone-Omit-Response"))
        {
            OmitsResponse = Is(value, "true");
        }
    }

    private static bool Is(string text, string expected) => text.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
