using Helicone.Tests.Hosting;

namespace Helicone.Tests.Children;

/// <summary>Starts a gateway in a process that is not dotnet itself, as pwsh is not, in a folder that has a program called dotnet in it.</summary>
internal static class DotnetChild
{
    public static void Run(string folder, string path)
    {
        // The program of this process needed it to start.
        Environment.SetEnvironmentVariable("DOTNET_ROOT", null);
        Environment.SetEnvironmentVariable("PATH", path);
        Environment.SetEnvironmentVariable("HOME", Path.Combine(folder, "home"));
        Environment.CurrentDirectory = folder;
        using Shell shell = new();
        Result result = shell.Run($"(Start-HeliconeGateway -DatabasePath '{Path.Combine(folder, "gateway.db")}').Status; Stop-HeliconeGateway");
        foreach (string line in result.Texts.Concat(result.Errors.Select(error => error.ToString())))
        {
            Console.WriteLine(line);
        }
    }
}
