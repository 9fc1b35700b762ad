namespace Helicone.Tests.Children;

/// <summary>Promises about a fresh process, run in one: this assembly started as a program.</summary>
internal static class Child
{
    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            default:
                await Console.Error.WriteLineAsync("This assembly is run by its tests.");
                return 2;
        }
    }
}
