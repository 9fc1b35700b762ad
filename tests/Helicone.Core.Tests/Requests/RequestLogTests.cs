using System.Text.Json.Nodes;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using Helicone.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.Core.Tests.Requests;

/// <summary>The log of calls: pages, rows, bodies, changes.</summary>
public sealed class RequestLogTests
{
    [Theory]
    [InlineData(0, null, "0+500")]
    [InlineData(3, null, "0+500")]
    [InlineData(500, null, "0+500 500+500")]
    [InlineData(1200, null, "0+500 500+500 1000+500")]
    [InlineData(1200, 700, "0+500 500+200")]
    [InlineData(1200, 5, "0+5")]
    public async Task List_AsksForAsManyPagesAsItNeeds(int rows, int? first, string pages)
    {
        await using LogServer server = await LogServer.OfAsync(rows);
        using HeliconeClient client = Clients.Client(server.Uri);

        List<LoggedRequest> all = await AllAsync(client.Requests.List(new RequestFilter(), first));

        Assert.Equal(Enumerable.Range(0, Math.Min(rows, first ?? int.MaxValue)).Select(LogServer.Id), all.Select(r => r.RequestId));
        Assert.Equal(pages, string.Join(' ', server.Queries.Select(q => $"{q["offset"]}+{q["limit"]}")));
        Assert.All(server.Queries, query => Assert.Equal("""{"created_at":"desc"}""", query["sort"]!.ToJsonString()));
    }

    [Fact]
    public async Task List_IsPinnedToTheTimeOfItsBeginning()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));
        await using LogServer server = await LogServer.OfAsync(1200);
        using HeliconeClient client = new(Clients.Options(server.Uri) with { TimeProvider = time });

        await foreach (LoggedRequest row in client.Requests.List(new RequestFilter()))
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(3, server.Queries.Count);
        Assert.All(server.Queries, query => Assert.Contains("\"lte\":\"2026-03-04T05:06:07.000Z\"", query.ToJsonString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Row_ThatSlidesToTheNextPage_IsGivenOnce()
    {
        // A call from before the end arrives late in the log and pushes one row from the first page to the second.
        await using LogServer server = await LogServer.OfAsync(offset => offset == 0 ? Enumerable.Range(0, 600).Select(LogServer.Id) : Enumerable.Range(0, 600).Select(LogServer.Id).Prepend(LogServer.Id(999)));
        using HeliconeClient client = Clients.Client(server.Uri);

        List<LoggedRequest> all = await AllAsync(client.Requests.List(new RequestFilter()));

        Assert.Equal(Enumerable.Range(0, 600).Select(LogServer.Id), all.Select(r => r.RequestId));
    }

    [Fact]
    public async Task Reader_WhoStops_StopsThePaging()
    {
        await using LogServer server = await LogServer.OfAsync(5000);
        using HeliconeClient client = Clients.Client(server.Uri);
        int count = 0;

        await foreach (LoggedRequest row in client.Requests.List(new RequestFilter()))
        {
            if (++count == 501)
            {
                break;
            }
        }

        Assert.Equal(2, server.Queries.Count);
    }

    [Fact]
    public async Task Token_EndsAPageThatDoesNotCome()
    {
        TaskCompletionSource left = new();
        using CancellationTokenSource stop = new();
        await using LogServer server = await LogServer.AnswerAsync((context, _) =>
        {
            stop.Cancel();
            return ScriptedServer.Silence(left)(context);
        });
        using HeliconeClient client = Clients.Client(server.Uri);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AllAsync(client.Requests.List(new RequestFilter()), stop.Token));
        await left.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("""{"data":null,"error":"invalid limit"}""", "invalid limit")]
    [InlineData("""{"data":null,"error":{"message":"no such column"}}""", "no such column")]
    public async Task ErrorInA200_IsAnError(string body, string message)
    {
        await using LogServer server = await LogServer.AnswerAsync((context, _) => context.Response.WriteAsync(body));
        using HeliconeClient client = Clients.Client(server.Uri);

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => AllAsync(client.Requests.List(new RequestFilter())));

        Assert.Equal(HeliconeErrorKind.InvalidRequest, e.Kind);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Single(server.Queries);
    }

    [Theory]
    [InlineData("""{"data":{},"error":null}""")]
    [InlineData("""{"data":[{"model":"no id"}],"error":null}""")]
    [InlineData("""{"data":["text"],"error":null}""")]
    [InlineData("<html>")]
    public async Task Answer_ThatIsNoLog_IsMalformed(string body)
    {
        await using LogServer server = await LogServer.AnswerAsync((context, _) => context.Response.WriteAsync(body));
        using HeliconeClient client = Clients.Client(server.Uri);

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => AllAsync(client.Requests.List(new RequestFilter())));

        Assert.Equal(HeliconeErrorKind.MalformedResponse, e.Kind);
    }

    [Fact]
    public async Task Row_OfHelicone_IsTyped()
    {
        LoggedRequest row = await OneAsync(
            """
            {"request_id":"r-1","request_created_at":"2026-01-31T08:00:00.250Z","response_created_at":"2026-01-31T08:00:01.500Z","response_status":200,"request_model":"gpt-4o","response_model":"gpt-4o-2024-08-06",
             "model":"gpt-4o-2024-08-06","provider":"OPENAI","request_user_id":"u-7","request_path":"https://ai-gateway.helicone.ai/v1/chat/completions","delay_ms":1250,"time_to_first_token":120,
             "prompt_tokens":10,"completion_tokens":4,"total_tokens":14,"prompt_cache_read_tokens":2,"costUSD":0.0000425,"cost":42500,"cache_enabled":true,"cache_reference_id":"00000000-0000-0000-0000-000000000000",
             "request_properties":{"Environment":"prod","Helicone-Session-Id":"s-1","Helicone-Session-Name":"Nightly","Helicone-Session-Path":"/sum"},"properties":{"Environment":"prod","Team":"ops"},
             "feedback_rating":false,"scores":{"accuracy":5,"tone":0.5,"odd":"text"},"request_body":{"helicone_message":"elsewhere"}}
            """);

        Assert.Equal("r-1", row.RequestId);
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 8, 0, 0, 250, TimeSpan.Zero), row.CreatedAt);
        Assert.Equal(TimeZoneInfo.Local.GetUtcOffset(row.CreatedAt), row.CreatedAt.Offset);
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 8, 0, 1, 500, TimeSpan.Zero), row.CompletedAt);
        Assert.Equal(("gpt-4o-2024-08-06", "gpt-4o", "OPENAI", 200, "u-7"), (row.Model, row.RequestedModel, row.Provider, row.Status, row.UserId));
        Assert.Equal(("s-1", "Nightly", "/sum"), (row.SessionId, row.SessionName, row.SessionPath));
        Assert.Equal(["Environment=prod", "Team=ops"], row.Properties.Select(p => p.Key + "=" + p.Value).Order(StringComparer.Ordinal));
        Assert.Equal("prod", row.Properties["environment"]);
        Assert.Equal((10L, 4L, 14L, 2L), (row.PromptTokens, row.CompletionTokens, row.TotalTokens, row.CachedTokens));
        Assert.Equal(0.0000425m, row.Cost);
        Assert.Equal((TimeSpan.FromMilliseconds(1250), TimeSpan.FromMilliseconds(120)), (row.Latency, row.TimeToFirstToken));
        Assert.Equal(CacheStatus.Miss, row.CacheStatus);
        Assert.False(row.Feedback);
        Assert.Equal(["accuracy=5", "tone=0.5"], row.Scores.Select(s => FormattableString.Invariant($"{s.Key}={s.Value}")).Order(StringComparer.Ordinal));
        Assert.Null(row.RequestBody);
    }

    [Fact]
    public async Task Row_InClickHousesWriting_IsTheSame()
    {
        LoggedRequest row = await OneAsync(
            """{"request_id":"r-1","request_created_at":"2026-01-31 08:00:00.250","response_status":"429","model":"","request_model":"gpt-4o","delay_ms":"1250","total_tokens":"9007199254740993","costUSD":"0.5","provider":"","request_user_id":"","time_to_first_token":-1}""");

        Assert.Equal(new DateTimeOffset(2026, 1, 31, 8, 0, 0, 250, TimeSpan.Zero), row.CreatedAt);
        Assert.Equal((429, "gpt-4o", 0.5m), (row.Status, row.Model, row.Cost));
        Assert.Equal(TimeSpan.FromMilliseconds(1250), row.Latency);
        Assert.Equal(9007199254740993, row.TotalTokens);
        Assert.Null(row.Provider);
        Assert.Null(row.UserId);
        Assert.Null(row.TimeToFirstToken);
        Assert.Null(row.PromptTokens);
        Assert.Null(row.Feedback);
        Assert.Equal(CacheStatus.None, row.CacheStatus);
    }

    [Fact]
    public async Task Row_ThatNamesTheCallItCameFrom_IsAHit()
    {
        Assert.Equal(CacheStatus.Hit, (await OneAsync("""{"request_id":"r-2","cache_enabled":true,"cache_reference_id":"0f8fad5b-d9cb-469f-a165-70867728950e"}""")).CacheStatus);
    }

    [Fact]
    public async Task Row_WithoutAnything_IsStillARow()
    {
        LoggedRequest row = await OneAsync("""{"request_id":"r-1","costUSD":1e300,"properties":null,"scores":null}""");

        Assert.Equal((-100, 0), (row.Status, row.Properties.Count));
        Assert.Null(row.Cost);
        Assert.Null(row.CompletedAt);
    }

    [Fact]
    public async Task Bodies_AreFetchedEightAtOnce_AndComeInOrder()
    {
        int running = 0;
        int most = 0;
        TaskCompletionSource eight = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using LogServer server = await LogServer.AnswerAsync(
            async (context, query) => await context.Response.WriteAsync(Rows(40, query)),
            async context =>
            {
                int now = Interlocked.Increment(ref running);
                int before = most;
                while (now > before && Interlocked.CompareExchange(ref most, now, before) != before)
                {
                    before = most;
                }

                if (now == 8)
                {
                    eight.TrySetResult();
                }

                await eight.Task;
                string id = context.Request.Path.Value!.Split('/')[^1];
                // The first of each eight is the slowest.
                await Task.Delay(id[^1] is '0' or '8' ? 60 : 1);
                Interlocked.Decrement(ref running);
                await context.Response.WriteAsync($$$"""{"data":{"request_id":"{{{id}}}","request_body":{"n":1},"response_body":"text"},"error":null}""");
            });
        using HeliconeClient client = Clients.Client(server.Uri);

        List<LoggedRequest> all = await AllAsync(client.Requests.List(new RequestFilter(), includeBody: true));

        Assert.Equal(Enumerable.Range(0, 40).Select(LogServer.Id), all.Select(r => r.RequestId));
        Assert.All(all, row => Assert.Equal(("""{"n":1}""", "text"), (row.RequestBody, row.ResponseBody)));
        Assert.Equal(8, most);
        Assert.Equal(40, server.Requests.Count(r => r.Method == "GET"));
    }

    [Fact]
    public async Task Bodies_OfWhoStopsReading_AreNotFetched()
    {
        await using LogServer server = await LogServer.AnswerAsync(
            async (context, query) => await context.Response.WriteAsync(Rows(400, query)),
            context => context.Response.WriteAsync($$$"""{"data":{"request_id":"{{{context.Request.Path.Value!.Split('/')[^1]}}}"},"error":null}"""));
        using HeliconeClient client = Clients.Client(server.Uri);

        await foreach (LoggedRequest row in client.Requests.List(new RequestFilter(), includeBody: true))
        {
            break;
        }

        Assert.InRange(server.Requests.Count(r => r.Method == "GET"), 1, 40);
    }

    [Fact]
    public async Task Change_IsOneRequest_WithAnEscapedId_AndIsNotSentTwice()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(404, ""), ScriptedServer.Json("""{"data":null,"error":null}""", 201));
        using HeliconeClient client = Clients.Client(server.Uri);

        await client.Requests.SetPropertyAsync("a/b c", "Team", "ops", default);
        await client.Requests.SetFeedbackAsync("r-1", true, default);
        await client.Requests.AddScoreAsync("r-1", new Dictionary<string, double> { ["accuracy"] = 0.5, ["kept"] = 1 }, default);

        Assert.Equal(
            [
                """PUT /v1/request/a%2Fb%20c/property {"key":"Team","value":"ops"}""",
                """POST /v1/request/r-1/feedback {"rating":true}""",
                """POST /v1/request/r-1/score {"scores":{"accuracy":0.5,"kept":1}}""",
            ],
            server.Requests.Select(r => $"{r.Method} {r.Path} {r.Body}"));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Change_ThatMayPassTheNextTime_IsTriedAgain(int status)
    {
        // Setting the same property, feedback, or score again changes nothing.
        int asked = 0;
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(404, ""), context => Interlocked.Increment(ref asked) % 2 == 1
            ? ScriptedServer.Json("""{"error":"Too many requests, please try again later."}""", status)(context)
            : ScriptedServer.Json("""{"data":null,"error":null}""", 201)(context));
        using HeliconeClient client = Clients.Client(server.Uri);

        await client.Requests.SetPropertyAsync("r-1", "Team", "ops", default);
        await client.Requests.SetFeedbackAsync("r-1", true, default);
        await client.Requests.AddScoreAsync("r-1", new Dictionary<string, double> { ["accuracy"] = 0.5 }, default);

        Assert.Equal(6, server.Requests.Count);
        Assert.Equal(3, server.Requests.Select(r => $"{r.Method} {r.Path} {r.Body}").Distinct().Count());
    }

    [Fact]
    public async Task Change_ThatKeepsFailing_EndsAfterItsRetries()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(404, ""), ScriptedServer.Json("""{"data":null,"error":"down"}""", 503));
        using HeliconeClient client = Clients.Client(server.Uri);

        await Assert.ThrowsAsync<HeliconeException>(() => client.Requests.SetFeedbackAsync("r-1", true, default));

        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Get_OfACallThatIsNotThere_SaysSo()
    {
        await using LogServer server = await LogServer.AnswerAsync((_, _) => Task.CompletedTask, ScriptedServer.Json("""{"data":null,"error":"There is no request 'r-1' in the log."}""", 404));
        using HeliconeClient client = Clients.Client(server.Uri);

        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => client.Requests.GetAsync("r-1", includeBody: false, default));

        Assert.Equal(404, e.StatusCode);
        Assert.Contains("There is no request 'r-1'", e.Message, StringComparison.Ordinal);
    }

    private static string Rows(int count, JsonObject query) =>
        $$"""{"data":[{{string.Join(',', Enumerable.Range(0, count).Skip(query["offset"]!.GetValue<int>()).Take(query["limit"]!.GetValue<int>()).Select(i => $$"""{"request_id":"{{LogServer.Id(i)}}"}"""))}}],"error":null}""";

    private static async Task<LoggedRequest> OneAsync(string row)
    {
        await using LogServer server = await LogServer.RowsAsync(row);
        using HeliconeClient client = Clients.Client(server.Uri);
        return Assert.Single(await AllAsync(client.Requests.List(new RequestFilter())));
    }

    private static async Task<List<LoggedRequest>> AllAsync(AsyncSequence<LoggedRequest> sequence, CancellationToken cancellationToken = default)
    {
        List<LoggedRequest> all = [];
        await foreach (LoggedRequest row in sequence.WithCancellation(cancellationToken))
        {
            all.Add(row);
        }

        return all;
    }
}
