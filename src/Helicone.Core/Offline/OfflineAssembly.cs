using System;
using System.IO;
using System.Net.Http;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Helicone.Offline;

/// <summary>Loads Helicone.Offline when the first connection answers offline, records, or replays.</summary>
internal static class OfflineAssembly
{
    private const string Name = "Helicone.Offline";
    private const string Factory = "Helicone.Offline.OfflineFactory";

    private static readonly object s_lock = new();
    private static IOfflineFactory? s_factory;

    /// <summary>The handler that answers instead of the network; <see langword="null"/> when the options ask for the network.</summary>
    /// <exception cref="ScenarioException">A scenario is wrong.</exception>
    /// <exception cref="RecordingException">The recording can't be read.</exception>
    internal static HttpMessageHandler? CreateHandler(HeliconeOptions options) =>
        options.ReplayPath is { } path ? Get().CreateReplay(path)
            : options.Offline is { } offline ? Get().CreateModel(offline, options.TimeProvider)
            : null;

    /// <summary>The recorder of a connection; <see langword="null"/> when it records nothing.</summary>
    /// <exception cref="RecordingException">The recording can't be written.</exception>
    internal static ICallRecorder? CreateRecorder(HeliconeOptions options) =>
        options.RecordPath is { } path ? Get().CreateRecorder(path, options.ApiKey) : null;

    private static IOfflineFactory Get()
    {
        lock (s_lock)
        {
            return s_factory ??= Create();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IOfflineFactory Create()
    {
        try
        {
            OptionalAssemblies.Load(OptionalAssemblies.Offline);
            Type type = Assembly.Load(new AssemblyName(Name)).GetType(Factory, throwOnError: true)!;
            return (IOfflineFactory)Activator.CreateInstance(type, nonPublic: true)!;
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or TypeLoadException or TargetInvocationException)
        {
            throw new ScenarioException($"The offline model can't be loaded: {e.Message}", e);
        }
    }
}
