using System;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Helicone.LocalGateway.Configuration;

/// <summary>Reads <c>"gpt-4o"</c> as well as <c>{"id":"gpt-4o","providerModelId":"corp-gpt","pricing":{…}}</c>.</summary>
internal sealed class ServedModelConverter : JsonConverter<ServedModelConfiguration>
{
    public override ServedModelConfiguration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new ServedModelConfiguration { Id = reader.GetString() };
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A model is its id, or an object with an id.");
        }

        ServedModelConfiguration model = new();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            model = name switch
            {
                "id" => model with { Id = reader.GetString() },
                "providerModelId" => model with { ProviderModelId = reader.GetString() },
                "pricing" => model with { Pricing = JsonSerializer.Deserialize(ref reader, ConfigurationJsonContext.Default.RegistryPricing) },
                _ => throw new JsonException($"A model has no '{name}': its fields are id, providerModelId and pricing."),
            };
        }

        return model;
    }

    public override void Write(Utf8JsonWriter writer, ServedModelConfiguration value, JsonSerializerOptions options) => throw new NotSupportedException();
}
