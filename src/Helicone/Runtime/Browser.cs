using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace Helicone.Runtime;

/// <summary>The browser of whoever sits at this machine.</summary>
internal static class Browser
{
    private static readonly string[] s_screens = ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"];

    /// <summary>Opens a page.</summary>
    /// <returns>Indicates whether there is something that opens pages.</returns>
    public static bool TryOpen(Uri page)
    {
        ProcessStartInfo start;
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            start = new ProcessStartInfo(page.AbsoluteUri) { UseShellExecute = true };
        }
        else
        {
            string? opener = RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? Find("open") : HasDesktop() ? Find("xdg-open") : null;
            if (opener is null)
            {
                return false;
            }

            // The output of an opener would appear in the middle of the script's output.
            start = new ProcessStartInfo(opener, "\"" + page.AbsoluteUri + "\"") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        }

        try
        {
            using Process? process = Process.Start(start);
            return true;
        }
        catch (Win32Exception)
        {
            // Windows without a browser, as its Server Core is; a file of that name that is no program.
            return false;
        }
    }

    // Without a screen, xdg-open would start a browser of text in this very terminal.
    private static bool HasDesktop() =>
        s_screens.Any(name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)));

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator)
        .Where(folder => folder.Length > 0)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);
}
