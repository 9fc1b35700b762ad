using System;

namespace Helicone.LocalGateway.Query;

/// <summary>A request of the REST API that cannot be served: what <c>error</c> says of it, and with which status.</summary>
/// <remarks>Helicone sends 500 with whatever an <c>error</c> says, also for a filter that nobody could understand.</remarks>
internal sealed class QueryRefusedException(string message, int statusCode = 500) : Exception(message)
{
    public int StatusCode { get; } = statusCode;
}
