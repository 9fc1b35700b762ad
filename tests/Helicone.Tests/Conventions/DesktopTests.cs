using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Helicone.Tests.Hosting;

namespace Helicone.Tests.Conventions;

/// <summary>What can be known about Windows PowerShell 5.1 without Windows.</summary>
public sealed class DesktopTests
{
    private static readonly string s_framework = typeof(DesktopTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "DesktopReferences").Value!;

    [Fact]
    public void EveryReference_IsOfTheFramework_OrShipsInTheSameOrANewerVersion()
    {
        // Windows PowerShell has no binding redirects: the module answers a request for an assembly with the version that ships. An older one would
        // load, and fail where the newer API is called.
        string folder = Path.Combine(Repository.Bin, "netstandard2.0");
        string[] files = [Path.Combine(Repository.Bin, "Helicone.dll"), .. Directory.GetFiles(folder, "*.dll", SearchOption.AllDirectories)];
        Dictionary<string, Version> shipped = files.ToDictionary(static file => Path.GetFileNameWithoutExtension(file), static file => AssemblyName.GetAssemblyName(file).Version!, StringComparer.OrdinalIgnoreCase);
        Dictionary<string, Version> framework = Directory.GetFiles(s_framework, "*.dll", SearchOption.AllDirectories)
            .Where(IsAssembly)
            .ToDictionary(static file => Path.GetFileNameWithoutExtension(file), static file => AssemblyName.GetAssemblyName(file).Version!, StringComparer.OrdinalIgnoreCase);
        List<string> broken = [];
        foreach (string file in files)
        {
            foreach ((string name, Version version) in References(file))
            {
                bool isFound = name == "System.Management.Automation"
                    || (shipped.TryGetValue(name, out Version? ours) && ours >= version)
                    || (framework.TryGetValue(name, out Version? theirs) && theirs >= version);
                if (!isFound)
                {
                    broken.Add($"{Path.GetFileName(file)} needs {name} {version}; shipped: {shipped.GetValueOrDefault(name)}, framework: {framework.GetValueOrDefault(name)}");
                }
            }
        }

        Assert.True(files.Length > 30, "The netstandard2.0 folder is not filled.");
        Assert.Empty(broken);
    }

    // Some files there are native parts of an assembly.
    private static bool IsAssembly(string file)
    {
        using PEReader reader = new(File.OpenRead(file));
        return reader.HasMetadata && reader.GetMetadataReader().IsAssembly;
    }

    private static IEnumerable<(string Name, Version Version)> References(string file)
    {
        using PEReader reader = new(File.OpenRead(file));
        MetadataReader metadata = reader.GetMetadataReader();
        return metadata.AssemblyReferences.Select(handle => metadata.GetAssemblyReference(handle)).Select(reference => (metadata.GetString(reference.Name), reference.Version)).ToArray();
    }
}
