using System;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Requests;

/// <summary>Reads <see cref="BodyMapping"/> off a request.</summary>
internal static class BodyMappings
{
    /// <remarks>A path of the Responses API decides only where the header did not (aiGatewayRouter).</remarks>
    public static BodyMapping Of(HttpRequest request) => request.Headers["Helicone-Gateway-Body-Mapping"].ToString() switch
    {
        "RESPONSES" => BodyMapping.Responses,
        "NO_MAPPING" => BodyMapping.None,
        _ when request.Path.Value?.Contains("v1/responses", StringComparison.OrdinalIgnoreCase) == true => BodyMapping.Responses,
        _ => BodyMapping.OpenAI,
    };
}
