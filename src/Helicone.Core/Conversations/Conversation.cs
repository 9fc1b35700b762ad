using System;
using System.Collections.Generic;
using System.Linq;
using Helicone.Attribution;
using Helicone.Chat;
using Helicone.Spending;

namespace Helicone.Conversations;

/// <summary>Messages that belong together, with what they have cost so far. Immutable: every addition makes a new conversation, so that a conversation can branch.</summary>
public sealed class Conversation
{
    private readonly Conversation? _before;
    private readonly ChatCompletion? _answer;
    private readonly long _tokens;
    private readonly decimal? _cost;

    /// <summary>Creates a conversation.</summary>
    /// <param name="messages">The messages so far, in order.</param>
    /// <exception cref="ArgumentNullException">The list, or a message in it, is <see langword="null"/>.</exception>
    public Conversation(IEnumerable<ChatMessage> messages)
        : this(messages, tokens: 0, cost: 0)
    {
    }

    internal Conversation(IEnumerable<ChatMessage> messages, long tokens, decimal? cost)
    {
        ChatMessage[] all = (messages ?? throw new ArgumentNullException(nameof(messages))).ToArray();
        if (Array.IndexOf(all, null) >= 0)
        {
            throw new ArgumentNullException(nameof(messages), "A message is null.");
        }

        Messages = all;
        (_tokens, _cost) = (tokens, cost);
    }

    internal Conversation(Conversation before, IEnumerable<ChatMessage> messages, ChatCompletion? answer = null)
        : this(before.Messages.Concat(messages))
    {
        Model = before.Model;
        Session = before.Session;
        _before = before;
        _answer = answer;
    }

    /// <summary>The messages, oldest first.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; }

    /// <summary>The models to route to when a request does not name any.</summary>
    public ModelRoute? Model { get; init; }

    /// <summary>The session that the calls belong to when a request does not name one. Each turn has its own path in it.</summary>
    public HeliconeSession? Session { get; init; }

    /// <summary>The number of turns: user messages, each with what follows it.</summary>
    public int TurnCount => Messages.Count(static message => message.IsTurn);

    /// <summary>The tokens of all calls of the conversation, prompts and answers, as far as they were counted.</summary>
    public long TotalTokens => Steps().Sum(static step => step._tokens + (step._answer?.Usage?.TotalTokens ?? 0));

    /// <summary>The cost of all calls of the conversation in US dollars; <see langword="null"/> when the cost of one of them is unknown.</summary>
    public decimal? Cost
    {
        get
        {
            decimal sum = 0;
            foreach (Conversation step in Steps())
            {
                decimal? cost = step._answer is null ? step._before is null ? step._cost : 0 : step._answer.Cost;
                if (cost is null)
                {
                    return null;
                }

                sum += cost.Value;
            }

            return sum;
        }
    }

    /// <summary>An estimate of the tokens that sending the messages takes.</summary>
    public long EstimatedTokens => Messages.Sum(TokenEstimate.Of);

    /// <summary>The conversation with more messages.</summary>
    public Conversation Add(params ChatMessage[] messages) => new(this, messages ?? throw new ArgumentNullException(nameof(messages)));

    /// <summary>The conversation with the message of an answer, and with what the answer cost.</summary>
    public Conversation Add(ChatCompletion answer) => new(this, [(answer ?? throw new ArgumentNullException(nameof(answer))).Message], answer);

    /// <summary>The conversation with a different system prompt.</summary>
    /// <param name="system">The system prompt; <see langword="null"/> for none.</param>
    public Conversation WithSystem(string? system)
    {
        IEnumerable<ChatMessage> others = Messages.Where(static message => message.Role != "system");
        return With(system is null ? others : [new ChatMessage("system", system), .. others], Session);
    }

    /// <summary>The conversation in a different session.</summary>
    /// <param name="session">The session; <see langword="null"/> for none.</param>
    public Conversation WithSession(HeliconeSession? session) => With(Messages, session);

    /// <summary>The conversation without its last turn: the last user message, and what follows it. The cost of the turn stays in <see cref="Cost"/>.</summary>
    /// <returns>The same conversation when it has no turn.</returns>
    public Conversation WithoutLastTurn()
    {
        int last = Messages.Count - 1;
        while (last >= 0 && !Messages[last].IsTurn)
        {
            last--;
        }

        return last < 0 ? this : With(Messages.Take(last), Session);
    }

    /// <summary>Finds the message that begins the last turn; <see langword="null"/> when there is none.</summary>
    public ChatMessage? FindLastTurn() => Messages.LastOrDefault(static message => message.IsTurn);

    /// <summary>Indicates whether the last messages are results of tools, which the model has yet to answer.</summary>
    public bool EndsWithToolResults() => Messages.Count > 0 && Messages[Messages.Count - 1] is { IsTurn: false, Role: "tool" or "user" };

    /// <summary>The conversation without its oldest turns, so that sending it takes at most so many tokens.</summary>
    /// <remarks>
    /// Turns are dropped whole, so that no tool call loses its result. Messages of the system and of the developer stay, and so does the last turn,
    /// even when it alone takes more.
    /// </remarks>
    /// <param name="maxTokens">The most tokens, by estimate.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public Conversation Trim(long maxTokens)
    {
        if (maxTokens < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(maxTokens), maxTokens, "The number of tokens must be at least 1.");
        }

        long tokens = EstimatedTokens;
        if (tokens <= maxTokens)
        {
            return this;
        }

        List<ChatMessage> kept = [.. Messages];
        while (tokens > maxTokens && OldestTurn(kept) is { } turn)
        {
            for (int i = turn.End - 1; i >= turn.Start; i--)
            {
                if (IsInstruction(kept[i]))
                {
                    continue;
                }

                tokens -= TokenEstimate.Of(kept[i]);
                kept.RemoveAt(i);
            }
        }

        return With(kept, Session);
    }

    /// <summary>The session at the turn that a request with these messages belongs to: a new one when it asks something, the last one when it returns results of tools.</summary>
    internal HeliconeSession? SessionOfTurn(IReadOnlyList<ChatMessage> messages)
    {
        bool isResult = new Conversation(Messages.Concat(messages)).EndsWithToolResults() && !messages.Any(static message => message.IsTurn);
        return Session?.At(FormattableString.Invariant($"/turn-{(isResult ? TurnCount : TurnCount + 1)}"));
    }

    /// <summary>The number of messages, turns, and tokens.</summary>
    public override string ToString() => FormattableString.Invariant($"{Counted(Messages.Count, "message")}, {Counted(TurnCount, "turn")}, {Counted(TotalTokens, "token")}");

    private static string Counted(long count, string noun) => FormattableString.Invariant($"{count} {noun}{(count == 1 ? string.Empty : "s")}");

    private Conversation With(IEnumerable<ChatMessage> messages, HeliconeSession? session) => new(messages, TotalTokens, Cost) { Model = Model, Session = session };

    private static bool IsInstruction(ChatMessage message) => message.Role is "system" or "developer";

    // From the first message that isn't an instruction to the second user message; nothing when that would be the last turn.
    private static (int Start, int End)? OldestTurn(List<ChatMessage> messages)
    {
        int start = messages.FindIndex(static message => !IsInstruction(message));
        int end = start < 0 ? -1 : messages.FindIndex(start + 1, static message => message.IsTurn);
        return end < 0 ? null : (start, end);
    }

    private IEnumerable<Conversation> Steps()
    {
        for (Conversation? step = this; step is not null; step = step._before)
        {
            yield return step;
        }
    }
}
