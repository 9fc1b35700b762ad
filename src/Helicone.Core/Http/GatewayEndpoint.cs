using System;
using Helicone.Resilience;

namespace Helicone.Http;

/// <summary>One API of the gateway, such as <c>v1/chat/completions</c>, at each of the gateway's addresses.</summary>
internal sealed class GatewayEndpoint
{
    private readonly Uri[] _uris;

    /// <summary>Creates an endpoint.</summary>
    /// <param name="transport">The connection.</param>
    /// <param name="path">The path below each address.</param>
    /// <param name="operation">The name of the operation in telemetry, one of OpenTelemetry's <c>gen_ai.operation.name</c>.</param>
    internal GatewayEndpoint(HeliconeTransport transport, string path, string operation)
    {
        Operation = operation;
        Transport = transport;
        _uris = Array.ConvertAll(transport.Addresses.Roots, root => HeliconeTransport.Combine(root, path));
    }

    internal HeliconeTransport Transport { get; }

    internal string Operation { get; }

    internal GatewayAddresses Addresses => Transport.Addresses;

    /// <summary>The endpoint at the address with this index.</summary>
    internal Uri this[int index] => _uris[index];
}
