using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Helicone.LocalGateway.Requests;

/// <summary>The path as it was sent: the id of a session may have a slash in it, which is an escaped one there.</summary>
internal static class RawPath
{
    public static string Of(HttpContext context)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        return target.StartsWith('/') ? target : context.Request.Path.ToUriComponent();
    }
}
