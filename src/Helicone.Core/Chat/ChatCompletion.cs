using System;
using System.Collections.Generic;
using System.Linq;
using Helicone.Conversations;
using Helicone.Errors;
using Helicone.Tools;

namespace Helicone.Chat;

/// <summary>A whole answer, with what it took to get it.</summary>
public sealed class ChatCompletion
{
    private readonly ChatAnswer? _answer;
    private IReadOnlyList<ChatChoice>? _choices;

    /// <summary>Creates an answer by hand, for tests of code that receives one.</summary>
    public ChatCompletion()
    {
    }

    internal ChatCompletion(ChatAnswer answer)
    {
        _answer = answer;
        Content = answer.Text;
        Role = answer.Role;
        FinishReason = answer.FinishReason;
        ToolCalls = answer.ToolCalls;
        Reasoning = answer.Reasoning;
        Refusal = answer.Refusal;
        Model = answer.Model;
        Usage = answer.Usage;
    }

    /// <summary>The text of the answer; empty when the model only wants tools called.</summary>
    public string Content { get; init; } = string.Empty;

    /// <summary>The author of the answer: <c>assistant</c>.</summary>
    public string Role { get; init; } = "assistant";

    /// <summary>The reason why the answer ended: <c>stop</c>, <c>length</c>, <c>tool_calls</c>, or <c>content_filter</c>.</summary>
    public string? FinishReason { get; init; }

    /// <summary>The tools that the model wants called.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init => field = TextList<ToolCall>.Of(value); } = TextList<ToolCall>.None;

    /// <summary>The model's reasoning where the provider shows it.</summary>
    public string? Reasoning { get; init; }

    /// <summary>The model's refusal, where it is reported in OpenAI's <c>refusal</c>.</summary>
    public string? Refusal { get; init; }

    /// <summary>The answers of the model: one, or several when the request sets <c>n</c>. The other properties describe the first.</summary>
    public IReadOnlyList<ChatChoice> Choices => _choices ??= TextList<ChatChoice>.Of(_answer?.ReadChoices() ?? [new ChatChoice(0, new ChatMessage("assistant", Content), FinishReason, [])]);

    /// <summary>The message of the model exactly as it came. Sent back with the next request, it continues the conversation.</summary>
    public ChatMessage Message => Choices[0].Message;

    /// <summary>The log probabilities of the tokens; empty unless the request set <c>logprobs</c>.</summary>
    public IReadOnlyList<TokenLogProbability> LogProbs => Choices[0].LogProbs;

    /// <summary>The model that served the answer, as the provider names it.</summary>
    public string? Model { get; init; }

    /// <summary>The route that was asked for.</summary>
    public string? RequestedModel { get; init; }

    /// <summary>The provider that served it, from <c>helicone-provider</c>; <see langword="null"/> when the gateway doesn't report it.</summary>
    public string? Provider { get; init; }

    /// <summary>The tokens; <see langword="null"/> where the provider did not count them.</summary>
    public ChatUsage? Usage { get; init; }

    /// <summary>US dollars by the registry's prices; 0 on a cache hit; <see langword="null"/> when unknown.</summary>
    /// <remarks>
    /// Prices load in the background of a client's first call. Until they have loaded, the cost is <see langword="null"/>; reading it
    /// never blocks. <see cref="Registry.ModelRegistryClient.WaitForPricesAsync"/> waits for them. A known cost doesn't change again.
    /// </remarks>
    public decimal? Cost
    {
        get
        {
            if (_cost is null && CostSource?.Invoke() is { } cost)
            {
                _cost = cost;
                CostSource = null;
            }

            return _cost;
        }

        internal set => _cost = value;
    }

    /// <summary>Indicates whether Helicone's cache answered.</summary>
    public CacheStatus CacheStatus { get; init; }

    /// <summary>The call's id in Helicone's log (<c>Helicone-Id</c>).</summary>
    public string? RequestId { get; init; }

    /// <summary>The session that it belongs to.</summary>
    public string? SessionId { get; init; }

    /// <summary>From sending to the last byte, retries included.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary><see cref="Latency"/> in milliseconds, for sums and averages.</summary>
    public double LatencyMs => Latency.TotalMilliseconds;

    /// <summary>From sending to the first token of a stream; <see langword="null"/> for a blocking call.</summary>
    public TimeSpan? TimeToFirstToken { get; init; }

    /// <summary>Every attempt, the last of which succeeded.</summary>
    public IReadOnlyList<CallAttempt> Attempts { get; init => field = TextList<CallAttempt>.Of(value); } = TextList<CallAttempt>.None;

    /// <summary>The state of the custom rate limit; <see langword="null"/> when none was applied.</summary>
    public RateLimitStatus? RateLimit { get; init; }

    /// <summary>Indicates whether it comes from the journal of an earlier run: nothing was sent for it, and nothing paid again.</summary>
    public bool FromJournal { get; init; }

    /// <summary>The input of the call, from <see cref="RequestOptions.Input"/>.</summary>
    public object? Input { get; init; }

    /// <summary>The conversation up to and including the answer. Pass it as <see cref="ChatRequest.Conversation"/> to go on from here.</summary>
    public Conversation Conversation => _conversation ??= Converse();

    /// <summary>The tools that ran for the answer, in order, and those that did not run, with the reason.</summary>
    public IReadOnlyList<ToolRun> ToolRuns { get; private set => field = TextList<ToolRun>.Of(value); } = TextList<ToolRun>.None;

    /// <summary>The number of calls that the answer took: 1, and one more for each round of tools.</summary>
    public int RoundCount => _before.Count + 1;

    /// <summary>The cost of all rounds in US dollars, this answer and what MCP servers asked models included; <see langword="null"/> when the cost of one is unknown.</summary>
    public decimal? TotalCost
    {
        get
        {
            decimal? sum = Cost;
            foreach (ChatCompletion answer in _before)
            {
                sum += answer.Cost;
            }

            foreach (ChatCompletion asked in ToolRuns.SelectMany(static run => run.Completions))
            {
                sum += asked.Cost;
            }

            return sum;
        }
    }

    /// <summary>The tokens of all rounds, prompts and answers, as far as they were counted.</summary>
    public long TotalTokens => (Usage?.TotalTokens ?? 0) + _before.Concat(ToolRuns.SelectMany(static run => run.Completions)).Sum(static answer => answer.Usage?.TotalTokens ?? 0);

    /// <summary>The answer as JSON, with every field that the gateway sent; for a stream, put together from its chunks.</summary>
    public string? Raw => _raw ??= _answer?.ReadRaw();

    internal Func<decimal?>? CostSource { get; set; }

    /// <summary>Makes the conversation that the answer belongs to. Only a conversation that is asked for is put together.</summary>
    internal Func<Conversation>? Asked { get; set; }

    private Conversation? _conversation;
    private IReadOnlyList<ChatCompletion> _before = [];
    private IReadOnlyList<ChatMessage> _results = [];
    private string? _raw;
    private decimal? _cost;

    /// <summary>The text of the answer.</summary>
    public override string ToString() => Content;

    /// <summary>Makes the answer one of a loop of tool calls.</summary>
    /// <param name="runs">The tools that have run.</param>
    /// <param name="before">The answers of the rounds before.</param>
    /// <param name="results">The results of this answer's own calls, where nothing else will follow it.</param>
    internal void SetToolLoop(IReadOnlyList<ToolRun> runs, IReadOnlyList<ChatCompletion> before, IReadOnlyList<ChatMessage>? results = null)
    {
        (ToolRuns, _before) = (runs, before);
        if (results is { Count: > 0 })
        {
            (_results, _conversation) = (results, null);
        }
    }

    private Conversation Converse()
    {
        Conversation conversation = (Asked?.Invoke() ?? new Conversation([])).Add(this);
        return _results.Count == 0 ? conversation : conversation.Add([.. _results]);
    }
}
