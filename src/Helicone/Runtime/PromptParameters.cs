using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;
using Helicone.Prompts;
using Helicone.Transformation;

namespace Helicone.Runtime;

/// <summary>The inputs of a prompt file as parameters of a command.</summary>
internal static class PromptParameters
{
    /// <summary>The parameter that takes everything when there is no prompt, so that the command can report why.</summary>
    private const string Rest = "PromptInput";

    // A dynamic parameter can't have the name of another.
    private static readonly string[] s_common =
    [
        "Verbose", "vb", "Debug", "db", "ErrorAction", "ea", "WarningAction", "wa", "InformationAction", "infa", "ProgressAction", "proga", "ErrorVariable", "ev", "WarningVariable", "wv",
        "InformationVariable", "iv", "OutVariable", "ov", "OutBuffer", "ob", "PipelineVariable", "pv", "WhatIf", "wi", "Confirm", "cf", "UseTransaction", "usetx",
    ];

    /// <summary>The parameters of a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="command">The command that has them.</param>
    /// <exception cref="PromptFileException">An input has the name of a parameter.</exception>
    public static RuntimeDefinedParameterDictionary Of(PromptFile prompt, Type command)
    {
        HashSet<string> taken = new(command.GetProperties().Where(static property => property.IsDefined(typeof(ParameterAttribute), inherit: true)).SelectMany(Names).Concat(s_common), StringComparer.OrdinalIgnoreCase);
        PromptInput? first = prompt.Inputs.FirstOrDefault(static input => input is { Type: PromptInputType.Text, IsRequired: true, Default: null, Choices.Count: 0 });
        RuntimeDefinedParameterDictionary parameters = [];
        foreach (PromptInput input in prompt.Inputs)
        {
            if (taken.Contains(input.Name))
            {
                throw new PromptFileException(prompt.Path, input.Line, input.Column, $"The input '{input.Name}' has the name of a parameter of Invoke-HeliconePrompt. Rename it.");
            }

            parameters.Add(input.Name, Parameter(input, takesText: input == first));
        }

        return parameters;
    }

    /// <summary>A parameter that takes whatever was typed.</summary>
    public static RuntimeDefinedParameterDictionary Any() => new()
    {
        [Rest] = new RuntimeDefinedParameter(Rest, typeof(object[]), [new ParameterAttribute { ValueFromRemainingArguments = true, DontShow = true }]),
    };

    /// <summary>The values that were passed.</summary>
    /// <exception cref="FormatException">A value has no plain form.</exception>
    public static Dictionary<string, object?> Values(RuntimeDefinedParameterDictionary parameters)
    {
        // The engine sets a parameter that the pipeline had bound to null when the next object doesn't have it.
        Dictionary<string, object?> values = [];
        foreach (RuntimeDefinedParameter parameter in parameters.Values.Where(static parameter => parameter.Value is not null))
        {
            values[parameter.Name] = PlainValue.From(parameter.Value, parameter.Name);
        }

        return values;
    }

    private static IEnumerable<string> Names(System.Reflection.PropertyInfo property) =>
        property.GetCustomAttributes(typeof(AliasAttribute), inherit: true).Cast<AliasAttribute>().SelectMany(static alias => alias.AliasNames).Concat([property.Name]);

    private static RuntimeDefinedParameter Parameter(PromptInput input, bool takesText)
    {
        ParameterAttribute attribute = new() { Mandatory = input.IsRequired && input.Default is null, ValueFromPipeline = takesText, ValueFromPipelineByPropertyName = true };
        if (!string.IsNullOrEmpty(input.Description))
        {
            attribute.HelpMessage = input.Description;
        }

        Collection<Attribute> attributes = [attribute];
        if (takesText)
        {
            attributes.Add(new PromptTextTransformationAttribute());
        }

        if (input.Choices.Count > 0)
        {
            attributes.Add(new ValidateSetAttribute([.. input.Choices]));
        }

        return new RuntimeDefinedParameter(input.Name, TypeOf(input.Type), attributes);
    }

    private static Type TypeOf(PromptInputType type) => type switch
    {
        PromptInputType.Whole => typeof(long),
        PromptInputType.Number => typeof(double),
        PromptInputType.Boolean => typeof(bool),
        PromptInputType.Array => typeof(string[]),
        PromptInputType.Any => typeof(object),
        _ => typeof(string),
    };
}
