using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Hosting;

namespace Helicone.LocalGateway.Tests.Hosting;

/// <summary>One gateway per database, with real processes.</summary>
public sealed class JoinTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-join-").FullName;

    private string Database => GatewayProcess.DatabaseIn(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task SecondStart_JoinsTheGatewayThatRuns_AndTheyCountTogether()
    {
        using GatewayProcess first = Start();
        JsonElement started = await first.ReadyAsync();
        using GatewayProcess second = Start();
        JsonElement joined = await second.ReadyAsync();

        List<HttpStatusCode> statuses = [];
        for (int i = 0; i < 6; i++)
        {
            statuses.Add(await AskAsync(i % 2 == 0 ? started : joined, "3;w=3600"));
        }

        Assert.Equal(started.GetProperty("uri").GetString(), joined.GetProperty("uri").GetString());
        Assert.Equal(started.GetProperty("key").GetString(), joined.GetProperty("key").GetString());
        Assert.Equal((first.Id, first.Id), (started.GetProperty("pid").GetInt32(), joined.GetProperty("pid").GetInt32()));
        Assert.Equal((false, true), (started.GetProperty("joined").GetBoolean(), joined.GetProperty("joined").GetBoolean()));
        Assert.Equal(3, statuses.Count(s => s == HttpStatusCode.OK));
        Assert.Equal(3, statuses.Count(s => s == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task SimultaneousStarts_MakeOneGateway()
    {
        GatewayProcess[] programs = [.. Enumerable.Range(0, 4).Select(_ => Start())];
        try
        {
            JsonElement[] ready = await Task.WhenAll(programs.Select(p => p.ReadyAsync()));

            Assert.Single(ready.Select(r => r.GetProperty("uri").GetString()).Distinct());
            Assert.Single(ready, r => !r.GetProperty("joined").GetBoolean());
            Assert.Equal(HttpStatusCode.OK, await AskAsync(ready[0]));
        }
        finally
        {
            Array.ForEach(programs, p => p.Dispose());
        }
    }

    [Fact]
    public async Task GatewayThatIsKilled_LeavesItsDatabaseToTheNext()
    {
        using GatewayProcess first = Start();
        JsonElement before = await first.ReadyAsync();
        await AskAsync(before, "3;w=3600");
        using GatewayProcess joined = Start();
        await joined.ReadyAsync();

        // What the counters had a second ago survives a kill.
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        first.Kill();
        (int exitCode, _, string error) = await joined.EndAsync();
        using GatewayProcess next = Start();
        JsonElement after = await next.ReadyAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("has ended", error, StringComparison.Ordinal);
        Assert.Equal((next.Id, false), (after.GetProperty("pid").GetInt32(), after.GetProperty("joined").GetBoolean()));
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests],
            [await AskAsync(after, "3;w=3600"), await AskAsync(after, "3;w=3600"), await AskAsync(after, "3;w=3600")]);
    }

    [Fact]
    public async Task Gateway_OutlivesTheParentThatStartedIt_AsLongAsOneThatJoinedNeedsIt()
    {
        using GatewayProcess firstParent = Other();
        using GatewayProcess secondParent = Other();
        await firstParent.ReadyAsync();
        await secondParent.ReadyAsync();
        using GatewayProcess gateway = Start("--parent", Id(firstParent));
        JsonElement ready = await gateway.ReadyAsync();
        using GatewayProcess joined = Start("--parent", Id(secondParent));
        Assert.True((await joined.ReadyAsync()).GetProperty("joined").GetBoolean());

        firstParent.Kill();
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(ready));
        secondParent.Kill();

        Assert.Equal(0, (await joined.EndAsync()).ExitCode);
        Assert.Equal(0, (await gateway.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Leaving_EndsTheGatewayWithItsLastUser_AndReportsHowManyAreLeft()
    {
        string parent = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        using GatewayProcess gateway = Start("--parent", parent);
        JsonElement ready = await gateway.ReadyAsync();
        using GatewayProcess joined = Start("--parent", parent);
        await joined.ReadyAsync();

        await gateway.WriteAsync("leave");
        JsonElement left = await gateway.ReadyAsync();
        Assert.Equal(HttpStatusCode.OK, await AskAsync(ready));
        await joined.WriteAsync("leave");
        JsonElement last = await joined.ReadyAsync();

        Assert.Equal((1, 0), (left.GetProperty("users").GetInt32(), last.GetProperty("users").GetInt32()));
        Assert.Equal(0, (await joined.EndAsync()).ExitCode);
        Assert.Equal(0, (await gateway.EndAsync()).ExitCode);
        Assert.Empty(Directory.GetFiles(_folder, "*.running.json"));
    }

    [Fact]
    public async Task OtherOptions_AreAnErrorThatNamesTheDifference()
    {
        string configuration = Path.Combine(_folder, "gateway.json");
        await File.WriteAllTextAsync(configuration, "{}");
        using GatewayProcess gateway = Start();
        int port = new Uri((await gateway.ReadyAsync()).GetProperty("uri").GetString()!).Port;
        using GatewayProcess otherPort = Start("--port", port == 65535 ? "65534" : "65535");
        using GatewayProcess otherConfiguration = Start("--config", configuration);
        using GatewayProcess samePort = Start("--port", port.ToString(CultureInfo.InvariantCulture));

        (int portCode, _, string portError) = await otherPort.EndAsync();
        (int configurationCode, _, string configurationError) = await otherConfiguration.EndAsync();

        Assert.Equal((1, 1), (portCode, configurationCode));
        Assert.Contains($"already runs on '{Database}' (http://127.0.0.1:{port}/, process {gateway.Id}), and it isn't listening on port", portError, StringComparison.Ordinal);
        Assert.Contains($"and it has no configuration file, not '{configuration}'", configurationError, StringComparison.Ordinal);
        Assert.True((await samePort.ReadyAsync()).GetProperty("joined").GetBoolean());
    }

    [Fact]
    public async Task ProviderKeyThatTheGatewayWasStartedWithout_IsAWarning_WithoutTheKey()
    {
        using GatewayProcess gateway = Start();
        await gateway.ReadyAsync();
        using GatewayProcess joined = GatewayProcess.Start(new Dictionary<string, string> { ["OPENAI_API_KEY"] = "sk-secret-0815" }, "--port", "0", "--database", Database);

        JsonElement ready = await joined.ReadyAsync();
        string warning = await joined.ErrorLineAsync();

        Assert.StartsWith("warn: Helicone.LocalGateway[40] ", warning, StringComparison.Ordinal);
        Assert.Contains("was started without OPENAI_API_KEY", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-secret-0815", warning + ready + string.Concat(Directory.GetFiles(_folder, "*.json").Select(File.ReadAllText)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StateOfAGatewayThatIsGone_IsNotTrusted()
    {
        // Somebody else may listen there by now, and must not be given the key.
        using GatewayProcess first = Start();
        await first.ReadyAsync();
        string state = Path.ChangeExtension(Database, ".running.json");
        byte[] stale = await File.ReadAllBytesAsync(state);
        first.Kill();
        await first.EndAsync();
        await File.WriteAllBytesAsync(state, stale);
        using DataLock held = DataLock.TryTake(Database)!;

        Assert.Null(await JoinedGateway.TryJoinAsync(new GatewayOptions { DatabasePath = Database }, CancellationToken.None));
    }

    [Fact]
    public async Task GatewayThatIsSuspended_IsAnErrorThatNamesItsProcessAndItsDatabase()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using GatewayProcess first = Start();
        string uri = (await first.ReadyAsync()).GetProperty("uri").GetString()!;
        await first.SignalAsync("STOP");
        using GatewayProcess second = Start();

        // Sooner than Start-HeliconeGateway stops waiting, with its default of 30 seconds.
        long started = Stopwatch.GetTimestamp();
        (int exitCode, string output, string error) = await second.EndAsync();
        TimeSpan took = Stopwatch.GetElapsedTime(started);

        Assert.Equal((1, string.Empty), (exitCode, output));
        Assert.Equal($"A local gateway already runs on '{Database}' ({uri}, process {Id(first)}), and it does not respond. End its process, or name another database.", error.Trim());
        Assert.True(took < TimeSpan.FromSeconds(28), $"It took {took}.");
    }

    [Fact]
    public async Task Joining_NeedsTheKey()
    {
        using GatewayProcess gateway = Start();
        using HttpClient stranger = new() { BaseAddress = new Uri((await gateway.ReadyAsync()).GetProperty("uri").GetString()!) };

        using HttpResponseMessage response = await stranger.PostAsync(new Uri("v1/gateway/user/1", UriKind.Relative), null);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private static string Id(GatewayProcess process) => process.Id.ToString(CultureInfo.InvariantCulture);

    private GatewayProcess Start(params string[] more) =>
        GatewayProcess.Start(null, [.. more.Contains("--port") ? more : ["--port", "0", .. more], "--database", Database]);

    /// <summary>Another process: a gateway on a separate database.</summary>
    private GatewayProcess Other() => GatewayProcess.Start(null, "--port", "0", "--database", Path.Combine(_folder, Guid.NewGuid().ToString("N"), "helicone.db"));

    private static async Task<HttpStatusCode> AskAsync(JsonElement ready, string? policy = null)
    {
        using HttpClient client = new() { BaseAddress = new Uri(ready.GetProperty("uri").GetString()!) };
        using HttpRequestMessage request = new(HttpMethod.Post, "v1/chat/completions")
        {
            Content = new StringContent("""{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}""", Encoding.UTF8),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ready.GetProperty("key").GetString());
        if (policy is not null)
        {
            request.Headers.Add("Helicone-RateLimit-Policy", policy);
        }

        using HttpResponseMessage response = await client.SendAsync(request);
        return response.StatusCode;
    }
}
