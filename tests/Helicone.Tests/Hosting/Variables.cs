using System.Runtime.CompilerServices;

namespace Helicone.Tests.Hosting;

/// <summary>Sets environment variables for the time of a test.</summary>
internal sealed class Variables : IDisposable
{
    private readonly Dictionary<string, string?> _before = [];

    public Variables(params (string Name, string? Value)[] values)
    {
        foreach ((string name, string? value) in values)
        {
            _before[name] = Environment.GetEnvironmentVariable(name);
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    /// <summary>The tests neither use a key of who runs them, Helicone's or a provider's, nor leave files with them.</summary>
    [ModuleInitializer]
    internal static void Isolate()
    {
        foreach (string name in Environment.GetEnvironmentVariables().Keys.Cast<string>())
        {
            if (name.EndsWith("_API_KEY", StringComparison.Ordinal) || name.EndsWith("_BASE_URL", StringComparison.Ordinal) || name == "HELICONE_MODEL")
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }

        string folder = Path.Combine(Path.GetTempPath(), "helicone-tests-" + Environment.ProcessId);
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", Path.Combine(folder, "cache"));
        Environment.SetEnvironmentVariable("XDG_DATA_HOME", Path.Combine(folder, "data"));
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        };
    }

    public void Dispose()
    {
        foreach (KeyValuePair<string, string?> variable in _before)
        {
            Environment.SetEnvironmentVariable(variable.Key, variable.Value);
        }
    }
}
