namespace Helicone.Schemas;

/// <summary>The form in which a request specifies a shape. Each form is for providers that don't accept the previous one.</summary>
internal enum ShapeForm
{
    /// <summary><c>response_format</c> contains the schema.</summary>
    JsonSchema,

    /// <summary>The same without <c>strict</c>, for providers that enforce schemas and don't support every keyword of this one.</summary>
    LooseJsonSchema,

    /// <summary><c>response_format</c> asks for a JSON object, and the prompt contains the schema.</summary>
    JsonObject,

    /// <summary>Only the prompt contains the schema.</summary>
    Prompt,
}
