using System;
using System.Text.Json;
using Helicone.LocalGateway.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Helicone.LocalGateway.Requests;

/// <summary>One call, as far as the gateway has to understand it.</summary>
internal sealed class InferenceRequest : IDisposable
{
    private const string SeeModels = "See supported models at https://helicone.ai/models";

    private InferenceRequest(HttpRequest request, string id, BodyMapping mapping, RequestBody body, string model)
    {
        Id = id;
        Headers = request.Headers;
        Mapping = mapping;
        Body = body;
        Model = model;
        IsAnthropic = ServedPaths.IsAnthropic(request) || body.Find(BodyField.AnthropicOnly) is not null;
        IsStreaming = body.Find(BodyField.Stream)?.ValueType == JsonTokenType.True;
    }

    /// <summary>The value of a header; <see langword="null"/> for one that the call doesn't have.</summary>
    public string? Header(string name) => Headers.TryGetValue(name, out StringValues value) ? value.ToString() : null;

    /// <summary>The id of the call in headers and log.</summary>
    public string Id { get; }

    public IHeaderDictionary Headers { get; }

    public BodyMapping Mapping { get; }

    public RequestBody Body { get; }

    /// <summary>The model list as the client wrote it.</summary>
    public string Model { get; }

    /// <summary>Indicates whether path or body are those of Anthropic's Messages API.</summary>
    public bool IsAnthropic { get; }

    /// <summary>Indicates whether the client asked for a stream.</summary>
    public bool IsStreaming { get; }

    /// <summary>Takes the buffer over.</summary>
    /// <exception cref="RequestRefusedException">400: not a JSON object, no model, prompt templates where they aren't supported, or an Anthropic body. 404: the path isn't a chat.</exception>
    public static InferenceRequest Parse(HttpRequest request, string id, PooledBuffer buffer)
    {
        RequestBody? body = RequestBody.TryParse(buffer);
        if (body?.Find(BodyField.Messages) is null && !ServedPaths.IsChat(request) && !ServedPaths.IsAnthropic(request))
        {
            throw ServedPaths.NotFound(request);
        }

        if (body?.Find(BodyField.Model) is not { } member || !member.IsTruthy(body.Json.Span))
        {
            throw new RequestRefusedException(400, "Invalid body or missing model. " + SeeModels);
        }

        if (member.ValueType != JsonTokenType.String)
        {
            throw new RequestRefusedException(400, "Invalid model type. Model must be a string. " + SeeModels);
        }

        BodyMapping mapping = BodyMappings.Of(request);
        RefusePrompts(body, mapping);
        InferenceRequest call = new(request, id, mapping, body, ReadString(member.Value(body.Json.Span)));
        return call.IsAnthropic && mapping == BodyMapping.OpenAI
            ? throw RequestErrors.Refused(
                "This is a request of Anthropic's Messages API, and the local gateway would answer it in OpenAI's form. Send a chat completion, " +
                "or set the header 'Helicone-Gateway-Body-Mapping: NO_MAPPING' and a model of the provider anthropic, such as 'claude-4.5-sonnet/anthropic'.")
            : call;
    }

    public void Dispose() => Body.Dispose();

    private static void RefusePrompts(RequestBody body, BodyMapping mapping)
    {
        bool hasPrompt = body.IsTruthy(BodyField.PromptId) || body.IsTruthy(BodyField.VersionId) ||
            body.IsTruthy(BodyField.Environment) || body.IsTruthy(BodyField.Inputs);
        if (!hasPrompt || mapping == BodyMapping.None)
        {
            return;
        }

        if (mapping == BodyMapping.Responses)
        {
            throw new RequestRefusedException(400, "Helicone Prompts is not supported for Responses API format on the AI Gateway");
        }

        // Prompts live in Helicone's account. Sent on unexpanded, the model would answer a question nobody asked.
        throw new RequestRefusedException(
            400,
            """{"error":"The local gateway has no prompts: prompt_id, version_id, environment and inputs work on Helicone's own gateway."}""",
            RequestRefusedException.Json);
    }

    private static string ReadString(ReadOnlySpan<byte> value)
    {
        Utf8JsonReader reader = new(value);
        reader.Read();
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair or broken UTF-8: no model is called that.
            throw new RequestRefusedException(400, "Invalid body or missing model. " + SeeModels);
        }
    }
}
