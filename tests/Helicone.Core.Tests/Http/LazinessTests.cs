using System.Reflection;
using System.Runtime.Loader;
using Helicone.Core.Tests.Servers;

namespace Helicone.Core.Tests.Http;

/// <summary>What a call that succeeds does not pay for.</summary>
public class LazinessTests
{
    [Fact]
    public async Task Polly_IsLoadedWithTheFirstRetry_AndNotBefore()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Sequence(
            ScriptedServer.Json(Answers.Whole),
            ScriptedServer.Events(Answers.Text("x"), Answers.Finish, Answers.Done),
            ScriptedServer.Text(400, "a failure that is not tried again"),
            ScriptedServer.Text(503, "one that is"),
            ScriptedServer.Json(Answers.Whole)), ScriptedServer.Json("""{"models":[]}"""));

        // A separate load context sees what this client alone has loaded, regardless of the other tests.
        PrivateContext context = new();
        Assembly core = context.LoadFromAssemblyPath(typeof(HeliconeClient).Assembly.Location);
        dynamic client = CreateClient(core, server.Uri);

        await CompleteAsync(core, client);
        await StreamAsync(core, client);
        await Assert.ThrowsAnyAsync<Exception>(() => (Task)CompleteAsync(core, client));
        Assert.Equal(3, server.Chats.Count);
        Assert.DoesNotContain(context.Assemblies, a => a.GetName().Name == "Polly.Core");

        await CompleteAsync(core, client);
        Assert.Equal(5, server.Chats.Count);
        Assert.Contains(context.Assemblies, a => a.GetName().Name == "Polly.Core");

        ((IDisposable)client).Dispose();
        context.Unload();
    }

    private sealed class PrivateContext() : AssemblyLoadContext(nameof(LazinessTests), isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            assemblyName.Name == "Polly.Core" ? LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "Polly.Core.dll")) : null;
    }

    private static object CreateClient(Assembly core, Uri uri)
    {
        Type type = core.GetType("Helicone.HeliconeOptions", throwOnError: true)!;
        object options = Activator.CreateInstance(type)!;
        foreach (string name in new[] { "GatewayUri", "ApiUri", "LogUri" })
        {
            type.GetProperty(name)!.SetValue(options, uri);
        }

        type.GetProperty("RetryDelay")!.SetValue(options, TimeSpan.FromMilliseconds(1));
        return Activator.CreateInstance(core.GetType("Helicone.HeliconeClient", throwOnError: true)!, options)!;
    }

    private static object Request(Assembly core)
    {
        Type message = core.GetType("Helicone.Chat.ChatMessage", throwOnError: true)!;
        Array messages = Array.CreateInstance(message, 1);
        messages.SetValue(Activator.CreateInstance(message, "user", "Hi"), 0);
        return Activator.CreateInstance(core.GetType("Helicone.Chat.ChatRequest", throwOnError: true)!, messages)!;
    }

    private static Task CompleteAsync(Assembly core, dynamic client) => (Task)client.Chat.CompleteAsync((dynamic)Request(core), null, CancellationToken.None);

    private static async Task StreamAsync(Assembly core, dynamic client)
    {
        dynamic chunks = client.Chat.Stream((dynamic)Request(core)).GetAsyncEnumerator(CancellationToken.None);
        int count = 0;
        while (await (ValueTask<bool>)chunks.MoveNextAsync())
        {
            count++;
        }

        await (ValueTask)chunks.DisposeAsync();
        Assert.Equal(3, count);
    }
}
