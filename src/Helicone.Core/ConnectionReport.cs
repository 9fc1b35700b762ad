using System;
using System.Collections.Generic;
using Helicone.Errors;

namespace Helicone;

/// <summary>Indicates whether a connection works, part by part.</summary>
/// <param name="Gateway">The gateway answers.</param>
/// <param name="Api">The REST API answers.</param>
/// <param name="Key">The gateway accepts the key.</param>
public sealed record ConnectionReport(ConnectionCheck Gateway, ConnectionCheck Api, ConnectionCheck Key)
{
    /// <summary>Indicates whether chats will work: the gateway is responding and accepts the key.</summary>
    public bool Ok => Gateway.Ok && Key.Ok;

    /// <summary>Addresses of the gateway that are preferred to the one that answered, and did not answer themselves.</summary>
    public IReadOnlyList<ConnectionCheck> PassedOver { get; init; } = [];
}

/// <summary>One part of it.</summary>
/// <param name="Address">What was asked.</param>
/// <param name="Ok">Indicates whether it answered as it should.</param>
/// <param name="Latency">How long it took.</param>
/// <param name="Error">Why not.</param>
public sealed record ConnectionCheck(Uri Address, bool Ok, TimeSpan Latency, HeliconeException? Error);
