using System.Reflection;
using System.Reflection.Emit;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Children;

/// <summary>Another module has loaded a Helicone.Core of the same assembly version, with nothing of ours in it. Then ours is used.</summary>
internal static class RivalChild
{
    public static async Task RunAsync(string folder)
    {
        string path = Path.Combine(folder, "Helicone.Core.dll");
        PersistedAssemblyBuilder rival = new(new AssemblyName("Helicone.Core") { Version = AssemblyName.GetAssemblyName(Path.Combine(Repository.Bin, "net8.0", "Helicone.Core.dll")).Version }, typeof(object).Assembly);
        ModuleBuilder module = rival.DefineDynamicModule("Helicone.Core");
        module.DefineType("Helicone.Rival", TypeAttributes.Public | TypeAttributes.Class).CreateType();
        rival.Save(path);
        Assembly loaded = Assembly.LoadFrom(path);
        Console.WriteLine(loaded.GetType("Helicone.Rival")!.FullName);

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
        Console.WriteLine(AppDomain.CurrentDomain.GetAssemblies().Count(assembly => assembly.GetName().Name == "Helicone.Core"));
    }
}
