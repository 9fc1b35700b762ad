namespace Helicone.LocalGateway.Requests;

/// <summary>The fields of a request's body that mean something to the gateway itself.</summary>
internal enum BodyField
{
    /// <summary>Any other: it is the provider's business.</summary>
    Other,
    Model,
    Stream,
    StreamOptions,
    Plugins,
    ReasoningOptions,
    ContextEditing,
    PromptId,
    VersionId,
    Environment,
    Inputs,
    Messages,

    /// <summary>A field of Anthropic's Messages API that OpenAI's chat doesn't have.</summary>
    AnthropicOnly,
}
