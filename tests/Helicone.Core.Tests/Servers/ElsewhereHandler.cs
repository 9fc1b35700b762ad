namespace Helicone.Core.Tests.Servers;

/// <summary>Takes requests for hosts of the Internet to servers on loopback: what is kept on disk is kept for those hosts only.</summary>
public sealed class ElsewhereHandler(params (string Host, Uri Server)[] routes) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Uri? server = Array.Find(routes, r => r.Host == request.RequestUri!.Host).Server;
        if (server is null)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, "There is no such host.", null, null);
        }

        request.RequestUri = new Uri(server, request.RequestUri!.PathAndQuery);
        return base.SendAsync(request, cancellationToken);
    }
}
