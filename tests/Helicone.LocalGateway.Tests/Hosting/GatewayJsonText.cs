using System.Linq;

namespace Helicone.LocalGateway.Tests.Hosting;

/// <summary>Writes a gateway.json.</summary>
internal static class GatewayJsonText
{
    /// <summary>Providers without keys, under these names.</summary>
    public static string Providers(params (string Name, string BaseUrl)[] providers) =>
        "{\"providers\":[" + string.Join(',', providers.Select(p => $$"""{"name":"{{p.Name}}","baseUrl":"{{p.BaseUrl}}"}""")) + "]}";
}
