using System;
using System.Collections.Generic;
using System.Linq;
using Helicone.Attribution;
using Helicone.Chat;
using Helicone.Errors;

namespace Helicone.Tools;

/// <summary>The requests that one question takes when a model calls tools. It sends and runs nothing: its owner does, and reports here.</summary>
/// <remarks>
/// The owner sends <see cref="Request"/>, passes the answer to <see cref="Take"/>, reports a run for each call with <see cref="Add"/>, and goes on
/// with <see cref="Continue"/>, or ends with <see cref="End"/>.
/// </remarks>
public sealed class ToolLoop
{
    private static readonly string[] s_finalReasons = ["length", "content_filter"];

    private readonly List<ToolRun> _runs = [];
    private readonly List<ChatCompletion> _answers = [];
    private readonly List<ChatMessage> _results = [];
    private readonly List<ContentPart> _attachments = [];

    /// <summary>Begins with a request.</summary>
    public ToolLoop(ChatRequest request) => Request = request ?? throw new ArgumentNullException(nameof(request));

    /// <summary>The request to send next.</summary>
    public ChatRequest Request { get; private set; }

    /// <summary>The number of rounds so far: answers that called tools.</summary>
    public int Round { get; private set; }

    /// <summary>All runs so far.</summary>
    public IReadOnlyList<ToolRun> Runs => _runs;

    /// <summary>Takes the answer to <see cref="Request"/>.</summary>
    /// <returns>The calls to run; none when the answer is final. Calls of an answer that was cut off aren't complete, so it is final as well.</returns>
    public IReadOnlyList<ToolCall> Take(ChatCompletion answer)
    {
        if (answer is null)
        {
            throw new ArgumentNullException(nameof(answer));
        }

        answer.SetToolLoop(_runs.ToArray(), _answers.ToArray());
        _answers.Add(answer);
        _results.Clear();
        _attachments.Clear();
        if (answer.ToolCalls.Count == 0 || Array.IndexOf(s_finalReasons, answer.FinishReason) >= 0)
        {
            return [];
        }

        Round++;
        return answer.ToolCalls;
    }

    /// <summary>Adds the run of a call of the last answer.</summary>
    public void Add(ToolRun run)
    {
        _runs.Add(run ?? throw new ArgumentNullException(nameof(run)));
        _results.Add(run.ToMessage());
        if (run.Attachments.Count > 0)
        {
            _attachments.Add(ContentPart.FromText($"Content that {run.Name} returned:"));
            _attachments.AddRange(run.Attachments);
        }
    }

    /// <summary>Makes the next request: the conversation so far with the results.</summary>
    public void Continue()
    {
        ChatCompletion answer = _answers[_answers.Count - 1];
        IReadOnlyDictionary<string, object?>? body = Request.Body;
        if (body?.ContainsKey("messages") == true)
        {
            // They are a part of the conversation now.
            body = body.Where(static field => field.Key != "messages").ToDictionary(static field => field.Key, static field => field.Value);
        }

        Request = Request with
        {
            Conversation = answer.Conversation.Add([.. Results()]),
            Messages = [],
            Body = body,

            // A tool that must be called would be called in every round.
            ToolChoice = Request.ToolChoice is "auto" or "none" ? Request.ToolChoice : null,
        };

        // Should the next call fail, this answer is the last one, and has to have everything that ran.
        End();
    }

    /// <summary>Ends with the last answer, although its calls weren't all answered by a further request. Its conversation contains their results.</summary>
    public ChatCompletion End()
    {
        ChatCompletion answer = _answers[_answers.Count - 1];
        answer.SetToolLoop(_runs.ToArray(), _answers.Take(_answers.Count - 1).ToArray(), Results());
        return answer;
    }

    /// <summary>Adds the last answer, with every run, to the failure of a call that followed it.</summary>
    /// <returns>The same failure when no answer came before it.</returns>
    public HeliconeException Explain(HeliconeException error)
    {
        if (error is null)
        {
            throw new ArgumentNullException(nameof(error));
        }

        return _answers.Count == 0 || error.Completions.Count > 0 ? error : error.With([End()]);
    }

    // Providers accept images in user messages only.
    private ChatMessage[] Results() => _attachments.Count == 0 ? [.. _results] : [.. _results, ChatMessage.ToolAttachments(_attachments)];

    /// <summary>The session in which the runs are logged, one step below the calls; <see langword="null"/> without a session.</summary>
    /// <param name="request">The request of the call.</param>
    /// <param name="options">The options of the call.</param>
    /// <param name="tool">The name of the tool.</param>
    public static HeliconeSession? SessionOf(ChatRequest request, RequestOptions options, string tool)
    {
        HeliconeSession? session = options?.Session ?? request?.Conversation?.SessionOfTurn(request.Messages);
        return session?.At(ToolDefinition.ToName(tool));
    }
}
