using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Helicone.Testing;

/// <summary>
/// Makes every test process the same, whoever runs it: no proxy between a test and its server on loopback, no key of a person, American formats, and
/// no file outside of a temporary folder, and no signal ignored. Processes that a test starts inherit it.
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
                || name is "HELICONE_MODEL" or "HELICONE_LOCAL_SESSION" or "LANGUAGE" or "NO_COLOR")
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

        if (OperatingSystem.IsLinux())
        {
            RestoreSignals();
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

    /// <summary>A shell's <c>&amp;</c>, <c>nohup</c>, and <c>trap ''</c> ignore signals, and child processes inherit that: a program that a test interrupts would never notice.</summary>
    private static void RestoreSignals()
    {
        string ignored = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        ulong mask = ulong.Parse(ignored.AsSpan("SigIgn:".Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        foreach (PosixSignal signal in new[] { PosixSignal.SIGHUP, PosixSignal.SIGINT, PosixSignal.SIGQUIT })
        {
            // PosixSignal has different numbers: -1 to -3 for the system's 1 to 3.
            int number = -(int)signal;
            if ((mask & (1UL << (number - 1))) != 0)
            {
                _ = SetSignalHandler(number, 0);
            }
        }
    }

    [DllImport("libc", EntryPoint = "signal")]
    private static extern nint SetSignalHandler(int signal, nint handler);
}
