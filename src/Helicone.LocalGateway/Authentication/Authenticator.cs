using System;
using Helicone.LocalGateway.Errors;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Authentication;

/// <summary>Authenticates calls with the key of this gateway.</summary>
internal sealed class Authenticator(GatewayKey key)
{
    private const string Bearer = "Bearer ";

    /// <exception cref="RequestRefusedException">401 with the text of Helicone's gateway.</exception>
    public void Check(HttpRequest request)
    {
        // x-api-key and api-key do not authenticate there either. "(hshed)" is its spelling.
        if (!TryMatch(request, out bool hasKey))
        {
            throw new RequestRefusedException(401, hasKey ? "Invalid Helicone API key" : "Invalid Helicone API key (hshed)");
        }
    }

    /// <exception cref="RequestRefusedException">401 in the form of Helicone's REST API (Helicone/helicone valhalla/jawn/src/middleware/auth.ts @a86ca733).</exception>
    public void CheckApi(HttpRequest request)
    {
        if (!TryMatch(request, out bool hasKey))
        {
            string error = hasKey ? "Invalid API key" : "No API key: Authorization must be Bearer and the gateway's key";
            throw new RequestRefusedException(401, $$"""{"error":"{{error}}","trace":"isAuthenticated.error"}""", RequestRefusedException.Json);
        }
    }

    /// <summary>Indicates whether that is the key.</summary>
    public bool Matches(string candidate) => key.Matches(candidate);

    private bool TryMatch(HttpRequest request, out bool hasKey)
    {
        string authorization = request.Headers.Authorization.ToString();
        hasKey = authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase);
        return hasKey && key.Matches(authorization.AsSpan(Bearer.Length).Trim());
    }
}
