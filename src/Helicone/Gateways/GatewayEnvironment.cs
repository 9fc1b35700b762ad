using System;
using System.Collections.Generic;
using Helicone.Connections;

namespace Helicone.Gateways;

/// <summary>The environment variables that point other programs of the session at a local gateway.</summary>
internal sealed class GatewayEnvironment
{
    // Of the whole process, as the variables are; the newest last.
    private static readonly List<GatewayEnvironment> s_active = [];

    private readonly Dictionary<string, string> _set;
    private readonly Dictionary<string, string?> _before = [];

    private GatewayEnvironment(Dictionary<string, string> set) => _set = set;

    /// <summary>Sets them, Helicone's addresses among them: a local key must not go to Helicone's cloud.</summary>
    public static GatewayEnvironment Point(HeliconeGateway gateway)
    {
        string uri = gateway.Uri.ToString().TrimEnd('/');
        GatewayEnvironment environment = Connections.ApiKey.Use(gateway.ApiKey, key => new GatewayEnvironment(new()
        {
            [EnvironmentVariables.ApiKey] = key,
            [EnvironmentVariables.GatewayUri] = uri,
            [EnvironmentVariables.ApiUri] = uri,
            ["OPENAI_API_KEY"] = key,
            ["OPENAI_BASE_URL"] = uri + "/v1",
        }));
        lock (s_active)
        {
            foreach (KeyValuePair<string, string> variable in environment._set)
            {
                environment._before[variable.Key] = Environment.GetEnvironmentVariable(variable.Key);
                Environment.SetEnvironmentVariable(variable.Key, variable.Value);
            }

            s_active.Add(environment);
        }

        return environment;
    }

    /// <summary>
    /// Restores the previous values, unless they have changed since. Gateways may stop in any order: one that was pointed at later gets what this
    /// one would have put back.
    /// </summary>
    public void Restore()
    {
        lock (s_active)
        {
            int index = s_active.IndexOf(this);
            if (index < 0)
            {
                return;
            }

            GatewayEnvironment? later = index + 1 < s_active.Count ? s_active[index + 1] : null;
            s_active.RemoveAt(index);
            foreach (KeyValuePair<string, string> variable in _set)
            {
                if (later is not null)
                {
                    later._before[variable.Key] = later._before[variable.Key] == variable.Value ? _before[variable.Key] : later._before[variable.Key];
                }
                else if (Environment.GetEnvironmentVariable(variable.Key) == variable.Value)
                {
                    Environment.SetEnvironmentVariable(variable.Key, _before[variable.Key]);
                }
            }
        }
    }

    /// <summary>Gives a child process the previous values. Otherwise another gateway would use its sibling's key as a key of OpenAI.</summary>
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
