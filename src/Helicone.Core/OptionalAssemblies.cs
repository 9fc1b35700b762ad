#if NET
using System.Collections.Generic;
using System.IO;
using System.Runtime.Loader;
#endif

namespace Helicone;

/// <summary>Loads dependencies that only some calls need, on the first such call.</summary>
/// <remarks>
/// On PowerShell 7 the module loads the client and its dependencies into a separate context, all at once, because the runtime asks the
/// default context for whatever the client's context has not loaded, and another module may have put another version there. Optional
/// dependencies are in folders next to the client, and a feature loads its folder in the same way before it touches a type in it. In an
/// application that uses the client as a package these folders don't exist: the dependencies are next to the application.
/// </remarks>
internal static class OptionalAssemblies
{
    /// <summary>The folder with JsonSchema.Net.</summary>
    internal const string Schemas = "schemas";

    /// <summary>The folder with Microsoft.ML.Tokenizers and its vocabulary.</summary>
    internal const string Tokens = "tokens";

    /// <summary>The folder with Helicone.Offline.</summary>
    internal const string Offline = "offline";

    /// <summary>The folder with Fluid and YamlDotNet.</summary>
    internal const string Prompts = "prompts";

#if NET
    private static readonly HashSet<string> s_loaded = [];

    /// <summary>Loads the assemblies of a folder, once. Call this from a method that uses no type of these assemblies itself.</summary>
    internal static void Load(string folder)
    {
        lock (s_loaded)
        {
            string? client = Path.GetDirectoryName(typeof(OptionalAssemblies).Assembly.Location);
            if (string.IsNullOrEmpty(client) || !s_loaded.Add(folder) || Path.Combine(client, folder) is not { } path || !Directory.Exists(path))
            {
                return;
            }

            AssemblyLoadContext context = AssemblyLoadContext.GetLoadContext(typeof(OptionalAssemblies).Assembly)!;
            foreach (string file in Directory.GetFiles(path, "*.dll"))
            {
                context.LoadFromAssemblyPath(file);
            }
        }
    }
#else
    /// <summary>Does nothing: Windows PowerShell loads an assembly when it is needed, and the module resolves its name.</summary>
    internal static void Load(string folder) => _ = folder;
#endif
}
