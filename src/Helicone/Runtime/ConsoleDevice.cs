#pragma warning disable RS0030 // The console is read and written here, where a host has no way to: single keys, and whether Ctrl+C is one of them.
using System;

namespace Helicone.Runtime;

/// <summary>The console of this process.</summary>
internal static class ConsoleDevice
{
    /// <summary>The name of PowerShell's own console.</summary>
    public const string HostName = "ConsoleHost";

    public static bool IsInputRedirected => Console.IsInputRedirected;

    public static bool IsOutputRedirected => Console.IsOutputRedirected;

    public static bool IsKeyAvailable => Console.KeyAvailable;

    /// <summary>Indicates whether Ctrl+C is a key like any other. Otherwise, it stops the pipeline.</summary>
    public static bool IsControlCKey
    {
        get => Console.TreatControlCAsInput;
        set => Console.TreatControlCAsInput = value;
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
