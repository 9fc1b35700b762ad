using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Attribution;
using Helicone.Errors;
using Helicone.LocalGateway.Tests.Hosting;
using Helicone.Logging;
using Helicone.Requests;

namespace Helicone.LocalGateway.Tests.Clients;

/// <summary>The module's own client, which talks to the cloud in the same words.</summary>
public sealed class LogClientTests : IAsyncLifetime
{
    private TestGateway _gateway = null!;
    private HeliconeClient _client = null!;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.StartAsync();
        _client = new HeliconeClient(new HeliconeOptions
        {
            GatewayUri = _gateway.Uri,
            ApiUri = _gateway.Uri,
            LogUri = _gateway.Uri,
            ApiKey = new NetworkCredential(string.Empty, _gateway.Key).SecurePassword,
        });
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Log_IsReadAsItWasWritten()
    {
        HeliconeSession session = new(name: "Planning", path: "/plan");
        await LogAsync("gpt-4o-mini", 200, session, new RequestTags { UserId = "ann", Properties = new Dictionary<string, string> { ["Environment"] = "prod" } });
        await LogAsync("gpt-4o", 500, session, new RequestTags { UserId = "bob", Properties = new Dictionary<string, string> { ["Environment"] = "pre-prod" } });
        await LogAsync("other", -3, null, new RequestTags());

        Assert.Equal(["other", "gpt-4o", "gpt-4o-mini"], await ModelsAsync(new RequestFilter()));
        Assert.Equal(["gpt-4o", "gpt-4o-mini"], await ModelsAsync(new RequestFilter { SessionId = session.Id }));
        Assert.Equal(["gpt-4o", "gpt-4o-mini"], await ModelsAsync(new RequestFilter { Model = "GPT*" }));
        Assert.Equal(["gpt-4o"], await ModelsAsync(new RequestFilter { Model = "gpt-??" }));
        Assert.Equal(["gpt-4o-mini"], await ModelsAsync(new RequestFilter { Properties = new Dictionary<string, string> { ["environment"] = "prod" } }));
        Assert.Equal(["gpt-4o", "gpt-4o-mini"], await ModelsAsync(new RequestFilter { Properties = new Dictionary<string, string> { ["Environment"] = "*prod" }, Since = DateTimeOffset.UtcNow.AddDays(-1) }));
        Assert.Equal(["gpt-4o"], await ModelsAsync(new RequestFilter { UserId = "b*" }));
        Assert.Equal(["other", "gpt-4o"], await ModelsAsync(new RequestFilter { Status = [500, -3] }));
        Assert.Equal(["other", "gpt-4o", "gpt-4o-mini"], await ModelsAsync(new RequestFilter { Cached = false, Provider = "openai" }));
        Assert.Empty(await ModelsAsync(new RequestFilter { Until = DateTimeOffset.UtcNow.AddDays(-1) }));
        Assert.Equal(["other", "gpt-4o"], await ModelsAsync(new RequestFilter(), first: 2));

        LoggedRequest row = (await ListAsync(_client.Requests.List(new RequestFilter { Model = "gpt-4o-mini" }, includeBody: true))).Single();
        Assert.Equal((session.Id, "Planning", "/plan", "ann"), (row.SessionId, row.SessionName, row.SessionPath, row.UserId));
        Assert.Equal("prod", Assert.Single(row.Properties).Value);
        Assert.Equal((100L, 20L, 120L), (row.PromptTokens, row.CompletionTokens, row.TotalTokens));
        Assert.Equal(0.000027m, row.Cost);
        Assert.Equal((TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(40)), (row.Latency, row.TimeToFirstToken));
        Assert.Contains("Hello", row.RequestBody, StringComparison.Ordinal);
        Assert.Contains("usage", row.ResponseBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SessionsAndUsers_AddUp()
    {
        HeliconeSession session = new(name: "Planning");
        for (int i = 0; i < 3; i++)
        {
            await LogAsync("gpt-4o-mini", 200, session, new RequestTags { UserId = i == 0 ? "ann" : "bob" });
        }

        LoggedSession found = (await ListAsync(_client.Sessions.List("plan", name: null, new RequestFilter()))).Single();
        IReadOnlyList<LoggedUser> users = await _client.Users.ListAsync(["bob"], since: null, until: null, CancellationToken.None);

        Assert.Equal((session.Id, "Planning", 3L, 360L), (found.SessionId, found.Name, found.Requests, found.TotalTokens));
        Assert.Equal(TimeSpan.FromMilliseconds(250), found.AverageLatency);
        Assert.Equal(["ann", "bob"], found.UserIds.Order());
        Assert.Equal(("bob", 2L, 0.000054m), (users.Single().UserId, users.Single().Requests, users.Single().Cost));
    }

    [Fact]
    public async Task Changes_AreThere()
    {
        await LogAsync("gpt-4o-mini", 200, null, new RequestTags());
        string id = (await ListAsync(_client.Requests.List(new RequestFilter()))).Single().RequestId;

        await _client.Requests.SetPropertyAsync(id, "Reviewed", "yes", CancellationToken.None);
        await _client.Requests.SetFeedbackAsync(id, true, CancellationToken.None);
        await _client.Requests.AddScoreAsync(id, new Dictionary<string, double> { ["quality"] = 0.5 }, CancellationToken.None);

        LoggedRequest row = await _client.Requests.GetAsync(id, includeBody: false, CancellationToken.None);
        Assert.Equal(("yes", true, 0.5), (row.Properties["reviewed"], row.Feedback, row.Scores["quality"]));
    }

    [Fact]
    public async Task ManyPages_HaveEachCallOnce()
    {
        await Task.WhenAll(Enumerable.Range(0, 1100).Select(_ => LogAsync("m", 200, null, new RequestTags())));

        List<LoggedRequest> rows = await ListAsync(_client.Requests.List(new RequestFilter()));

        Assert.Equal(1100, rows.Select(r => r.RequestId).Distinct().Count());
        Assert.Equal(rows.OrderByDescending(r => r.CreatedAt).Select(r => r.CreatedAt), rows.Select(r => r.CreatedAt));
    }

    [Fact]
    public async Task UnknownId_IsAnErrorThatSaysSo_AndCheckingTheKeyLeavesNothing()
    {
        HeliconeException e = await Assert.ThrowsAsync<HeliconeException>(() => _client.Requests.GetAsync("11111111-2222-4333-8444-555555555555", includeBody: false, CancellationToken.None));
        await _client.CheckAsync(CancellationToken.None);

        Assert.Equal(404, e.StatusCode);
        Assert.StartsWith("There is no request '11111111", e.Message, StringComparison.Ordinal);
        Assert.Empty(await ListAsync(_client.Requests.List(new RequestFilter())));
    }

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> rows)
    {
        List<T> list = [];
        await foreach (T row in rows)
        {
            list.Add(row);
        }

        return list;
    }

    private async Task<IEnumerable<string?>> ModelsAsync(RequestFilter filter, int? first = null) => (await ListAsync(_client.Requests.List(filter, first))).Select(r => r.Model);

    private Task LogAsync(string model, int status, HeliconeSession? session, RequestTags tags)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return _client.Log.SendAsync(
            new ManualLogEntry
            {
                Request = new Dictionary<string, object?> { ["model"] = model, ["prompt"] = "Hello" },
                Response = new Dictionary<string, object?> { ["usage"] = new Dictionary<string, object?> { ["prompt_tokens"] = 100, ["completion_tokens"] = 20 } },
                Status = status,
                StartedAt = now.AddMilliseconds(-250),
                EndedAt = now,
                TimeToFirstToken = TimeSpan.FromMilliseconds(40),
                Provider = "openai",
                Session = session,
                Tags = tags,
            },
            CancellationToken.None);
    }
}
