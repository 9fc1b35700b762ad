using System.Text.Json.Nodes;
using Helicone.Core.Tests.Servers;
using Helicone.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.Core.Tests.Requests;

/// <summary>Sessions and users of the log.</summary>
public sealed class SessionAndUserLogTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 4, 5, 6, 7, 890, TimeSpan.Zero);

    [Fact]
    public async Task Sessions_AreAskedInMilliseconds_WithTheTimeBesideTheFilter()
    {
        await using LogServer server = await LogServer.RowsAsync("");
        using HeliconeClient client = new(Clients.Options(server.Uri) with { TimeProvider = new FakeTimeProvider(s_now) });

        Assert.Empty(await AllAsync(client.Sessions.List("night", "Nightly", new RequestFilter { UserIds = ["u-7"], Since = s_now - TimeSpan.FromDays(1) })));

        Assert.Equal(
            $$$$"""{"search":"night","timeFilter":{"startTimeUnixMs":{{{{s_now.ToUnixTimeMilliseconds() - 86400000}}}},"endTimeUnixMs":{{{{s_now.ToUnixTimeMilliseconds()}}}}},"timezoneDifference":0,"nameEquals":"Nightly","filter":{"request_response_rmt":{"user_id":{"equals":"u-7"}}},"offset":0,"limit":100}""",
            server.Queries[0].ToJsonString());
    }

    [Fact]
    public async Task Sessions_OfAnyKind_AreAll()
    {
        await using LogServer server = await LogServer.RowsAsync("");
        using HeliconeClient client = Clients.Client(server.Uri);

        Assert.Empty(await AllAsync(client.Sessions.List(null, null, new RequestFilter())));

        JsonObject query = Assert.Single(server.Queries);
        Assert.Equal(("all", "", 0), (query["filter"]!.GetValue<string>(), query["search"]!.GetValue<string>(), query["timeFilter"]!["startTimeUnixMs"]!.GetValue<int>()));
        Assert.False(query.ContainsKey("nameEquals"));
    }

    [Fact]
    public async Task SessionName_WithWildcards_IsAPropertyOfItsCalls()
    {
        await using LogServer server = await LogServer.RowsAsync("");
        using HeliconeClient client = Clients.Client(server.Uri);

        Assert.Empty(await AllAsync(client.Sessions.List(null, "Night*", new RequestFilter())));

        Assert.Equal("""{"request_response_rmt":{"properties":{"Helicone-Session-Name":{"ilike":"Night%"}}}}""", server.Filter);
        Assert.False(server.Queries[0].ContainsKey("nameEquals"));
    }

    [Fact]
    public async Task Session_IsTyped()
    {
        await using LogServer server = await LogServer.RowsAsync(
            """{"session_id":"s-1","session_name":"Nightly","created_at":"2026-01-31 08:00:00","latest_request_created_at":"2026-01-31 08:02:00","total_requests":"3","total_cost":0.5,"prompt_tokens":10,"completion_tokens":4,"total_tokens":14,"avg_latency":250.5,"user_ids":["u-7",""]}""");
        using HeliconeClient client = Clients.Client(server.Uri);

        LoggedSession session = Assert.Single(await AllAsync(client.Sessions.List(null, null, new RequestFilter())));

        Assert.Equal(("s-1", "Nightly", 3L, 0.5m, 14L), (session.SessionId, session.Name, session.Requests, session.Cost, session.TotalTokens));
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero), session.CreatedAt);
        Assert.Equal((TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(250.5)), (session.Duration, session.AverageLatency));
        Assert.Equal(["u-7"], session.UserIds);
    }

    [Theory]
    [InlineData(null, 250, "0+100 100+100 200+100")]
    [InlineData(120, 120, "0+100 100+20")]
    public async Task Sessions_ComeInPages(int? first, int expected, string pages)
    {
        await using LogServer server = await LogServer.AnswerAsync(async (context, query) =>
        {
            JsonArray rows = new(Enumerable.Range(0, 250).Skip(query["offset"]!.GetValue<int>()).Take(query["limit"]!.GetValue<int>()).Select(i => (JsonNode)new JsonObject { ["session_id"] = "s-" + i }).ToArray());
            await context.Response.WriteAsync(new JsonObject { ["data"] = rows, ["error"] = null }.ToJsonString());
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        Assert.Equal(expected, (await AllAsync(client.Sessions.List(null, null, new RequestFilter(), first))).Count);

        Assert.Equal(pages, string.Join(' ', server.Queries.Select(q => $"{q["offset"]}+{q["limit"]}")));
        Assert.Single(server.Queries.Select(q => q["timeFilter"]!.ToJsonString()).Distinct());
    }

    [Fact]
    public async Task Users_AreAskedInSeconds_AndTyped()
    {
        await using LogServer server = await LogServer.RowsAsync("""{"user_id":"u-7","count":"3","cost":0.25,"prompt_tokens":10,"completion_tokens":4}""");
        using HeliconeClient client = new(Clients.Options(server.Uri) with { TimeProvider = new FakeTimeProvider(s_now) });

        LoggedUser user = Assert.Single(await client.Users.ListAsync(["u-7"], s_now - TimeSpan.FromHours(1), null, default));

        Assert.Equal(("u-7", 3L, 0.25m, 10L, 4L), (user.UserId, user.Requests, user.Cost, user.PromptTokens, user.CompletionTokens));

        // The second that has begun counts.
        long now = s_now.ToUnixTimeSeconds();
        Assert.Equal($$$$"""{"userIds":["u-7"],"timeFilter":{"startTimeUnixSeconds":{{{{now - 3600}}}},"endTimeUnixSeconds":{{{{now + 1}}}}}}""", server.Queries[0].ToJsonString());
    }

    private static async Task<List<LoggedSession>> AllAsync(AsyncSequence<LoggedSession> sequence)
    {
        List<LoggedSession> all = [];
        await foreach (LoggedSession row in sequence)
        {
            all.Add(row);
        }

        return all;
    }
}
