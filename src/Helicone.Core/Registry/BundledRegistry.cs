using System;
using System.IO;
using System.Threading;

namespace Helicone.Registry;

/// <summary>The registry that ships with the client, so that models complete before the first call. It is as old as the release, so it prices nothing.</summary>
internal static class BundledRegistry
{
    private static readonly Lazy<ModelRegistry> s_registry = new(Read, LazyThreadSafetyMode.PublicationOnly);

    internal static ModelRegistry Value => s_registry.Value;

    /// <summary>The registry as a gateway answers with it.</summary>
    internal static byte[] Json()
    {
        using Stream stream = typeof(BundledRegistry).Assembly.GetManifestResourceStream("models.json")!;
        using MemoryStream json = new();
        stream.CopyTo(json);
        return json.ToArray();
    }

    private static ModelRegistry Read() => ModelRegistryJson.Read(Json(), DateTimeOffset.MinValue, HeliconeOptions.CloudApiUri);
}
