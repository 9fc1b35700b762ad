using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Host;
using Helicone.Commands;

namespace Helicone.Mcp;

/// <summary>Asks the user what a server asks. A host that can't ask declines.</summary>
internal static class McpForm
{
    private const int MaxTries = 3;

    /// <summary>Asks. On the pipeline thread.</summary>
    /// <returns>The answer; <see langword="null"/> when the user declines, or can't be asked.</returns>
    public static McpAnswer? Ask(EngineCommand cmdlet, McpQuestion question)
    {
        string what = question.Message + (question.Url is { } url ? "\nIt asks you to open this page: " + url : question.Fields.Count == 0 ? string.Empty : "\nIt asks for: " + string.Join(", ", question.Fields.Select(static field => field.Title ?? field.Name)));
        try
        {
            // The default is to decline: a host that reads an empty input must not agree to anything.
            int choice = cmdlet.PromptForChoice(
                $"The MCP server '{question.Server}' asks",
                what,
                [new ChoiceDescription("&Answer", "Answer. The server receives what you type."), new ChoiceDescription("&Decline", "Send nothing. The server receives the answer that you declined.")],
                1);
            if (choice != 0)
            {
                return null;
            }

            Dictionary<string, object?> values = [];
            foreach (McpQuestionField field in question.Fields)
            {
                if (!TryRead(cmdlet, field, out object? value))
                {
                    return null;
                }

                if (value is not null)
                {
                    values[field.Name] = value;
                }
            }

            return new McpAnswer(values);
        }
        catch (Exception e) when (e is not PipelineStoppedException and not OperationCanceledException)
        {
            cmdlet.WriteVerbose($"The MCP server '{question.Server}' asked a question, and no one can be asked in this session, so it was declined.");
            return null;
        }
    }

    private static bool TryRead(EngineCommand cmdlet, McpQuestionField field, out object? value)
    {
        string prompt = (field.Title ?? field.Name)
            + (field.Description is { Length: > 0 } description ? " - " + description : string.Empty)
            + (field.Choices.Count > 0 ? " (" + string.Join(", ", field.Choices) + ")" : field.Type == "boolean" ? " (yes, no)" : string.Empty)
            + (field.Default is { } preset ? $" [{(preset is IEnumerable<object?> several ? string.Join(", ", several) : preset)}]" : string.Empty);
        for (int i = 0; i < MaxTries; i++)
        {
            try
            {
                value = field.Parse(cmdlet.ReadLine(prompt + ": "));
                return true;
            }
            catch (FormatException e)
            {
                cmdlet.WriteWarning(e.Message);
            }
        }

        value = null;
        return false;
    }
}
