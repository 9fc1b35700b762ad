using System.Text.Json.Serialization;

namespace Helicone.LocalGateway.Registry;

/// <summary>Reads <c>models.json</c> without reflection: it is on the way of every start.</summary>
/// <remarks>What it generates sets every init property, null where the file is silent; so lists put their defaults back themselves.</remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(RegistryFile))]
internal sealed partial class RegistryJsonContext : JsonSerializerContext;
