namespace Helicone.Mcp.Tests;

/// <summary>What is measured is the memory of the process, so nothing else runs meanwhile.</summary>
[Collection(nameof(MemoryTests))]
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTests
{
    [Fact]
    public async Task StandardError_WithoutALineBreak_FillsNoMemory()
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        McpServer server = await TestServer.ConnectAsync("endless-error");

        Assert.Equal("worked ", (await TestServer.CallAsync(server, "work")).Text);

        // The server has written 400 MB by now.
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 100_000_000, "the memory is full");
        await server.CloseAsync();
    }
}
