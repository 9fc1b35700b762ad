using System;
using System.IO;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;

namespace Helicone.LocalGateway.Tests.Configuration;

public sealed class ReloadTests
{
    [Fact]
    public async Task ChangedFile_IsInForceSoon()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(Saying("Before."));
        Assert.Equal("Before.", await SaysAsync(gateway));

        await File.WriteAllTextAsync(gateway.ConfigurationPath, Saying("After."));

        await UntilAsync(async () => await SaysAsync(gateway) == "After.");
    }

    [Fact]
    public async Task ReplacedFile_IsInForceSoon()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(Saying("Before."));
        string draft = gateway.ConfigurationPath + ".tmp";
        await File.WriteAllTextAsync(draft, Saying("After."));

        File.Move(draft, gateway.ConfigurationPath, overwrite: true);

        await UntilAsync(async () => await SaysAsync(gateway) == "After.");
    }

    [Fact]
    public async Task FileThatWentAndCameBack_IsInForceSoon()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(Saying("Before."));

        File.Delete(gateway.ConfigurationPath);
        Assert.Equal("Before.", await SaysAsync(gateway));
        await File.WriteAllTextAsync(gateway.ConfigurationPath, Saying("After."));

        await UntilAsync(async () => await SaysAsync(gateway) == "After.");
    }

    [Fact]
    public async Task WrongChange_LeavesTheOldOne_AndTheNextRightOneIsTaken()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(Saying("Before."));

        // Longer than it takes to be noticed: what comes after it must find the old one still there.
        await File.WriteAllTextAsync(gateway.ConfigurationPath, """{ "scenarios": [ { "reply": 7 } ] }""");
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("Before.", await SaysAsync(gateway));
            await Task.Delay(50);
        }

        await File.WriteAllTextAsync(gateway.ConfigurationPath, Saying("After."));
        await UntilAsync(async () => await SaysAsync(gateway) == "After.");
    }

    [Fact]
    public async Task WrongChange_IsSaidOnStandardErrorWithItsPlace()
    {
        string folder = Directory.CreateTempSubdirectory("helicone-reload-").FullName;
        try
        {
            string path = Path.Combine(folder, "gateway.json");
            await File.WriteAllTextAsync(path, "{}");
            using GatewayProcess program = GatewayProcess.Start(null, "--port", "0", "--database", GatewayProcess.DatabaseIn(folder), "--config", path);
            await program.ReadyAsync();

            await File.WriteAllTextAsync(path, "{\n  \"scenarios\": 7\n}");
            string line = await program.ErrorLineAsync();

            Assert.Contains("The changed configuration isn't valid", line, StringComparison.Ordinal);
            Assert.Contains("line 2, column 16: scenarios must be a list.", line, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task ChangedProviders_AreAskedFromThenOn_AndACallUnderWayEndsWhereItBegan()
    {
        TaskCompletionSource changed = new();
        await using FakeUpstream slow = await FakeUpstream.StartAsync(async context =>
        {
            await changed.Task;
            await FakeUpstream.WriteJsonAsync(context, 200, """{"choices":[{"message":{"content":"Old."}}]}""");
        });
        await using FakeUpstream quick = await FakeUpstream.AnsweringAsync("New.");
        await using TestGateway gateway = await TestGateway.StartAsync(GatewayJsonText.Providers(("one", slow.BaseUrl)));
        Task<HttpResponseMessage> underWay = gateway.ChatAsync("m/one");

        await UntilAsync(() => Task.FromResult(slow.Received.Count == 1));
        await File.WriteAllTextAsync(gateway.ConfigurationPath, GatewayJsonText.Providers(("one", quick.BaseUrl), ("two", quick.BaseUrl)));
        await UntilAsync(async () =>
        {
            using HttpResponseMessage response = await gateway.ChatAsync("m/two");
            return response.IsSuccessStatusCode;
        });
        using HttpResponseMessage next = await gateway.ChatAsync("m/one");
        changed.SetResult();
        using HttpResponseMessage first = await underWay;

        Assert.Equal(("New.", "Old."), ((await next.JsonAsync()).Content(), (await first.JsonAsync()).Content()));
    }

    private static string Saying(string text) => $$"""{ "scenarios": [ { "reply": { "text": "{{text}}" } } ] }""";

    private static async Task<string> SaysAsync(TestGateway gateway)
    {
        using HttpResponseMessage response = await gateway.ChatAsync("gpt-4o");
        return (await response.JsonAsync()).Content();
    }

    // The file is watched in the background: a test can only ask again.
    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        while (!await condition())
        {
            await Task.Delay(50, patience.Token);
        }
    }
}
