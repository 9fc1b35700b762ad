using System.Collections.Frozen;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;

namespace Helicone.LocalGateway.Registry;

/// <summary>The models of this gateway at one moment.</summary>
internal sealed class ModelRegistry
{
    private readonly FrozenDictionary<string, RegistryModel> _byId;
    private byte[]? _registryJson;
    private byte[]? _modelsJson;

    public ModelRegistry(IEnumerable<RegistryModel> models)
    {
        Models = models.ToArray();
        _byId = Models.ToFrozenDictionary(m => m.Id);
    }

    public IReadOnlyList<RegistryModel> Models { get; }

    /// <summary>Everyone who serves one of them.</summary>
    public IEnumerable<string> ProviderNames => Models.SelectMany(m => m.Endpoints).Select(e => e.ProviderSlug).Distinct();

    /// <summary>The answer of <c>GET /v1/public/model-registry/models</c>.</summary>
    public byte[] RegistryJson => LazyInitializer.EnsureInitialized(ref _registryJson, () => RegistryAnswers.Registry(this));

    /// <summary>The answer of <c>GET /v1/models</c>.</summary>
    public byte[] ModelsJson => LazyInitializer.EnsureInitialized(ref _modelsJson, () => RegistryAnswers.Models(this));

    /// <summary>The models of <c>models.json</c>.</summary>
    public static ModelRegistry BuiltIn()
    {
        using Stream stream = typeof(ModelRegistry).Assembly.GetManifestResourceStream("models.json")!;
        return new ModelRegistry(JsonSerializer.Deserialize(stream, RegistryJsonContext.Default.RegistryFile)!.Models);
    }

    public RegistryModel? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>These models and others. Of a model in both, the endpoints come together; a provider's newer word wins.</summary>
    public ModelRegistry With(IReadOnlyCollection<RegistryModel> others)
    {
        if (others.Count == 0)
        {
            return this;
        }

        Dictionary<string, RegistryModel> merged = Models.ToDictionary(m => m.Id);
        foreach (RegistryModel other in others)
        {
            merged[other.Id] = merged.TryGetValue(other.Id, out RegistryModel? known) ? Merge(known, other) : other;
        }

        return new ModelRegistry(merged.Values);
    }

    private static RegistryModel Merge(RegistryModel known, RegistryModel other) => known with
    {
        ContextLength = other.ContextLength ?? known.ContextLength,
        MaxOutput = other.MaxOutput ?? known.MaxOutput,
        Description = other.Description ?? known.Description,
        Endpoints = [.. known.Endpoints.Where(e => other.Endpoints.All(o => o.ProviderSlug != e.ProviderSlug)), .. other.Endpoints],
    };
}
