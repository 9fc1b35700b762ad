using Helicone.Tests.Children;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Bulk;

/// <summary>What must survive a process is tested with several: .NET seeds string hashes per process, so a hashtable has another order in each.</summary>
public sealed class JournalProcessTests : IDisposable
{
    private const string Body = "-Body @{ frequency_penalty = 0.5; presence_penalty = 0.25; logprobs = $true; top_logprobs = 3; user = 'u'; metadata = @{ team = 'ops'; ticket = 7; source = 'mail'; urgent = $false } }";
    private const string Format = "-ResponseFormat @{ type = 'json_schema'; json_schema = @{ name = 'ticket'; strict = $true; schema = @{ type = 'object'; additionalProperties = $false; required = 'team', 'severity'; properties = @{ team = @{ type = 'string' }; severity = @{ type = 'string'; enum = 'low', 'high' } } } } }";
    private const string Tools = "-Body @{ tool_choice = 'auto'; parallel_tool_calls = $false; tools = @(@{ type = 'function'; function = @{ name = 'get_weather'; description = 'The weather.'; parameters = @{ type = 'object'; properties = @{ city = @{ type = 'string'; description = 'A city.' }; unit = @{ type = 'string' } }; required = @('city') } } }) }";
    private const string Image = "-Message @{ role = 'user'; name = 'camera'; content = @(@{ type = 'text'; text = 'What is this?' }, @{ type = 'image_url'; image_url = @{ url = 'data:image/png;base64,iVBORw0KGgo='; detail = 'low' } }) }";

    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-processes-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task SameCommandsInThreeProcesses_SendEachItemOnce_WithAJournal()
    {
        string[] commands =
        [
            "'a', 'b', 'c' | Invoke-HeliconeChat " + Body,
            "'a', 'b', 'c' | Invoke-HeliconeChat " + Format,
            "'a', 'b', 'c' | Invoke-HeliconeChat " + Tools,
            "'a', 'b', 'c' | Invoke-HeliconeChat " + Image,
            "@{ title = 'a'; id = 1; body = 'x' }, @{ title = 'b'; id = 2; body = 'y' }, @{ title = 'c'; id = 3; body = 'z' } | Invoke-HeliconeChat 'Which team?' -ForEach",
        ];
        string script = string.Join("\n", commands.Select((command, i) => $"{command} -Journal '{Path.Combine(_folder, $"{i}.jsonl")}' | ForEach-Object FromJournal"));
        await using ChatServer server = await ChatServer.SayAsync("yes");
        List<int> requests = [];
        for (int process = 0; process < 3; process++)
        {
            int before = server.Chats.Count;
            string[] said = await RunAsync(server.Uri, script);

            Assert.Equal(Enumerable.Repeat(process > 0 ? "True" : "False", 15), said);
            requests.Add(server.Chats.Count - before);
        }

        Assert.Equal([15, 0, 0], requests);
    }

    [Fact]
    public async Task SameCommandsInThreeProcesses_SendTheSameBytes()
    {
        string script = string.Join(
            "\n",
            "Invoke-HeliconeChat 'a' -Cache " + Body,
            "Invoke-HeliconeChat 'b' -Cache -Stream " + Format,
            "Invoke-HeliconeChat 'c' -Cache " + Tools,
            "Invoke-HeliconeChat -Cache " + Image,
            "Invoke-HeliconeChat 'd' -Body ([ordered]@{ z_last = 1; a_first = [pscustomobject]@{ y = 1; b = 2 }; m = @{ b = 1; a = 2 } })");
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            if (exchange.Body.ContainsKey("stream"))
            {
                await exchange.BeginStreamAsync();
                await exchange.FinishAsync();
            }
            else
            {
                await exchange.SayAsync("yes");
            }
        });
        for (int process = 0; process < 3; process++)
        {
            await RunAsync(server.Uri, script);
        }

        string[] bodies = [.. server.Chats.Select(chat => chat.Text)];
        Assert.Equal(15, bodies.Length);
        Assert.Equal(bodies[..5], bodies[5..10]);
        Assert.Equal(bodies[..5], bodies[10..]);

        // An order that the user wrote is kept.
        Assert.EndsWith("""
            "z_last":1,"a_first":{"y":1,"b":2},"m":{"a":2,"b":1}}
            """, bodies[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task GatewaysCache_AnswersTheNextProcess()
    {
        await using ChatServer provider = await ChatServer.SayAsync("from the model");
        using LocalShell local = new LocalShell().With("openai", provider).Connect();
        string uri = Assert.Single((await local.RunAsync("$gateway.Uri.AbsoluteUri")).Texts);
        string key = (await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(local.Folder, "*key*", SearchOption.AllDirectories)))).Trim();

        List<string> said = [];
        for (int process = 0; process < 2; process++)
        {
            said.AddRange(await Child.OutputOfAsync("script", $"""
                Connect-Helicone -ApiKey {key} -GatewayUri {uri} -ApiUri {uri}
                Invoke-HeliconeChat 'a' -Model gpt-4o-mini/openai -Cache {Tools} | ForEach-Object CacheStatus
                """));
        }

        Assert.Equal(["Miss", "Hit"], said);
        Assert.Single(provider.Chats);
    }

    private static Task<string[]> RunAsync(Uri server, string command) =>
        Child.OutputOfAsync("script", $"Connect-Helicone -ApiKey {Shell.Key} -GatewayUri {server} -ApiUri {server}; {command}");
}
