using Helicone.Core.Tests.Servers;
using Helicone.Requests;

namespace Helicone.Core.Tests.Requests;

/// <summary>What a filter is on the wire.</summary>
public sealed class RequestFilterTests
{
    private const string End = """{"request_response_rmt":{"request_created_at":{"lte":"2026-01-02T03:04:05.678Z"}}}""";

    private static readonly DateTimeOffset s_end = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    public static TheoryData<RequestFilter, string> Leaves => new()
    {
        { new RequestFilter { Models = ["gpt-4o"] }, """{"model":{"equals":"gpt-4o"}}""" },
        { new RequestFilter { Models = ["gpt-4o*"] }, """{"model":{"ilike":"gpt-4o%"}}""" },
        { new RequestFilter { Models = ["gpt-4?"] }, """{"model":{"ilike":"gpt-4_"}}""" },
        { new RequestFilter { Models = ["100%_\\*"] }, """{"model":{"ilike":"100\\%\\_\\\\%"}}""" },
        { new RequestFilter { Models = ["100%_"] }, """{"model":{"equals":"100%_"}}""" },
        { new RequestFilter { Providers = ["openai"] }, """{"provider":{"equals":"openai"}}""" },
        { new RequestFilter { UserIds = ["svc-*"] }, """{"user_id":{"ilike":"svc-%"}}""" },
        { new RequestFilter { SessionIds = ["s-1"] }, """{"properties":{"Helicone-Session-Id":{"equals":"s-1"}}}""" },
        { new RequestFilter { Properties = new Dictionary<string, string> { ["Environment"] = "prod*" } }, """{"properties":{"Environment":{"ilike":"prod%"}}}""" },
        { new RequestFilter { Status = [429] }, """{"status":{"equals":429}}""" },
        { new RequestFilter { Cached = true }, """{"cached":{"equals":true}}""" },
        { new RequestFilter { Cached = false }, """{"cached":{"equals":false}}""" },
        { new RequestFilter { Since = new DateTimeOffset(2026, 1, 1, 1, 0, 0, TimeSpan.FromHours(1)) }, """{"request_created_at":{"gte":"2026-01-01T00:00:00.000Z"}}""" },
    };

    [Theory]
    [MemberData(nameof(Leaves))]
    public async Task Leaf_StandsBesideTheEnd(RequestFilter filter, string leaf)
    {
        Assert.Equal($$$"""{"left":{"request_response_rmt":{{{leaf}}}},"operator":"and","right":{{{End}}}}""", Plain(await FilterAsync(filter with { Until = s_end })));
    }

    [Fact]
    public async Task SeveralOfOneKind_AreAlternatives_AndKindsAddUp()
    {
        string filter = await FilterAsync(new RequestFilter { Models = ["a"], Status = [429, 500, 503], Until = s_end });

        Assert.Equal(
            """{"left":{"request_response_rmt":{"model":{"equals":"a"}}},"operator":"and","right":{"left":{"left":{"request_response_rmt":{"status":{"equals":429}}},"operator":"or","right":{"left":{"request_response_rmt":{"status":{"equals":500}}},"operator":"or","right":{"request_response_rmt":{"status":{"equals":503}}}}},"operator":"and","right":"""
            + End + "}}",
            filter);
    }

    [Fact]
    public async Task NoFilter_IsTheEndAlone()
    {
        Assert.Equal(End, await FilterAsync(new RequestFilter { Until = s_end }));
    }

    private static string Plain(string json) => json.Replace("\\u0022", "\"", StringComparison.Ordinal);

    private static async Task<string> FilterAsync(RequestFilter filter)
    {
        await using LogServer server = await LogServer.OfAsync(0);
        using HeliconeClient client = Clients.Client(server.Uri);
        await foreach (LoggedRequest row in client.Requests.List(filter))
        {
            Assert.Fail("There is no row: " + row);
        }

        return server.Filter;
    }
}
