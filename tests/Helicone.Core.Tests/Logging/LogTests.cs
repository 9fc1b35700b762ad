using System.Text.Json.Nodes;
using Helicone.Attribution;
using Helicone.Core.Tests.Servers;
using Helicone.Errors;
using Helicone.Logging;

namespace Helicone.Core.Tests.Logging;

/// <summary>The manual logger on the wire.</summary>
public sealed class LogTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 31, 8, 0, 0, 250, TimeSpan.Zero);

    [Fact]
    public async Task Entry_IsWhatTheLoggerReads()
    {
        ReceivedRequest request = await SendAsync(ManualLogEntry.ForChat("my-model", "Hi", "Hello", 3, 2) with
        {
            StartedAt = s_start,
            EndedAt = s_start + TimeSpan.FromSeconds(1.5),
            TimeToFirstToken = TimeSpan.FromMilliseconds(120),
            Provider = "HOME",
            Session = new HeliconeSession("s-1", "Nightly", "/sum"),
            Tags = new RequestTags { UserId = "u-7", RequestId = "0f8fad5b-d9cb-469f-a165-70867728950e", Properties = new Dictionary<string, string> { ["Environment"] = "prod" } },
        });

        Assert.Equal("POST /custom/v1/log", request.Method + " " + request.Path);
        long seconds = s_start.ToUnixTimeSeconds();
        Assert.Equal(
            $$$$"""{"providerRequest":{"url":"custom-model-nopath","json":{"messages":[{"role":"user","content":"Hi"}],"model":"my-model"},"meta":{"Helicone-Session-Id":"s-1","Helicone-Session-Path":"/sum","Helicone-Session-Name":"Nightly","Helicone-User-Id":"u-7","Helicone-Request-Id":"0f8fad5b-d9cb-469f-a165-70867728950e","Helicone-Property-Environment":"prod"}},"providerResponse":{"status":200,"headers":{},"json":{"model":"my-model","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}},"timing":{"startTime":{"seconds":{{{{seconds}}}},"milliseconds":250},"endTime":{"seconds":{{{{seconds + 1}}}},"milliseconds":750},"timeToFirstToken":120},"provider":"HOME"}""",
            JsonNode.Parse(request.Body)!.ToJsonString());
        Assert.Equal(("s-1", "u-7", "prod"), (request.Headers["Helicone-Session-Id"], request.Headers["Helicone-User-Id"], request.Headers["Helicone-Property-Environment"]));
        Assert.Equal("Bearer " + Clients.Key, request.Headers["Authorization"]);
    }

    public static TheoryData<ManualLogEntry, string, string> Events => new()
    {
        {
            ManualLogEntry.ForTool("weather", Fields(("city", "Oslo")), Fields(("degrees", 4))),
            """{"_type":"tool","toolName":"weather","input":{"city":"Oslo"}}""",
            """{"degrees":4,"_type":"tool","toolName":"weather"}"""
        },
        {
            ManualLogEntry.ForVectorDatabase("search", Fields(("text", "sky"), ("topK", 3)), null),
            """{"text":"sky","topK":3,"_type":"vector_db","operation":"search"}""",
            """{"_type":"vector_db"}"""
        },
        {
            ManualLogEntry.ForData("tickets.csv", Fields(("rows", 12L)), null),
            """{"_type":"data","name":"tickets.csv","meta":{"rows":12}}""",
            """{"_type":"data","name":"tickets.csv"}"""
        },
        {
            ManualLogEntry.ForModel("my-model", Fields(("prompt", "Hi")), Fields(("text", "Hello")), null, null),
            """{"prompt":"Hi","model":"my-model"}""",
            """{"text":"Hello"}"""
        },
    };

    [Theory]
    [MemberData(nameof(Events))]
    public async Task Event_SaysItsKind(ManualLogEntry entry, string asked, string answered)
    {
        JsonNode body = JsonNode.Parse((await SendAsync(entry with { StartedAt = s_start, EndedAt = s_start })).Body)!;

        Assert.Equal(asked, body["providerRequest"]!["json"]!.ToJsonString());
        Assert.Equal(answered, body["providerResponse"]!["json"]!.ToJsonString());
    }

    [Fact]
    public async Task Text_OfAStream_IsItsRawBody()
    {
        JsonNode body = JsonNode.Parse((await SendAsync(new ManualLogEntry { ResponseText = "data: {}\n\n", Status = -3, StartedAt = s_start, EndedAt = s_start })).Body)!;

        Assert.Equal("""{"status":-3,"headers":{},"json":{},"textBody":"data: {}\n\n"}""", body["providerResponse"]!.ToJsonString());
    }

    [Fact]
    public async Task Entry_ThatEndsBeforeItBegins_IsNotSent()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(404, ""), ScriptedServer.Text(204, ""));
        using HeliconeClient client = Clients.Client(server.Uri);

        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => client.Log.SendAsync(new ManualLogEntry { StartedAt = s_start, EndedAt = s_start.AddTicks(-1) }, default));

        Assert.Contains("before it starts", e.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData(429, 2)]
    [InlineData(503, 1)]
    public async Task Entry_IsSentAgain_OnlyWhereItCannotHaveBeenKept(int status, int requests)
    {
        // A second copy would be a second call in the log: only a refusal for the number of requests is certain.
        await using ScriptedServer server = await ScriptedServer.StartAsync(
            ScriptedServer.Text(404, ""),
            ScriptedServer.Sequence(ScriptedServer.Json("{}", status), ScriptedServer.Text(204, "", null)));
        using HeliconeClient client = Clients.Client(server.Uri);

        HeliconeException? failure = null;
        try
        {
            await client.Log.SendAsync(new ManualLogEntry { StartedAt = s_start, EndedAt = s_start }, default);
        }
        catch (HeliconeException e)
        {
            failure = e;
        }

        Assert.Equal(requests, server.Requests.Count);
        Assert.Equal(requests == 1, failure is not null);
    }

    [Fact]
    public async Task Entry_ThatNobodyTook_IsSentAgain()
    {
        await using RawServer server = new(_ => Task.CompletedTask, listen: false, registry: "{}");
        using HeliconeClient client = new(Clients.Options(server.Uri) with { MaxRetries = 20, RetryDelay = TimeSpan.FromMilliseconds(100), MaxRetryDelay = TimeSpan.FromMilliseconds(200) });

        Task sending = client.Log.SendAsync(new ManualLogEntry { StartedAt = s_start, EndedAt = s_start }, default);
        await Task.Delay(150);
        server.Listen();

        await sending.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(1, server.Connections);
    }

    private static Dictionary<string, object?> Fields(params (string Name, object? Value)[] fields) => fields.ToDictionary(f => f.Name, f => f.Value);

    private static async Task<ReceivedRequest> SendAsync(ManualLogEntry entry)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Text(404, ""), ScriptedServer.Text(204, "", null));
        using HeliconeClient client = Clients.Client(server.Uri);
        await client.Log.SendAsync(entry, default);
        return Assert.Single(server.Requests);
    }
}
