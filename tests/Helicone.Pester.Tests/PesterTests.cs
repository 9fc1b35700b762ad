namespace Helicone.Pester.Tests;

/// <summary>Every <c>It</c> of tests/Pester, run on a real pwsh. Each file runs once, in a separate process.</summary>
public sealed class PesterTests
{
    public static TheoryData<PesterTest> Tests =>
        new(PesterSuite.Files.SelectMany(file => file.Tests.Select((test, position) => new PesterTest(file.File, position, test.Name))));

    public static TheoryData<string> Files => new(PesterSuite.Files.Select(file => file.File));

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task It(PesterTest test)
    {
        PesterFile file = await PesterSuite.RunAsync(test.File);

        Assert.True(test.Position < file.Tests.Count, $"Pester discovered the test, and it wasn't there when {test.File} ran.");
        PesterResult result = file.Tests[test.Position];
        // Nothing is skipped: a test that can't run somewhere isn't generated there.
        Assert.True(result.Result == "Passed", $"{result.Name}: {result.Result}\n{result.Problem}");
    }

    /// <summary>What belongs to no test: a file that can't be read, a BeforeAll or an AfterAll that fails, and tests that appear only in the run.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public async Task File_RunsAsDiscovered(string file)
    {
        PesterFile discovered = PesterSuite.Files.Single(item => item.File == file);

        PesterFile run = await PesterSuite.RunAsync(file);

        Assert.Equal(string.Empty, run.Problem);
        Assert.NotEmpty(run.Tests);
        Assert.Equal(discovered.Tests.Count, run.Tests.Count);
    }
}
