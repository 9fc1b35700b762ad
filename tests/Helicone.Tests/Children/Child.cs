namespace Helicone.Tests.Children;

/// <summary>Promises about a fresh process, run in one: this assembly started as a program.</summary>
internal static class Child
{
    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case ["import"]:
                ImportChild.Run();
                return 0;
            case ["rival", string folder]:
                await RivalChild.RunAsync(folder);
                return 0;
            case ["dotnet", string folder, string path]:
                DotnetChild.Run(folder, path);
                return 0;
            case ["bulk", string address, string journal, string count]:
                await BulkChild.RunAsync(address, journal, count);
                return 0;
            default:
                await Console.Error.WriteLineAsync("This assembly is run by its tests.");
                return 2;
        }
    }
}
