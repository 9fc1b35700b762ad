using System.Text.RegularExpressions;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;

namespace Helicone.Core.Tests;

/// <summary>The example in the readme of the package compiles, and prints an answer.</summary>
public class ReadmeTests
{
    [Fact]
    public async Task Example_Works()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Sequence(
            ScriptedServer.Json(Answers.Whole),
            ScriptedServer.Events(Answers.Text("Once upon "), Answers.Text("a time"), Answers.Finish, Answers.Done)));
        StringWriter console = new();

        await ExampleAsync(Clients.Key, server.Uri, console);

        Assert.StartsWith("Rayleigh scattering. (gpt-4o-mini-2024-07-18, ", console.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("Once upon a time", console.ToString(), StringComparison.Ordinal);
        Assert.All(server.Chats, chat => Assert.Equal("Bearer " + Clients.Key, chat.Headers["Authorization"]));
    }

    [Fact]
    public void Example_IsTheOneThatIsCompiledHere()
    {
        string root = Root();
        string readme = File.ReadAllText(Path.Combine(root, "src/Helicone.Core/README.md"));
        string here = File.ReadAllText(Path.Combine(root, "tests/Helicone.Core.Tests/ReadmeTests.cs"));

        Assert.Equal(Lines(Regex.Match(readme, "```csharp\n(.*?)```", RegexOptions.Singleline).Groups[1].Value), Lines(Regex.Match(here, "// The example\n(.*?)// The end", RegexOptions.Singleline).Groups[1].Value));
    }

    private static async Task ExampleAsync(string apiKey, Uri gateway, StringWriter Console)
    {
        HeliconeClient Local(HeliconeOptions options) => new(options with { GatewayUri = gateway, ApiUri = gateway, LogUri = gateway });

        // The example
        HeliconeOptions options = new(apiKey) { DefaultModel = ModelRoute.Parse("gpt-4o-mini,claude-3.5-haiku") };
        using HeliconeClient client = Local(options); // in the readme: new(options)

        ChatCompletion answer = await client.Chat.CompleteAsync(new ChatRequest([new ChatMessage("user", "Why is the sky blue?")]));
        Console.WriteLine($"{answer.Content} ({answer.Model}, {answer.Latency.TotalMilliseconds:0} ms, ${answer.Cost})");

        await foreach (ChatChunk chunk in client.Chat.Stream(new ChatRequest([new ChatMessage("user", "Tell a story.")])))
        {
            Console.Write(chunk.Text);
        }

        // The end
    }

    private static string[] Lines(string code) => [.. code.Split('\n').Select(line => line.Trim().Replace("Local(options); // in the readme: new(options)", "new(options);", StringComparison.Ordinal)).Where(line => line.Length > 0)];

    // Not by the path of the source, which a deterministic build replaces.
    private static string Root()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Helicone.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests run from a build inside of the repository.");
        }

        return folder.FullName;
    }
}
