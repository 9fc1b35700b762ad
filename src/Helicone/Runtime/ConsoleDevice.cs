#pragma warning disable RS0030 // The console is read and written here, where a host has no way to: single keys, and whether Ctrl+C is one of them.
using System;
using System.IO;
using System.Linq;

namespace Helicone.Runtime;

/// <summary>The console of this process.</summary>
internal static class ConsoleDevice
{
    /// <summary>The name of PowerShell's own console.</summary>
    public const string HostName = "ConsoleHost";

    private static readonly string[] s_localeVariables = ["LC_ALL", "LC_CTYPE", "LANG"];

    public static bool IsInputRedirected => Console.IsInputRedirected;

    public static bool IsOutputRedirected => Console.IsOutputRedirected;

    public static bool IsKeyAvailable => Console.KeyAvailable;

    /// <summary>Indicates whether Ctrl+C is a key like any other. Otherwise, it stops the pipeline.</summary>
    public static bool IsControlCKey
    {
        get => Console.TreatControlCAsInput;
        set => Console.TreatControlCAsInput = value;
    }

    /// <summary>Indicates whether the terminal shows characters beyond ASCII, as far as its settings say so.</summary>
    public static bool IsUtf8
    {
        get
        {
            if (Path.DirectorySeparatorChar == '\\')
            {
                return Console.OutputEncoding.CodePage is 65001 or 1200;
            }

            // .NET writes UTF-8 whatever the locale is, and a terminal without it shows other characters.
            string? locale = s_localeVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(static value => !string.IsNullOrEmpty(value));
            return locale?.IndexOf("utf", StringComparison.OrdinalIgnoreCase) >= 0;
        }
    }

    public static int Width => Console.WindowWidth;

    public static int Height => Console.WindowHeight;

    public static ConsoleKeyInfo ReadKey() => Console.ReadKey(intercept: true);

    public static void Write(string text)
    {
        Console.Out.Write(text);
        Console.Out.Flush();
    }
}
