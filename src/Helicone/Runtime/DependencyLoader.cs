using System;
using System.IO;
using System.Reflection;

namespace Helicone.Runtime;

/// <summary>Makes Helicone.Core and what it needs loadable, apart from whatever else the process has loaded.</summary>
/// <remarks>
/// Import-Module reads every type of this assembly before it calls <see cref="ModuleInitializer"/>, so nothing that a type needs in order to
/// load may come from the client: no base, no interface, no field of a value type. An async method keeps the awaiters of its awaits in such
/// fields; therefore a <c>Task</c> of a client's type is awaited through <see cref="PipelineAwaitable.OnPipeline"/>, and a <c>ValueTask</c>,
/// which Windows PowerShell has in a package only, as a task.
/// </remarks>
internal static class DependencyLoader
{
    private const string Client = "Helicone.Core";

    private static readonly object s_lock = new();
    private static int s_imports;
    private static ResolveEventHandler? s_resolve;
    private static Assembly? s_client;

    /// <summary>Hooks the resolver once, however many runspaces import the module. Nothing is loaded yet.</summary>
    public static void Hook()
    {
        lock (s_lock)
        {
            if (s_imports++ == 0)
            {
                s_resolve = HasLoadContexts ? ResolveClient : ResolveFromFolder;
                AppDomain.CurrentDomain.AssemblyResolve += s_resolve;
            }
        }
    }

    /// <summary>Takes the resolver away with the last runspace that had the module.</summary>
    public static void Unhook()
    {
        lock (s_lock)
        {
            if (s_imports > 0 && --s_imports == 0)
            {
                AppDomain.CurrentDomain.AssemblyResolve -= s_resolve;
                s_resolve = null;
            }
        }
    }

    private static Type? LoadContextType { get; } = Type.GetType("System.Runtime.Loader.AssemblyLoadContext, System.Runtime.Loader", throwOnError: false);

    /// <summary>Indicates whether this is PowerShell 7, which has load contexts, and not Windows PowerShell.</summary>
    public static bool HasLoadContexts => LoadContextType is not null;

    /// <summary>Why the module cannot be used here; <see langword="null"/> when it can. PowerShell 7.0 to 7.3 run on .NET Core 3.1 to .NET 7, which cannot load the client.</summary>
    public static string? Refusal(bool hasLoadContexts, Version runtime) => hasLoadContexts && runtime.Major < 8
        ? $"The Helicone module needs PowerShell 7.4 or later, or Windows PowerShell 5.1. This PowerShell runs on .NET {runtime.Major}.{runtime.Minor}, and the module needs .NET 8. Install a current PowerShell from https://aka.ms/powershell."
        : null;

    private static string Folder(string name) =>
        Path.Combine(Path.GetDirectoryName(typeof(DependencyLoader).Assembly.Location)!, name);

    /// <summary>PowerShell 7: only the client is asked for by name; whatever the client asks for is in its own context already.</summary>
    private static Assembly? ResolveClient(object? sender, ResolveEventArgs request)
    {
        if (!string.Equals(new AssemblyName(request.Name).Name, Client, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        lock (s_lock)
        {
            return s_client ??= LoadApart(Folder("net8.0"));
        }
    }

    /// <summary>
    /// Loads every assembly of a folder into a separate context. All of them, at once: the runtime looks among what a context has loaded
    /// before it asks the default one, where another module's Polly of the same assembly version would win.
    /// </summary>
    private static Assembly LoadApart(string folder)
    {
        object context = Activator.CreateInstance(LoadContextType!, "Helicone", false)!;
        Func<string, Assembly> load = (Func<string, Assembly>)LoadContextType!
            .GetMethod("LoadFromAssemblyPath", [typeof(string)])!
            .CreateDelegate(typeof(Func<string, Assembly>), context);
        Assembly? client = null;
        foreach (string path in Directory.GetFiles(folder, "*.dll"))
        {
            Assembly assembly = load(path);
            if (string.Equals(Path.GetFileNameWithoutExtension(path), Client, StringComparison.OrdinalIgnoreCase))
            {
                client = assembly;
            }
        }

        return client ?? throw new FileNotFoundException($"The Helicone module is incomplete: {Client}.dll is missing from '{folder}'. Install it again.");
    }

    /// <summary>Windows PowerShell: no contexts and no binding redirects, so a name is answered with the version that the module ships.</summary>
    private static Assembly? ResolveFromFolder(object? sender, ResolveEventArgs request)
    {
        string file = new AssemblyName(request.Name).Name + ".dll";
        string path = Path.Combine(Folder("netstandard2.0"), file);
        path = File.Exists(path) ? path : Path.Combine(Folder("netstandard2.0"), "mcp", file);
        return File.Exists(path) ? Assembly.LoadFrom(path) : null;
    }
}
