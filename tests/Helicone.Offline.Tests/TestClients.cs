using Helicone.Chat;
using Helicone.Errors;

namespace Helicone.Offline.Tests;

/// <summary>Clients that answer in this process, and what tests ask them.</summary>
internal static class TestClients
{
    public const string Key = "sk-helicone-q7w3e5r-t9y2u4i-o6p8a1s-d3f5g7h";

    public static HeliconeClient Offline(params string[] scenarios) => new(new HeliconeOptions
    {
        Offline = new OfflineOptions { Scenarios = [.. scenarios.Select(Scenario)] },
        MaxRetries = 2,
        RetryDelay = TimeSpan.Zero,
    });

    public static HeliconeClient Recording(string path, HttpMessageHandler handler) => new(new HeliconeOptions(Key)
    {
        GatewayUri = new Uri("http://127.0.0.1:1/"),
        ApiUri = new Uri("http://127.0.0.1:1/"),
        Handler = handler,
        RecordPath = path,
        RetryDelay = TimeSpan.Zero,
    });

    public static HeliconeClient Replay(string path, HeliconeOptions? options = null) => new((options ?? new HeliconeOptions()) with
    {
        GatewayUri = new Uri("https://replay.invalid/"),
        ApiUri = new Uri("https://replay.invalid/"),
        ReplayPath = path,
    });

    public static ScenarioSource Scenario(string json)
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, json);
        ScenarioSource source = ScenarioSource.FromFile(path);
        File.Delete(path);
        return source;
    }

    public static ChatRequest Ask(string prompt, string model = "gpt-4o-mini") => new([new ChatMessage("user", prompt)]) { Model = ModelRoute.Parse(model) };

    public static async Task<string> SayAsync(this HeliconeClient client, string prompt) => (await client.Chat.CompleteAsync(Ask(prompt))).Content!;

    public static async Task<(List<string> Texts, ChatCompletion Completion)> StreamAsync(this HeliconeClient client, string prompt)
    {
        List<string> texts = [];
        ChatCompletion? completion = null;
        await foreach (ChatChunk chunk in client.Chat.Stream(Ask(prompt)))
        {
            texts.Add(chunk.Text);
            completion = chunk.Completion ?? completion;
        }

        return (texts, completion!);
    }

    public static async Task<HeliconeException> FailsAsync(this HeliconeClient client, string prompt, string model = "gpt-4o-mini") =>
        await Assert.ThrowsAsync<HeliconeException>(() => client.Chat.CompleteAsync(Ask(prompt, model)));
}
