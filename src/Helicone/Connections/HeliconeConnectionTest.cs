using System;
using System.Globalization;
using System.Linq;

namespace Helicone.Connections;

/// <summary>What of a connection works, and why the rest does not.</summary>
public sealed class HeliconeConnectionTest
{
    internal HeliconeConnectionTest(ConnectionReport report, string apiKey, bool isKeyNeeded = true)
    {
        Report = report;
        Gateway = string.Join("; ", report.PassedOver.Select(static check => $"{check.Address.GetLeftPart(UriPartial.Authority)} {Describe(check)}").Prepend(Describe(report.Gateway)));
        Api = Describe(report.Api);
        Key = !isKeyNeeded ? "None is needed: the connection is offline." : apiKey.Length == 0 ? "There is no key." : report.Gateway.Ok ? Describe(report.Key) : "Unknown while the gateway does not answer.";
        Success = (apiKey.Length > 0 || !isKeyNeeded) && report.Ok;
        ApiKey = apiKey;
    }

    /// <summary>Indicates whether chats will work.</summary>
    public bool Success { get; }

    /// <summary>Indicates whether the gateway answers.</summary>
    public string Gateway { get; }

    /// <summary>Indicates whether the API of the registry and the log answers.</summary>
    public string Api { get; }

    /// <summary>The result of the check whether the gateway accepts the key.</summary>
    public string Key { get; }

    /// <summary>Where the gateway is.</summary>
    public Uri GatewayUri => Report.Gateway.Address;

    /// <summary>Where the API is.</summary>
    public Uri ApiUri => Report.Api.Address;

    /// <summary>What may be shown of the key.</summary>
    public string ApiKey { get; }

    /// <summary>The checks themselves, with their errors.</summary>
    public ConnectionReport Report { get; }

    private static string Describe(ConnectionCheck check) => check.Error is { } error
        ? $"{error.Kind}: {error.Message}"
        : string.Format(CultureInfo.InvariantCulture, "OK ({0:0} ms)", check.Latency.TotalMilliseconds);
}
