namespace Helicone.Tests.Children;

public sealed class ChildTests
{
    [Fact]
    public async Task Import_LoadsTheCmdletsAndNothingThatTheyMayNeedLater()
    {
        string[] loaded = await Child.OutputOfAsync("import");

        Assert.Contains("Helicone", loaded);
        Assert.DoesNotContain(loaded, name => name is "Helicone.Core" or "System.Net.Http" or "System.Text.Json" or "System.Net.ServerSentEvents" || name.StartsWith("Microsoft.Bcl", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RivalClient_LoadedFirst_ChangesNothing()
    {
        string folder = Directory.CreateTempSubdirectory("helicone-rival-").FullName;

        string[] said = await Child.OutputOfAsync("rival", folder);
        Directory.Delete(folder, recursive: true);

        Assert.Equal(["Helicone.Rival", "ours works", "2", "2"], said);
    }
}
