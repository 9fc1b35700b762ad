using System.Reflection;
using System.Reflection.Emit;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Children;

/// <summary>Another module has loaded a Polly.Core of the same assembly version, with nothing of ours in it. Then ours is used, with a retry, which is Polly's work.</summary>
internal static class RivalChild
{
    public static async Task RunAsync(string folder)
    {
        string path = Path.Combine(folder, "Polly.Core.dll");
        PersistedAssemblyBuilder rival = new(new AssemblyName("Polly.Core") { Version = new Version(8, 0, 0, 0) }, typeof(object).Assembly);
        ModuleBuilder module = rival.DefineDynamicModule("Polly.Core");
        module.DefineType("Polly.Rival", TypeAttributes.Public | TypeAttributes.Class).CreateType();
        rival.Save(path);
        Assembly loaded = Assembly.LoadFrom(path);
        Console.WriteLine(loaded.GetType("Polly.Rival")!.FullName);

        int attempts = 0;
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            if (Interlocked.Increment(ref attempts) == 1)
            {
                exchange.Header("retry-after-ms", "1");
                await exchange.FailAsync(503, "overloaded");
                return;
            }

            await exchange.SayAsync("ours works");
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);
        Result result = (await shell.RunAsync("Invoke-HeliconeChat 'x'")).AssertNoErrors();
        Console.WriteLine(result.Single);
        Console.WriteLine(attempts);
        Console.WriteLine(AppDomain.CurrentDomain.GetAssemblies().Count(assembly => assembly.GetName().Name == "Polly.Core"));
    }
}
