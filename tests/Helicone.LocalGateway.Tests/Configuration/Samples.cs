using System;
using System.IO;

namespace Helicone.LocalGateway.Tests.Configuration;

/// <summary>The files under samples/gateway.</summary>
internal static class Samples
{
    public static string PathOf(string name)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Helicone.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException("The tests do not run from the repository."), "samples", "gateway", name);
    }
}
