using System;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
#if NET
using System.Runtime.Loader;
#endif

namespace Helicone.Mcp;

/// <summary>Loads Helicone.Mcp, with the official SDK behind it, when the first server is connected.</summary>
/// <remarks>
/// The SDK needs a newer System.Text.Json than PowerShell 7.4 has, so it is in a separate load context and folder. Both sides share
/// this assembly, and pass JSON as text. In an application that uses the client as a package, Helicone.Mcp is next to the application.
/// </remarks>
internal static class McpAssembly
{
    private const string Client = "Helicone.Mcp";
    private const string Folder = "mcp";
    private const string Factory = "Helicone.Mcp.McpSessionFactory";

    private static readonly object s_lock = new();
    private static IMcpSessionFactory? s_factory;

    /// <summary>The factory of sessions.</summary>
    /// <exception cref="McpException">The assembly can't be loaded.</exception>
    internal static IMcpSessionFactory Sessions
    {
        get
        {
            lock (s_lock)
            {
                return s_factory ??= Create();
            }
        }
    }

    private static IMcpSessionFactory Create()
    {
        try
        {
            Type type = Load().GetType(Factory, throwOnError: true)!;
            return (IMcpSessionFactory)Activator.CreateInstance(type, nonPublic: true)!;
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or TypeLoadException or TargetInvocationException)
        {
            throw new McpException(McpErrorKind.StartFailed, $"The MCP client can't be loaded: {e.Message}", e);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Assembly Load()
    {
        string? home = Path.GetDirectoryName(typeof(McpAssembly).Assembly.Location);
        if (string.IsNullOrEmpty(home) || Path.Combine(home, Folder) is not { } folder || !File.Exists(Path.Combine(folder, Client + ".dll")))
        {
            return Assembly.Load(new AssemblyName(Client));
        }

#if NET
        return new Context(folder).LoadFromAssemblyName(new AssemblyName(Client));
#else
        return Assembly.LoadFrom(Path.Combine(folder, Client + ".dll"));
#endif
    }

#if NET
    private sealed class Context(string folder) : AssemblyLoadContext(Client)
    {
        // The runtime asks here before it asks the default context, where another module may have put other versions.
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            if (assemblyName.Name == typeof(McpAssembly).Assembly.GetName().Name)
            {
                return typeof(McpAssembly).Assembly;
            }

            string file = Path.Combine(folder, assemblyName.Name + ".dll");
            return File.Exists(file) && !IsInFramework(file) ? LoadFromAssemblyPath(file) : null;
        }

        // A newer runtime has what the SDK needs, and its assemblies fit together.
        private static bool IsInFramework(string file)
        {
            string own = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, Path.GetFileName(file));
            return File.Exists(own) && AssemblyName.GetAssemblyName(own).Version >= AssemblyName.GetAssemblyName(file).Version;
        }
    }
#endif
}
