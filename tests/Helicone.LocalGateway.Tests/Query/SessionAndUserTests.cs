using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;
using static Helicone.LocalGateway.Tests.Query.LogApi;

namespace Helicone.LocalGateway.Tests.Query;

public sealed class SessionAndUserTests : IAsyncLifetime
{
    private static readonly long s_from = Epoch.ToUnixTimeMilliseconds();

    private TestGateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.StartAsync();
        await _gateway.LogAsync("gpt-4o-mini", 0, Session("s1", "Planning", "ann"), milliseconds: 100, promptTokens: 10);
        await _gateway.LogAsync("gpt-4o-mini", 5, Session("s1", "Planning", "bob"), milliseconds: 300, promptTokens: 20);
        await _gateway.LogAsync("gpt-4o-mini", 9, Session("s1", "Planning", "ann"), milliseconds: 200, promptTokens: 30, status: 500);
        await _gateway.LogAsync("gpt-4o", 7, Session("s2", "Weather", null), promptTokens: 1000);
        await _gateway.LogAsync("free", 8, Session("s3", null, "cy"));
        await _gateway.LogAsync("gpt-4o", 86_400, Numbered("x", ("Helicone-User-Id", "ann")), promptTokens: 100);
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Session_IsWhatItsCallsAddUpTo()
    {
        JsonElement session = (await SessionsAsync()).Single(s => s.GetProperty("session_id").GetString() == "s1");

        Assert.Equal(
            """{"session_id":"s1","session_name":"Planning","created_at":"2025-08-31T12:00:00.000Z","latest_request_created_at":"2025-08-31T12:00:09.000Z","total_cost":0.000018,"total_requests":3,"unpriced_requests":0,"prompt_tokens":60,"completion_tokens":15,"total_tokens":75,"avg_latency":200,"user_ids":["ann","bob"]}""",
            session.GetRawText());
    }

    [Fact]
    public async Task Sessions_AreFoundByTimeNameTextAndFilter()
    {
        Assert.Equal(["s3", "s2", "s1"], Ids(await SessionsAsync()));
        Assert.Equal(["s1"], Ids(await SessionsAsync(search: "PLAN")));
        Assert.Equal(["s2"], Ids(await SessionsAsync(search: "s2")));
        Assert.Equal(["s2"], Ids(await SessionsAsync(rest: ",\"nameEquals\":\"Weather\"")));
        Assert.Equal(["s3", "s2"], Ids(await SessionsAsync(from: s_from + 6000, to: s_from + 8000)));
        Assert.Equal(["s1"], Ids(await SessionsAsync(filter: Leaf("status", "equals", "500"))));
        Assert.Equal(["s1"], Ids(await SessionsAsync(filter: """{"sessions_request_response_rmt":{"session_total_requests":{"gt":1}}}""")));
        Assert.Equal(["s2"], Ids(await SessionsAsync(filter: And("""{"sessions_request_response_rmt":{"session_total_cost":{"gt":0.0001}}}""", Text("model", "like", "gpt%")))));
        Assert.Equal(["s2"], Ids(await SessionsAsync(rest: ",\"offset\":1,\"limit\":1")));
        Assert.Empty(await SessionsAsync(search: "' OR 1=1"));
    }

    [Theory]
    [InlineData("""{"search":"","filter":"all"}""", "timeFilter is missing.")]
    [InlineData("""{"timeFilter":{"startTimeUnixMs":0,"endTimeUnixMs":1},"filter":"all"}""", "search is missing.")]
    [InlineData("""{"search":"","timeFilter":{"startTimeUnixMs":0},"filter":"all"}""", "timeFilter.endTimeUnixMs is missing.")]
    [InlineData("""{"search":"","timeFilter":{"startTimeUnixMs":"now","endTimeUnixMs":1},"filter":"all"}""", "timeFilter.startTimeUnixMs is no time.")]
    [InlineData("""{"search":"","timeFilter":{"startTimeUnixMs":0,"endTimeUnixMs":1},"filter":"all","limit":5000}""", "invalid limit")]
    [InlineData("""{"search":"","timeFilter":{"startTimeUnixMs":0,"endTimeUnixMs":1},"filter":{"left":{"sessions_request_response_rmt":{"session_mood":{"equals":"x"}}},"operator":"and","right":"all"}}""", "The local gateway's log has no field 'session_mood'")]
    [InlineData("""{"search":"","timeFilter":{"startTimeUnixMs":0,"endTimeUnixMs":1},"filter":{"left":{"sessions_request_response_rmt":{"session_total_cost":{"gt":1}}},"operator":"or","right":{"request_response_rmt":{"status":{"equals":1}}}}}""", "Conditions on sessions_request_response_rmt can be combined")]
    public async Task WrongSessionQuery_IsRefused(string body, string reason) =>
        Assert.StartsWith(reason, (await _gateway.RefusalAsync("v1/session/query", body)).Error, StringComparison.Ordinal);

    [Fact]
    public async Task SessionCountAndNames_AddUp()
    {
        JsonElement count = (await _gateway.PostJsonAsync("v1/session/count", SessionQuery())).GetProperty("data");
        JsonElement names = (await _gateway.PostJsonAsync("v1/session/name/query", """{"nameContains":"","timezoneDifference":0}""")).GetProperty("data");
        JsonElement planning = (await _gateway.PostJsonAsync("v1/session/name/query", """{"nameContains":"plan","timezoneDifference":0}""")).GetProperty("data");

        Assert.Equal(3, count.GetProperty("count").GetInt32());
        Assert.Equal(5 / 3.0, count.GetProperty("avg_requests").GetDouble(), 9);
        Assert.Equal(["Planning", "", "Weather"], names.EnumerateArray().Select(n => n.GetProperty("name").GetString()!));
        Assert.Equal("""[{"name":"Planning","created_at":"2025-08-31T12:00:00.000Z","first_used":"2025-08-31T12:00:00.000Z","last_used":"2025-08-31T12:00:09.000Z","session_count":1,"avg_latency":200}]""", planning.GetRawText());
    }

    [Fact]
    public async Task SessionMetrics_AreHistogramsOfCallsSecondsAndCost()
    {
        JsonElement all = (await _gateway.PostJsonAsync("v1/session/metrics/query", """{"nameContains":"","timezoneDifference":0,"pSize":"p99.9"}""")).GetProperty("data");
        JsonElement planning = (await _gateway.PostJsonAsync("v1/session/metrics/query", """{"nameContains":"plan","timezoneDifference":0}""")).GetProperty("data");

        Assert.Equal([2, 1], all.GetProperty("session_count").EnumerateArray().Select(r => r.GetProperty("value").GetInt32()).Where(v => v > 0));
        Assert.Equal("""[{"average":3}]""", all.GetProperty("average").GetProperty("session_duration").GetRawText());
        Assert.Equal("""[{"range_start":"9","range_end":"9","value":1}]""", planning.GetProperty("session_duration").GetRawText());
        Assert.Equal("""{"session_count":[{"average":3}],"session_duration":[{"average":9}],"session_cost":[{"average":1.8E-05}]}""", planning.GetProperty("average").GetRawText());
    }

    [Fact]
    public async Task SessionTag_IsTheLatestThatWasGiven_AndFindsItsSession()
    {
        JsonElement none = await TagAsync("s1");
        await _gateway.PostJsonAsync("v1/session/s1/tag", """{"tag":"draft"}""");
        using HttpResponseMessage tagged = await _gateway.PostAsync("""{"tag":"done"}""", path: "v1/session/s1/tag");
        await _gateway.PostJsonAsync("v1/session/a%2Fb%20%C3%BC/tag", """{"tag":"not a call yet"}""");

        Assert.Equal("""{"data":null,"error":null}""", none.GetRawText());
        Assert.Equal((200, """{"data":null,"error":null}"""), ((int)tagged.StatusCode, await tagged.TextAsync()));
        Assert.Equal("""{"data":"done","error":null}""", (await TagAsync("s1")).GetRawText());
        Assert.Equal("not a call yet", (await TagAsync("a%2Fb%20%C3%BC")).GetProperty("data").GetString());
        Assert.Equal(["s1"], Ids(await SessionsAsync(filter: """{"sessions_request_response_rmt":{"session_tag":{"equals":"done"}}}""")));
    }

    [Fact]
    public async Task SessionFeedback_IsAPropertyOfItsFirstCall()
    {
        using HttpResponseMessage good = await _gateway.PostAsync("""{"rating":true}""", path: "v1/session/s1/feedback");
        using HttpResponseMessage bad = await _gateway.PostAsync("""{"rating":false}""", path: "v1/session/s1/feedback");

        Assert.Equal((200, 200), ((int)good.StatusCode, (int)bad.StatusCode));
        Assert.Equal("2025-08-31T12:00:00.000Z", Assert.Single(await _gateway.QueryAsync(Property("Helicone-Session-Feedback", "equals", "0"))).GetProperty("request_created_at").GetString());
        Assert.Empty(await _gateway.QueryAsync(Property("Helicone-Session-Feedback", "equals", "1")));
    }

    [Theory]
    [InlineData("nobody/feedback", """{"rating":true}""", 404, "No request found")]
    [InlineData("s1/feedback", "{}", 400, "rating is missing.")]
    [InlineData("s1/tag", "{}", 400, "tag is missing.")]
    [InlineData("s1/tag", """{"tag":7}""", 400, "tag is a text.")]
    [InlineData("metrics/query", "{}", 400, "nameContains is missing.")]
    [InlineData("metrics/query", """{"nameContains":"","pSize":"p42"}""", 400, "pSize is p50, p75, p95, p99 or p99.9, not 'p42'.")]
    [InlineData("name/query", """{"nameContains":"","filter":{"sessions_request_response_rmt":{"session_total_cost":{"gt":1}}}}""", 500, "Names are found by what holds for their calls; sessions_request_response_rmt cannot be filtered here.")]
    public async Task WrongWordOnASession_IsRefused(string path, string body, int status, string reason) =>
        Assert.Equal((status, reason), await _gateway.RefusalAsync("v1/session/" + path, body));

    [Fact]
    public async Task SessionTag_WithoutTheKey_IsRefused()
    {
        using HttpClient stranger = new() { BaseAddress = _gateway.Uri };
        using HttpResponseMessage response = await stranger.GetAsync(new Uri("v1/session/s1/tag", UriKind.Relative));

        Assert.Equal(401, (int)response.StatusCode);
    }

    [Fact]
    public async Task Users_AreWhatTheirCallsAddUpTo_InSeconds()
    {
        long from = Epoch.ToUnixTimeSeconds();
        JsonElement all = (await _gateway.PostJsonAsync("v1/user/query", "{}")).GetProperty("data");
        JsonElement some = (await _gateway.PostJsonAsync("v1/user/query", $$"""{"userIds":["ann","nobody"],"timeFilter":{"startTimeUnixSeconds":{{from}},"endTimeUnixSeconds":{{from + 10}} } }""")).GetProperty("data");

        Assert.Equal(["ann", "bob", "cy"], all.EnumerateArray().Select(u => u.GetProperty("user_id").GetString()!));
        Assert.Equal("""[{"user_id":"ann","cost":0.000012,"prompt_tokens":40,"completion_tokens":10,"count":2,"unpriced_requests":0}]""", some.GetRawText());
    }

    [Theory]
    [InlineData(0, 7200, "10 20 40")]
    [InlineData(0, 7199, "10 20")]
    [InlineData(1, 7201, "20 40")]
    [InlineData(3599, 3601, "20")]
    [InlineData(3600, 3600, "20")]
    [InlineData(3601, 7199, "")]
    [InlineData(-4000, 90_000, "10 20 40 80")]
    [InlineData(0, 1_000_000, "10 20 40 80")]
    public async Task Users_OfATime_AreThoseOfItsCalls_WhereverItBeginsAndEnds(int from, int to, string expected)
    {
        foreach ((int second, int tokens) in ((int, int)[])[(0, 10), (3600, 20), (7200, 40), (86_500, 80)])
        {
            await _gateway.LogAsync("gpt-4o", second, Session("s9", null, "dan"), promptTokens: tokens);
        }

        long start = Epoch.ToUnixTimeSeconds();
        string span = $$"""{"startTimeUnixSeconds":{{start + from}},"endTimeUnixSeconds":{{start + to}} }""";
        JsonElement users = (await _gateway.PostJsonAsync("v1/user/query", $$"""{"userIds":["dan"],"timeFilter":{{span}} }""")).GetProperty("data");
        JsonElement metrics = (await _gateway.PostJsonAsync("v1/user/metrics/query", $$"""{"filter":{"users_view":{"user_user_id":{"equals":"dan"} } },"timeFilter":{{span}},"offset":0,"limit":10}""")).GetProperty("data").GetProperty("users");

        int[] tokensOf = [.. expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        Assert.Equal(tokensOf.Length == 0 ? [] : [(tokensOf.Sum(), tokensOf.Length)], users.EnumerateArray().Select(u => (u.GetProperty("prompt_tokens").GetInt32(), u.GetProperty("count").GetInt32())));
        Assert.Equal(tokensOf.Length == 0 ? [] : [(tokensOf.Sum(), tokensOf.Length, tokensOf.Contains(80) ? 2 : 1)], metrics.EnumerateArray().Select(u => (u.GetProperty("total_prompt_tokens").GetInt32(), u.GetProperty("total_requests").GetInt32(), u.GetProperty("active_for").GetInt32())));
    }

    [Fact]
    public async Task UserMetrics_PageSortAndFilter()
    {
        JsonElement data = (await _gateway.PostJsonAsync("v1/user/metrics/query", """{"filter":"all","offset":0,"limit":1,"sort":{"total_requests":"desc"}}""")).GetProperty("data");
        JsonElement busy = (await _gateway.PostJsonAsync("v1/user/metrics/query", """{"filter":{"users_view":{"user_total_requests":{"gt":1}}},"offset":0,"limit":10}""")).GetProperty("data");

        Assert.True(data.GetProperty("hasUsers").GetBoolean());
        Assert.Equal(3, data.GetProperty("count").GetInt32());
        JsonElement ann = Assert.Single(data.GetProperty("users").EnumerateArray());
        Assert.Equal(
            ("ann", 2, 3, 1.5, 140),
            (ann.GetProperty("user_id").GetString(), ann.GetProperty("active_for").GetInt32(), ann.GetProperty("total_requests").GetInt32(), ann.GetProperty("average_requests_per_day_active").GetDouble(), ann.GetProperty("total_prompt_tokens").GetInt32()));
        Assert.Equal("ann", Assert.Single(busy.GetProperty("users").EnumerateArray()).GetProperty("user_id").GetString());
        Assert.Equal("limit is missing.", (await _gateway.RefusalAsync("v1/user/metrics/query", """{"filter":"all","offset":0}""")).Error);
    }

    [Fact]
    public async Task UserOverview_IsAHistogram()
    {
        JsonElement data = (await _gateway.PostJsonAsync("v1/user/metrics-overview/query", """{"filter":"all","pSize":"p99.9","useInterquartile":false}""")).GetProperty("data");

        JsonElement[] requests = [.. data.GetProperty("request_count").EnumerateArray()];
        Assert.Equal(10, requests.Length);
        Assert.Equal(("1", "1.2", 2), (requests[0].GetProperty("range_start").GetString(), requests[0].GetProperty("range_end").GetString(), requests[0].GetProperty("value").GetInt32()));
        Assert.Equal(("3", 1), (requests[9].GetProperty("range_end").GetString(), requests[9].GetProperty("value").GetInt32()));

        // What the third user's calls cost is unknown, and not zero.
        Assert.Equal(2, data.GetProperty("user_cost").EnumerateArray().Sum(r => r.GetProperty("value").GetInt32()));
        Assert.Equal(400, (await _gateway.RefusalAsync("v1/user/metrics-overview/query", """{"filter":"all","pSize":"p42","useInterquartile":false}""")).Status);
    }

    [Fact]
    public async Task Changes_AreSeenAtOnce()
    {
        string id = (await _gateway.QueryAsync())[0].GetProperty("request_id").GetString()!;
        using HttpResponseMessage feedback = await _gateway.PostAsync("""{"rating":false}""", path: $"v1/request/{id}/feedback");
        using HttpResponseMessage score = await _gateway.PostAsync("""{"scores":{"quality":0.75,"polite":true}}""", path: $"v1/request/{id}/score");
        using HttpResponseMessage property = await _gateway.Http.PutAsync(new Uri($"v1/request/{id}/property", UriKind.Relative), new StringContent("""{"key":"Reviewed","value":"yes"}"""));
        using HttpResponseMessage renamed = await _gateway.Http.PutAsync(new Uri($"v1/request/{id}/property", UriKind.Relative), new StringContent("""{"key":"REVIEWED","value":"no"}"""));
        using HttpResponseMessage moved = await _gateway.Http.PutAsync(new Uri($"v1/request/{id}/property", UriKind.Relative), new StringContent("""{"key":"helicone-session-id","value":"s9"}"""));

        JsonElement row = await _gateway.GetRequestAsync(id);
        Assert.Equal([200, 201, 200, 200, 200], ((HttpResponseMessage[])[feedback, score, property, renamed, moved]).Select(r => (int)r.StatusCode));
        Assert.Equal("""{"data":null,"error":null}""", await feedback.TextAsync());
        Assert.False(row.GetProperty("feedback_rating").GetBoolean());
        Assert.Equal("""{"polite":1,"quality":0.75}""", row.GetProperty("scores").GetRawText());
        Assert.Equal(("no", "s9"), (row.GetProperty("properties").GetProperty("REVIEWED").GetString(), row.GetProperty("properties").GetProperty("Helicone-Session-Id").GetString()));
        Assert.Single(await _gateway.QueryAsync(Property("reviewed", "equals", "no")));
        Assert.Empty(await _gateway.QueryAsync(Property("reviewed", "equals", "yes")));
    }

    [Theory]
    [InlineData("feedback", """{"rating":"good"}""", "rating is true or false.")]
    [InlineData("feedback", "{}", "rating is missing.")]
    [InlineData("score", """{"scores":{"a":"b"}}""", "The score 'a' is a number, or true or false.")]
    [InlineData("score", "{}", "scores is missing.")]
    public async Task WrongChange_Is400(string what, string body, string reason)
    {
        string id = (await _gateway.QueryAsync())[0].GetProperty("request_id").GetString()!;

        Assert.Equal((400, reason), await _gateway.RefusalAsync($"v1/request/{id}/{what}", body));
    }

    private static Dictionary<string, string> Session(string id, string? name, string? user)
    {
        Dictionary<string, string> headers = new() { ["Helicone-Session-Id"] = id };
        if (name is not null)
        {
            headers["Helicone-Session-Name"] = name;
        }

        if (user is not null)
        {
            headers["Helicone-User-Id"] = user;
        }

        return headers;
    }

    private static IEnumerable<string> Ids(IEnumerable<JsonElement> sessions) => sessions.Select(s => s.GetProperty("session_id").GetString()!);

    private static string SessionQuery(string search = "", string filter = "\"all\"", long? from = null, long? to = null, string rest = "") =>
        $$"""{"search":"{{search}}","timeFilter":{"startTimeUnixMs":{{from ?? s_from}},"endTimeUnixMs":{{to ?? s_from + 3_600_000}} },"timezoneDifference":0,"filter":{{filter}}{{rest}}}""";

    private async Task<JsonElement> TagAsync(string session)
    {
        using HttpResponseMessage response = await _gateway.Http.GetAsync(new Uri($"v1/session/{session}/tag", UriKind.Relative));
        return await response.JsonAsync();
    }

    private async Task<List<JsonElement>> SessionsAsync(string search = "", string filter = "\"all\"", long? from = null, long? to = null, string rest = "")
    {
        JsonElement answer = await _gateway.PostJsonAsync("v1/session/query", SessionQuery(search, filter, from, to, rest));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("error").ValueKind);
        return [.. answer.GetProperty("data").EnumerateArray()];
    }
}
