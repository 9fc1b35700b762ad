using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Helicone.Chat;
using Helicone.Commands;
using Helicone.Errors;
using Helicone.Schemas;
using Helicone.Transformation;

namespace Helicone.Runtime;

/// <summary>Writes answers that have a shape as objects of the pipeline.</summary>
internal sealed class AnswerWriter(EngineCommand cmdlet, bool includeInput)
{
    /// <summary>The cost of the answers that this run got, those of an earlier run's journal left out; <see langword="null"/> when one is unknown.</summary>
    public static decimal? Cost(IReadOnlyList<ChatCompletion> completions) =>
        completions.Where(static completion => !completion.FromJournal).Aggregate((decimal?)0, static (sum, completion) => sum + completion.Cost);

    /// <summary>Writes the objects of an answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="input">What it answers.</param>
    /// <returns>The reason when a class refused a value; nothing is written then.</returns>
    public HeliconeException? Write(ShapedAnswer answer, object? input)
    {
        if (answer.Completions.Count > 1)
        {
            cmdlet.WriteVerbose(string.Format(CultureInfo.InvariantCulture, "The first answer didn't fit the shape, so it took {0} calls: {1}", answer.Completions.Count, input));
        }

        object?[] objects;
        try
        {
            // A class of a script runs code that is not ours.
            using PipelinePump.Suspension suspension = PipelinePump.Suspend();
            objects = [.. AnswerObjects.From(answer).Select(value => includeInput ? AnswerObjects.WithInput(value, input) : value)];
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or InvalidCastException)
        {
            return new HeliconeException(HeliconeErrorKind.SchemaMismatch, "The answer doesn't fit the shape. " + e.Message, e) { Completions = answer.Completions, RequestId = answer.Completion.RequestId };
        }

        foreach (object? value in objects)
        {
            cmdlet.WriteObject(value);
        }

        return null;
    }
}
