using System;
using System.Collections.Generic;
using Helicone.Connections;

namespace Helicone.Gateways;

/// <summary>The environment variables that point other programs of the session at a local gateway.</summary>
internal sealed class GatewayEnvironment
{
    private readonly Dictionary<string, string> _set;
    private readonly Dictionary<string, string?> _before = [];

    private GatewayEnvironment(Dictionary<string, string> set) => _set = set;

    /// <summary>Sets them, Helicone's addresses among them: a local key must not go to Helicone's cloud.</summary>
    public static GatewayEnvironment Point(HeliconeGateway gateway)
    {
        string uri = gateway.Uri.ToString().TrimEnd('/');
        GatewayEnvironment environment = Connections.ApiKey.Use(gateway.ApiKey, key => new GatewayEnvironment(new()
        {
            [Variables.ApiKey] = key,
            [Variables.GatewayUri] = uri,
            [Variables.ApiUri] = uri,
            ["OPENAI_API_KEY"] = key,
            ["OPENAI_BASE_URL"] = uri + "/v1",
        }));
        foreach (KeyValuePair<string, string> variable in environment._set)
        {
            environment._before[variable.Key] = Environment.GetEnvironmentVariable(variable.Key);
            Environment.SetEnvironmentVariable(variable.Key, variable.Value);
        }

        return environment;
    }

    /// <summary>Puts back what was there, unless somebody has changed it since.</summary>
    public void Restore()
    {
        foreach (KeyValuePair<string, string> variable in _set)
        {
            if (Environment.GetEnvironmentVariable(variable.Key) == variable.Value)
            {
                Environment.SetEnvironmentVariable(variable.Key, _before[variable.Key]);
            }
        }
    }

    /// <summary>Gives a child what was there before. Another gateway would else take its sister's key for one of OpenAI.</summary>
    public void Undo(IDictionary<string, string?> child)
    {
        foreach (KeyValuePair<string, string> variable in _set)
        {
            if (child.TryGetValue(variable.Key, out string? value) && value == variable.Value)
            {
                if (_before[variable.Key] is { } before)
                {
                    child[variable.Key] = before;
                }
                else
                {
                    child.Remove(variable.Key);
                }
            }
        }
    }
}
