using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using Json.Schema;

namespace Helicone.Schemas;

/// <summary>Checks values against a JSON Schema. The only type here that uses JsonSchema.Net, which its first use loads.</summary>
internal sealed class SchemaValidator
{
    private readonly JsonSchema _schema;
    private readonly EvaluationOptions _options = new() { RequireFormatValidation = true, OutputFormat = OutputFormat.List, Culture = CultureInfo.InvariantCulture };

    private SchemaValidator(JsonSchema schema) => _schema = schema;

    /// <exception cref="FormatException">The schema isn't valid.</exception>
    internal static SchemaValidator Create(JsonElement schema)
    {
        try
        {
            // A separate registry: schemas of other calls may have the same id.
            SchemaValidator validator = new(JsonSchema.FromText(schema.GetRawText(), new BuildOptions { SchemaRegistry = new SchemaRegistry() }));
            using JsonDocument sample = JsonDocument.Parse("{}");
            validator._schema.Evaluate(sample.RootElement, validator._options);
            return validator;
        }
        catch (Exception e) when (e is JsonException or JsonSchemaException or RefResolutionException or ArgumentException or InvalidOperationException or FormatException)
        {
            throw new FormatException($"The JSON Schema isn't valid: {e.Message}", e);
        }
    }

    internal void Check(JsonElement value, AnswerProblems problems)
    {
        EvaluationResults results = _schema.Evaluate(value, _options);
        if (results.IsValid)
        {
            return;
        }

        foreach (EvaluationResults detail in results.Details ?? [])
        {
            foreach (KeyValuePair<string, string> error in detail.IsValid ? [] : detail.Errors ?? [])
            {
                string place = detail.InstanceLocation.ToString();
                problems.Add($"{(place.Length == 0 ? "The answer" : $"'{AnswerProblems.Short(place)}'")}: {error.Value}");
            }
        }

        if (!problems.HasAny)
        {
            problems.Add("The answer doesn't fit the JSON Schema.");
        }
    }
}
