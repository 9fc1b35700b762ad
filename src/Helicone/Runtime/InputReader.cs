using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using Helicone.Chat;
using Helicone.Commands;
using Helicone.Errors;
using Helicone.Transformation;

namespace Helicone.Runtime;

/// <summary>Reads the objects of a pipeline for a model. An object that can't be sent causes a separate error, and the others continue.</summary>
/// <param name="cmdlet">The command.</param>
/// <param name="prompt">Writes the prompt for each object; <see langword="null"/> when all have the same.</param>
internal sealed class InputReader(HeliconeCommand cmdlet, ScriptBlock? prompt)
{
    /// <summary>Several objects as one content; <see langword="null"/>, after an error, when one of them can't be sent.</summary>
    public IReadOnlyList<ContentPart>? Read(IReadOnlyList<object?> items, object? target)
    {
        InputContent content = new(cmdlet.InvokeCommand);
        object? current = target;
        try
        {
            // What is read may be a script property, which runs code that is not ours.
            using PipelinePump.Suspension suspension = PipelinePump.Suspend();
            foreach (object? item in items)
            {
                current = item;
                content.Add(item);
            }

            IReadOnlyList<ContentPart> parts = content.Take();
            if (content.LeftOut is { } leftOut)
            {
                cmdlet.WriteWarning(leftOut);
            }

            return parts;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            cmdlet.WriteError(ErrorRecords.Invalid(InvalidInput.File, e, current));
            return null;
        }
    }

    /// <summary>What to send about one object; <see langword="null"/>, after an error, when there is nothing or it can't be sent.</summary>
    public IReadOnlyList<ContentPart>? ReadItem(object? item)
    {
        IReadOnlyList<object?>? items = [item];
        if (prompt is not null)
        {
            if (!cmdlet.TryRead(() => ItemScript.Run(prompt, item, "Prompt"), item, InvalidInput.Prompt, out items))
            {
                return null;
            }

            // The script block chooses what is sent of an object. Text can't hold a file, so a file is sent as well.
            items = item is FileSystemInfo or byte[] && items.Count > 0 ? [.. items, item] : items;
        }

        if (Read(items, item) is not { } content)
        {
            return null;
        }

        if (content.Count > 0)
        {
            return content;
        }

        string what = prompt is not null ? "The script block of -Prompt wrote nothing for an object" : "An object of the input is empty";
        cmdlet.WriteError(ErrorRecords.Invalid(InvalidInput.Prompt, new FormatException(what + ", so there is nothing to send."), item));
        return null;
    }
}
