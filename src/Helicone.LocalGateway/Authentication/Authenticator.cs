using System;
using Helicone.LocalGateway.Errors;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Authentication;

/// <summary>Who may call: whoever has the key of this gateway.</summary>
internal sealed class Authenticator(GatewayKey key)
{
    private const string Bearer = "Bearer ";

    /// <exception cref="RequestRefusedException">401 with the text of Helicone's gateway.</exception>
    public void Check(HttpRequest request)
    {
        // x-api-key and api-key do not authenticate there either. "(hshed)" is its spelling.
        string authorization = request.Headers.Authorization.ToString();
        if (!authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            throw new RequestRefusedException(401, "Invalid Helicone API key (hshed)");
        }

        if (!key.Matches(authorization.AsSpan(Bearer.Length).Trim()))
        {
            throw new RequestRefusedException(401, "Invalid Helicone API key");
        }
    }
}
