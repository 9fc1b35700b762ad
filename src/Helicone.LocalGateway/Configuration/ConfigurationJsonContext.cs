using System.Text.Json;
using System.Text.Json.Serialization;
using Helicone.LocalGateway.Registry;

namespace Helicone.LocalGateway.Configuration;

/// <summary>How gateway.json is read: comments and trailing commas are welcome, a misspelt field is an error.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    Converters = [typeof(ServedModelConverter)])]
[JsonSerializable(typeof(GatewayConfiguration))]
[JsonSerializable(typeof(RegistryPricing))]
internal sealed partial class ConfigurationJsonContext : JsonSerializerContext;
