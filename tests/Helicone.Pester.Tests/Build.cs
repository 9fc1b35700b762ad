using System.Reflection;

namespace Helicone.Pester.Tests;

/// <summary>Where the build found what the tests need. The project file writes it into the assembly.</summary>
internal static class Build
{
    public static string PowerShell { get; } = Read(nameof(PowerShell));

    public static string Pester { get; } = Read(nameof(Pester));

    /// <summary>A Polly.Core that is older than the module's.</summary>
    public static string OlderPolly { get; } = Read(nameof(OlderPolly));

    /// <summary>The folder of the scripts of this project.</summary>
    public static string Scripts { get; } = Read(nameof(Scripts));

    /// <summary>The folder of the Pester tests.</summary>
    public static string Tests { get; } = Read(nameof(Tests));

    /// <summary>The .NET host that runs this process.</summary>
    public static string Dotnet { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";

    private static string Read(string name) =>
        typeof(Build).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == name).Value!;
}
