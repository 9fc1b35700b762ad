using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Helicone.Offline.Configuration;

namespace Helicone.Offline;

/// <summary>The scenarios of a connection, and whether its answers report a cost.</summary>
/// <param name="Scenarios">The scenarios, in the order in which they are asked.</param>
/// <param name="HasPrices">Indicates whether answers report the cost that the cheapest provider of the model would charge, so that a budget can be rehearsed.</param>
internal sealed record OfflineSettings(IReadOnlyList<OfflineScenario> Scenarios, bool HasPrices)
{
    // A gateway.json is a source as well. What it says of providers is for the gateway.
    private static readonly string[] s_fields = ["$schema", "providers", "models", "scenarios", "offline", "retention"];
    private static readonly string[] s_offline = ["prices"];

    /// <summary>Reads scenarios.</summary>
    /// <exception cref="ScenarioException">One is wrong; the message says where.</exception>
    public static OfflineSettings Read(IEnumerable<ScenarioSource> sources)
    {
        List<OfflineScenario> scenarios = [];
        bool hasPrices = false;
        foreach (ScenarioSource source in sources)
        {
            try
            {
                ConfigurationNode root = new ConfigurationText(source.Name, source.Json, hasPlaces: source.IsFile).Parse();
                if (root.Type == JsonTokenType.StartArray)
                {
                    scenarios.AddRange(root.List().Select(ScenarioReader.Read));
                }
                else if (root.Members.Keys.Any(s_fields.Contains))
                {
                    root.Object(s_fields);
                    scenarios.AddRange(root.ListOf("scenarios").Select(ScenarioReader.Read));
                    hasPrices |= root.Find("offline")?.Object(s_offline).Find("prices")?.Flag() ?? false;
                }
                else
                {
                    scenarios.Add(ScenarioReader.Read(root));
                }
            }
            catch (ConfigurationException e)
            {
                throw new ScenarioException(e.Message, e);
            }
        }

        return new OfflineSettings(scenarios, hasPrices);
    }
}
