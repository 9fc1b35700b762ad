using System;
using System.Globalization;
using System.Management.Automation;
using Helicone.Chat;

namespace Helicone.Transformation;

/// <summary>What an assertion or a summary reads of an answer: one of this process, its deserialized copy, text, or objects of -As.</summary>
/// <param name="Text">The text. Objects are JSON.</param>
/// <param name="Question">What was asked; <see langword="null"/> when it isn't known.</param>
/// <param name="Cost">The cost in US dollars; <see langword="null"/> when it isn't known.</param>
/// <param name="Tokens">The tokens.</param>
/// <param name="IsCacheHit">Indicates whether the cache answered.</param>
internal sealed record AnswerFacts(string Text, string? Question, decimal? Cost, long Tokens, bool IsCacheHit)
{
    private const string TypeName = "Helicone.Chat.ChatCompletion";

    /// <summary>Reads an object.</summary>
    public static AnswerFacts From(object? value)
    {
        switch (PlainValue.Unwrap(value))
        {
            case ChatCompletion answer:
                return Of(answer);
            case ChatChunk { Completion: { } answer }:
                return Of(answer);
            case null:
                return new AnswerFacts(string.Empty, null, null, 0, false);
            case string text:
                return new AnswerFacts(text, null, null, 0, false);
        }

        PSObject copy = PSObject.AsPSObject(value!);
        if (copy.TypeNames.Contains("Deserialized." + TypeName))
        {
            object? usage = Read(copy, "Usage");
            return new AnswerFacts(
                Read(copy, "Content")?.ToString() ?? string.Empty,
                null,
                Read(copy, "Cost") is { } cost ? Convert.ToDecimal(cost, CultureInfo.InvariantCulture) : null,
                usage is not null && Read(PSObject.AsPSObject(usage), "TotalTokens") is { } tokens ? Convert.ToInt64(tokens, CultureInfo.InvariantCulture) : 0,
                Read(copy, "CacheStatus")?.ToString() == nameof(CacheStatus.Hit));
        }

        return new AnswerFacts(ContentJson.Write(PlainValue.From(value, "InputObject")), null, null, 0, false);
    }

    private static AnswerFacts Of(ChatCompletion answer) => new(
        answer.Content,
        answer.Conversation.FindLastTurn()?.Content,
        answer.Cost,
        answer.Usage?.TotalTokens ?? 0,
        answer.CacheStatus == CacheStatus.Hit);

    private static object? Read(PSObject answer, string property) => PlainValue.Unwrap(answer.Properties[property]?.Value);
}
