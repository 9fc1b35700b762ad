using Helicone.Core.Tests.Servers;
using Helicone.Errors;

namespace Helicone.Core.Tests.Dashboard;

/// <summary>Where the pages are.</summary>
public sealed class DashboardTests
{
    private static readonly Uri s_nowhere = new("https://gateway.example/");

    [Theory]
    [InlineData("https://api.helicone.ai/", "https://us.helicone.ai/")]
    [InlineData("https://eu.api.helicone.ai/", "https://eu.helicone.ai/")]
    public async Task Cloud_HasADashboardForEachRegion(string api, string dashboard)
    {
        using HeliconeClient client = new(Clients.Options(s_nowhere) with { ApiUri = new Uri(api) });

        Assert.Equal(dashboard + "requests", (await client.Dashboard.GetPageAsync(default))!.AbsoluteUri);
        Assert.Equal(dashboard + "requests?requestId=a%20b%26c", (await client.Dashboard.GetRequestPageAsync("a b&c", default))!.AbsoluteUri);
        Assert.Equal(dashboard + "sessions/Nightly%20%2F%20EU/s%231", (await client.Dashboard.GetSessionPageAsync("s#1", "Nightly / EU", default))!.AbsoluteUri);
        Assert.Equal(dashboard + "sessions/s-1", (await client.Dashboard.GetSessionPageAsync("s-1", null, default))!.AbsoluteUri);
    }

    [Fact]
    public async Task HeliconeOfOthers_HasNoKnownDashboard()
    {
        using HeliconeClient client = Clients.Client(s_nowhere);

        Assert.Null(await client.Dashboard.GetPageAsync(default));
    }

    [Fact]
    public async Task LocalGateway_GivesATokenForItsPage_AndTheKeyStaysInTheHeader()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(404, ""), ScriptedServer.Json("""{"token":"one+time"}"""));
        using HeliconeClient client = Clients.Client(server.Uri);

        Assert.Equal(server.Uri + "?token=one%2Btime", (await client.Dashboard.GetPageAsync(default))!.AbsoluteUri);
        Assert.Equal(server.Uri + "requests/r-1?token=one%2Btime", (await client.Dashboard.GetRequestPageAsync("r-1", default))!.AbsoluteUri);
        Assert.Equal(server.Uri + "sessions/s%261?token=one%2Btime", (await client.Dashboard.GetSessionPageAsync("s&1", "Nightly", default))!.AbsoluteUri);
        Assert.All(server.Requests, request => Assert.Equal(("POST", "/dashboard/token", "Bearer " + Clients.Key), (request.Method, request.Path, request.Headers["Authorization"])));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"token":""}""")]
    [InlineData("""{"token":1}""")]
    public async Task LocalGateway_WithoutAToken_IsAnError(string answer)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(404, ""), ScriptedServer.Json(answer));
        using HeliconeClient client = Clients.Client(server.Uri);

        Assert.Equal(HeliconeErrorKind.MalformedResponse, (await Assert.ThrowsAsync<HeliconeException>(() => client.Dashboard.GetPageAsync(default))).Kind);
    }
}
