using System.Text.RegularExpressions;
using System.Xml.Linq;
using Helicone.Tests.Hosting;

namespace Helicone.Tests.Conventions;

/// <summary>The references between the projects go one way, as docs/architecture.md shows them.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> s_arrows = new()
    {
        ["Helicone"] = ["Helicone.Core"],
        ["Helicone.Core"] = [],
        ["Helicone.Mcp"] = ["Helicone.Core"],
        ["Helicone.Offline"] = ["Helicone.Core"],
        ["Helicone.LocalGateway"] = ["Helicone.Core", "Helicone.Offline"],
    };

    [Fact]
    public void References_GoOneWay()
    {
        string[] projects = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories);

        Assert.NotEmpty(projects);
        Assert.All(projects, project =>
        {
            IEnumerable<string> references = XDocument.Load(project).Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
            Assert.Empty(references.Except(s_arrows[Path.GetFileNameWithoutExtension(project)]));
        });
    }

    [Fact]
    public void Sources_NameTheCommitOfEachHeliconeFile()
    {
        // A mention without a commit can't be checked by anyone once the file has moved on.
        IEnumerable<string> unnamed = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(static path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(path => File.ReadLines(path).Where(line => HeliconeFile().Matches(line).Any(mention => !mention.Groups["commit"].Success)).Select(line => $"{Path.GetFileName(path)}: {line.Trim()}"));

        Assert.Empty(unnamed);
    }

    [GeneratedRegex(@"[\w/-]+\.tsx?\b(?:</c>)?(?<commit> @[0-9a-f]{8}\b)?")]
    private static partial Regex HeliconeFile();
}
