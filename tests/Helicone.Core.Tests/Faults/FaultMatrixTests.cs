using Xunit.Abstractions;

namespace Helicone.Core.Tests.Faults;

/// <summary>Every fault, for a call that waits for the whole answer.</summary>
public class BlockingFaultTests
{
    [Theory]
    [MemberData(nameof(FaultTable.Names), MemberType = typeof(FaultTable))]
    public Task Fault_EndsAsItMust(string name) => new FaultCell(FaultTable.Find(name), FaultMode.Blocking).RunAsync();
}

/// <summary>Every fault, for a stream.</summary>
public class StreamFaultTests
{
    [Theory]
    [MemberData(nameof(FaultTable.Names), MemberType = typeof(FaultTable))]
    public Task Fault_EndsAsItMust(string name) => new FaultCell(FaultTable.Find(name), FaultMode.Stream).RunAsync();
}

#if !NETSTANDARD_CORE
/// <summary>Every fault, for one item among others of a bulk run.</summary>
public class BulkFaultTests
{
    [Theory]
    [MemberData(nameof(FaultTable.Names), MemberType = typeof(FaultTable))]
    public Task Fault_EndsAsItMust(string name) => new FaultCell(FaultTable.Find(name), FaultMode.Bulk).RunAsync();
}
#endif

public class FaultMatrixTests(ITestOutputHelper output)
{
    [Fact]
    public void Matrix_IsAsLargeAsPromised()
    {
        int modes = Enum.GetValues<FaultMode>().Length;
        output.WriteLine($"{FaultTable.All.Count} faults × {modes} modes = {FaultTable.All.Count * modes} cells");

        Assert.True(FaultTable.All.Count >= 60);
        Assert.Distinct(FaultTable.All.Select(f => f.Name));
    }
}
