using System;

namespace Helicone.LocalGateway.Query;

/// <summary>A request of the REST API that can't be served: the value of <c>error</c>, and the status.</summary>
/// <remarks>Helicone returns 500 with the text in <c>error</c>, also for an invalid filter.</remarks>
internal sealed class QueryRefusedException(string message, int statusCode = 500) : Exception(message)
{
    public int StatusCode { get; } = statusCode;
}
