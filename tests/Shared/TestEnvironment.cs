using System.Globalization;
using System.Runtime.CompilerServices;

namespace Helicone.Testing;

/// <summary>
/// Makes every test process the same, whoever runs it: no proxy between a test and its server on loopback, no key of a person, American formats, and
/// no file outside of a temporary folder. Processes that a test starts inherit it.
/// </summary>
internal static class TestEnvironment
{
    [ModuleInitializer]
    internal static void Isolate()
    {
        foreach (string name in Environment.GetEnvironmentVariables().Keys.Cast<string>())
        {
            if (name.EndsWith("_API_KEY", StringComparison.Ordinal) || name.EndsWith("_BASE_URL", StringComparison.Ordinal)
                || name.EndsWith("_PROXY", StringComparison.OrdinalIgnoreCase) || name.StartsWith("LC_", StringComparison.Ordinal)
                || name is "HELICONE_MODEL" or "LANGUAGE" or "NO_COLOR")
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }

        Environment.SetEnvironmentVariable("LANG", "en_US.UTF-8");
        CultureInfo culture = CultureInfo.GetCultureInfo("en-US");
        CultureInfo.DefaultThreadCurrentCulture = culture;
        CultureInfo.DefaultThreadCurrentUICulture = culture;
        CultureInfo.CurrentCulture = culture;
        CultureInfo.CurrentUICulture = culture;

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
}
