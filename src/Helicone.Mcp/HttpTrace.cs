using System;
using System.Net;
using System.Threading;

namespace Helicone.Mcp;

/// <summary>What the responses to one request were, of which the SDK reports a part.</summary>
internal sealed class HttpTrace
{
    private static readonly AsyncLocal<HttpTrace?> s_current = new();

    private MessageStream? _stream;

    /// <summary>The trace of the request that is being made.</summary>
    internal static HttpTrace? Current => s_current.Value;

    /// <summary>The status of the first response that was a failure.</summary>
    internal HttpStatusCode? Status { get; private set; }

    /// <summary>Indicates whether the last response was 404, with which a server refuses a session that it doesn't know.</summary>
    internal bool IsNotFound { get; private set; }

    /// <summary>The address that the server redirected to.</summary>
    internal Uri? Location { get; set; }

    /// <summary>The media type of a response that wasn't a message.</summary>
    internal string? MediaType { get; set; }

    /// <summary>The reason why a request wasn't sent.</summary>
    internal McpException? Refusal { get; set; }

    /// <summary>The reason why a response wasn't read to its end.</summary>
    internal McpException? Failure => Refusal ?? _stream?.Failure;

    /// <summary>The error that ended a response too early.</summary>
    internal Exception? Broken => _stream?.Broken;

    /// <summary>Begins a trace, which the requests that are sent from here on belong to.</summary>
    internal static HttpTrace Begin() => s_current.Value = new HttpTrace();

    internal void Add(HttpStatusCode status)
    {
        IsNotFound = status == HttpStatusCode.NotFound;

        // These three are how older servers refuse the newer transport.
        if (status is not HttpStatusCode.NotFound and not HttpStatusCode.MethodNotAllowed and not HttpStatusCode.BadRequest)
        {
            Status ??= status;
        }
    }

    internal void Add(MessageStream stream) => _stream = stream;
}
