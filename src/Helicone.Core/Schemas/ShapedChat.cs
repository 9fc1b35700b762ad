using System;
using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Errors;

namespace Helicone.Schemas;

/// <summary>Chat completions whose answer has a shape (<see cref="ChatRequest.Shape"/>).</summary>
public static class ShapedChat
{
    // How each route of a client wants to be asked for a schema, so that only the first calls of a run find it out. By schema, since a provider
    // that refuses a keyword of one schema may enforce another.
    private static readonly ConditionalWeakTable<ChatClient, ConcurrentDictionary<(string Route, string Schema), ShapeForm>> s_forms = new();

    private static readonly string[] s_formatWords = ["response_format", "response format", "json_schema", "json schema", "structured output", "json_object", "json mode"];

    /// <summary>Asks, and asks once more when the answer doesn't fit.</summary>
    /// <param name="chat">The client.</param>
    /// <param name="request">The request, with a shape.</param>
    /// <param name="options">The options of the call.</param>
    /// <param name="stream">Indicates whether the answer is streamed, so that the time limits of streams apply.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="FormatException">The request cannot go on the wire; nothing was sent.</exception>
    /// <exception cref="HeliconeException">The call failed, or the second answer doesn't fit either (<see cref="HeliconeErrorKind.SchemaMismatch"/>).</exception>
    public static async Task<ShapedAnswer> CompleteAsync(ChatClient chat, ChatRequest request, RequestOptions options, bool stream, CancellationToken cancellationToken)
    {
        AnswerShape shape = request?.Shape ?? throw new ArgumentException("The request has no shape.", nameof(request));
        ChatCompletion first = await SendAsync(chat, request, options, stream, cancellationToken).ConfigureAwait(false);
        if (TryRead(shape, [first], out ShapedAnswer? answer, out HeliconeException? mismatch))
        {
            return answer!;
        }

        if (FollowUp(request, first, mismatch!) is not { } again)
        {
            throw mismatch!;
        }

        ChatCompletion second;
        try
        {
            second = await SendAsync(chat, again, FollowUpOptions(options), stream, cancellationToken).ConfigureAwait(false);
        }
        catch (HeliconeException e)
        {
            throw e.With([first]);
        }

        return TryRead(shape, [first, second], out answer, out mismatch) ? answer! : throw mismatch!;
    }

    /// <summary>Sends a request in the form that its provider accepts. A request without a shape is sent as it is.</summary>
    /// <remarks>
    /// The registry doesn't list reliably which providers accept schemas, so the provider decides: a 400 that names <c>response_format</c> costs
    /// nothing, and the next form is tried.
    /// </remarks>
    internal static async Task<ChatCompletion> SendAsync(ChatClient chat, ChatRequest request, RequestOptions? options, bool stream, CancellationToken cancellationToken)
    {
        if (request.Shape is null)
        {
            return await SendOnceAsync(chat, request, options, stream, cancellationToken).ConfigureAwait(false);
        }

        ConcurrentDictionary<(string Route, string Schema), ShapeForm> forms = s_forms.GetOrCreateValue(chat);
        string route = request.Body is { } body && body.TryGetValue("model", out object? model) && model is string name
            ? name
            : (request.Model ?? request.Conversation?.Model)?.ToString() ?? string.Empty;
        (string Route, string Schema) key = (route, request.Shape.Schema);
        ShapeForm form = forms.TryGetValue(key, out ShapeForm known) ? known : ShapeForm.JsonSchema;
        for (; ; form++)
        {
            if (form == ShapeForm.LooseJsonSchema && !request.Shape.IsStrict)
            {
                form++;
            }

            try
            {
                ChatCompletion completion = await SendOnceAsync(chat, In(form, request), options, stream, cancellationToken).ConfigureAwait(false);
                if (form != ShapeForm.JsonSchema)
                {
                    forms[key] = form;
                }

                return completion;
            }
            catch (HeliconeException e) when (form < ShapeForm.Prompt && IsAboutFormat(e))
            {
                options = FollowUpOptions(options);
                if (options?.Gate is { } gate)
                {
                    // Another request of the run, so it keeps to the run's pace.
                    await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Reads the last of some answers.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="completions">The answers so far.</param>
    /// <param name="answer">The answer, when it fits.</param>
    /// <param name="mismatch">The reason, when it doesn't.</param>
    internal static bool TryRead(AnswerShape shape, IReadOnlyList<ChatCompletion> completions, out ShapedAnswer? answer, out HeliconeException? mismatch)
    {
        ChatCompletion completion = completions[completions.Count - 1];
        bool isComplete = completion.FinishReason is not ("length" or "content_filter");
        (answer, mismatch) = (null, null);
        string? instead = completion.Content.Trim().Length > 0 ? null
            : !string.IsNullOrEmpty(completion.Refusal) ? $"The model refused to answer: '{AnswerProblems.Short(completion.Refusal!)}'."
            : completion.ToolCalls.Count > 0 ? "The model called a tool instead of answering."
            : null;
        IReadOnlyList<string> problems = [];
        if (instead is null)
        {
            problems = shape.Read(completion.Content, isComplete, out object? value);
            if (problems.Count == 0)
            {
                answer = new ShapedAnswer(shape, value, completions);
                return true;
            }

            instead = completion.FinishReason switch
            {
                "length" => "The answer was cut off at the token limit (finish_reason is 'length').",
                "content_filter" => "The provider's content filter stopped the answer (finish_reason is 'content_filter').",
                _ => null,
            };
        }

        string calls = completions.Count > 1 ? string.Format(CultureInfo.InvariantCulture, " after {0} calls", completions.Count) : string.Empty;
        mismatch = new HeliconeException(HeliconeErrorKind.SchemaMismatch, $"The answer doesn't fit the shape{calls}. {instead ?? string.Join(" ", problems)}")
        {
            Completions = completions,
            RequestId = completion.RequestId,
            SchemaProblems = instead is null ? problems : [instead],
            Code = instead is null ? null : completion.FinishReason,
            CanAskAgain = instead is null,
        };
        return false;
    }

    /// <summary>The request that asks once more; <see langword="null"/> where the same would come back.</summary>
    internal static ChatRequest? FollowUp(ChatRequest request, ChatCompletion first, HeliconeException mismatch)
    {
        if (!mismatch.CanAskAgain)
        {
            return null;
        }

        ChatMessage correction = new(
            "user",
            "Your answer doesn't fit the JSON Schema that was asked for:\n"
            + string.Concat(mismatch.SchemaProblems.Select(static problem => "- " + problem + "\n"))
            + "\n" + Instructions(request.Shape!));
        ChatMessage[] answered = first.Content.Length > 0 ? [first.Message, correction] : [correction];
        if (request.Body is null || !request.Body.TryGetValue("messages", out object? own) || own is not IEnumerable)
        {
            return request with { Messages = [.. request.Messages, .. answered] };
        }

        // The messages of the body are what was asked, and they would be sent in place of these.
        Dictionary<string, object?> body = new(request.Body.Count);
        foreach (KeyValuePair<string, object?> field in request.Body)
        {
            if (field.Key != "messages")
            {
                body.Add(field.Key, field.Value);
            }
        }

        IReadOnlyList<ChatMessage> asked = first.Conversation.Messages;
        return request with { Body = body, Conversation = null, Messages = [.. asked.Take(asked.Count - 1), .. answered] };
    }

    /// <summary>The options of a call after the first: an id is for one call.</summary>
    internal static RequestOptions FollowUpOptions(RequestOptions? options)
    {
        options ??= new RequestOptions();
        return options.Tags is { RequestId: not null } tags ? options with { Tags = tags with { RequestId = null } } : options;
    }

    private static async Task<ChatCompletion> SendOnceAsync(ChatClient chat, ChatRequest request, RequestOptions? options, bool stream, CancellationToken cancellationToken)
    {
        if (!stream)
        {
            return await chat.CompleteAsync(request, options, cancellationToken).ConfigureAwait(false);
        }

        ChatCompletion? completion = null;
        await foreach (ChatChunk chunk in chat.Stream(request, options).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            completion = chunk.Completion ?? completion;
        }

        return completion ?? throw new HeliconeException(HeliconeErrorKind.StreamInterrupted, "The stream ended without an answer.");
    }

    private static bool IsAboutFormat(HeliconeException e) => e is { Kind: HeliconeErrorKind.InvalidRequest, StatusCode: 400 or 404 or 415 or 422 or 501 }
        && new[] { e.Message }.Concat(e.Upstream.Select(static attempt => attempt.Message)).Any(static text => text is not null && s_formatWords.Any(word => text.IndexOf(word, StringComparison.OrdinalIgnoreCase) >= 0));

    private static string Instructions(AnswerShape shape) =>
        "Answer with one JSON object that fits this JSON Schema, and with nothing else:\n" + shape.Schema;

    // The schema goes into the last user message. A separate message would be the second user message in a row, which some models reject.
    private static ChatRequest In(ShapeForm form, ChatRequest request)
    {
        if (form <= ShapeForm.LooseJsonSchema)
        {
            return request with { ShapeForm = form };
        }

        List<ChatMessage> messages = [.. request.Messages];
        int last = messages.FindLastIndex(static message => message.Role == "user");
        string instructions = Instructions(request.Shape!);
        if (last < 0)
        {
            messages.Add(new ChatMessage("user", instructions));
        }
        else if (messages[last].Content?.Contains(request.Shape!.Schema) != true)
        {
            ChatMessage message = messages[last];
            messages[last] = message.Parts.All(static part => part.Kind == ContentPartKind.Text)
                ? new ChatMessage("user", message.Content + "\n\n" + instructions)
                : new ChatMessage("user", [.. message.Parts, ContentPart.FromText(instructions)]);
        }

        return request with { Messages = messages, ShapeForm = form };
    }
}
