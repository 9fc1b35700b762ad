using System;
using System.Collections.Generic;

namespace Helicone.LocalGateway.Errors;

/// <summary>A request that gets no further: it is answered with this status and text, as Helicone answers it.</summary>
internal sealed class RequestRefusedException(int statusCode, string body, string contentType = RequestRefusedException.PlainText) : Exception(body)
{
    /// <summary>What a worker sends when nobody names a content type.</summary>
    public const string PlainText = "text/plain;charset=UTF-8";

    public const string Json = "application/json";

    public int StatusCode { get; } = statusCode;

    public string Body { get; } = body;

    public string ContentType { get; } = contentType;

    /// <summary>Further headers of the answer.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}
