using Helicone.Tests.Hosting;

namespace Helicone.Tests.Children;

/// <summary>One run of a script in a separate process: each process has its own string hashes.</summary>
internal static class ScriptChild
{
    public static async Task RunAsync(string script)
    {
        using Shell shell = new();
        Result result = await shell.RunAsync(script);
        foreach (string warning in result.Warnings)
        {
            Console.WriteLine("WARNING: " + warning);
        }

        result.AssertNoErrors();
        foreach (string text in result.Texts)
        {
            Console.WriteLine(text);
        }
    }
}
