using System.Collections.Generic;
using Helicone.Conversations;
using Helicone.Schemas;
using Helicone.Tools;

namespace Helicone.Chat;

/// <summary>A chat completion request in OpenAI's form. A value of <see langword="null"/> isn't sent.</summary>
public sealed record ChatRequest
{
    /// <summary>Creates a request.</summary>
    /// <exception cref="System.ArgumentNullException">There are no messages, not even an empty list of them.</exception>
    public ChatRequest(IReadOnlyList<ChatMessage> messages) => Messages = messages ?? throw new System.ArgumentNullException(nameof(messages));

    /// <summary>The messages to send, after those of <see cref="Conversation"/>.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>The conversation that the request continues. Its messages are sent before <see cref="Messages"/>; its model and session apply where the request has none.</summary>
    public Conversation? Conversation { get; init; }

    /// <summary>The models to route to; those of the conversation, then the client's default, when <see langword="null"/>.</summary>
    public ModelRoute? Model { get; init; }

    /// <summary>Randomness, 0 to 2.</summary>
    public double? Temperature { get; init; }

    /// <summary>Nucleus sampling, 0 to 1.</summary>
    public double? TopP { get; init; }

    /// <summary>The most tokens to answer with. Goes as <c>max_completion_tokens</c> to OpenAI's reasoning models, which refuse <c>max_tokens</c>.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Up to four texts at which to stop.</summary>
    public IReadOnlyList<string>? Stop { get; init; }

    /// <summary>For answers that are as alike as the provider can make them.</summary>
    public long? Seed { get; init; }

    /// <summary><c>minimal</c>, <c>low</c>, <c>medium</c> or <c>high</c>.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary><c>text</c>, <c>json_object</c>, or a dictionary such as <c>{ type: json_schema, json_schema: … }</c>.</summary>
    public object? ResponseFormat { get; init; }

    /// <summary>The shape of the answer, which sets the response format. <see cref="ShapedChat"/> sends the request and reads the answer.</summary>
    public AnswerShape? Shape { get; init; }

    /// <summary>The tools that the model may call.</summary>
    public IReadOnlyList<ToolDefinition>? Tools { get; init; }

    /// <summary><c>auto</c>, <c>required</c>, <c>none</c>, or the name of the tool that the model must call; the provider's default when <see langword="null"/>.</summary>
    public string? ToolChoice { get; init; }

    /// <summary>Any other field of the body by its wire name; it wins over the properties above. Plain values, lists and dictionaries.</summary>
    public IReadOnlyDictionary<string, object?>? Body { get; init; }

    internal ShapeForm ShapeForm { get; init; }

    internal bool HasMessages => Messages.Count > 0 || Conversation is { Messages.Count: > 0 };
}
