using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;
using System.Text.RegularExpressions;
using Helicone.Commands;

namespace Helicone.Tools;

/// <summary>The parameters of a command that a model may use.</summary>
internal static class CommandParameters
{
    private const int MaxDescription = 300;

    // A list of all cultures would cost more than the answer; PowerShell checks the argument anyway.
    private const int MaxValues = 100;

    // Those of the engine. A model that could set them would turn off the questions, or write to variables of the session.
    private static readonly HashSet<string> s_common = new(
        Cmdlet.CommonParameters.Concat(Cmdlet.OptionalCommonParameters).Concat(["ProgressAction"]),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Chooses the parameters.</summary>
    /// <param name="command">The command, which is no alias.</param>
    /// <param name="names">The parameters to offer; all of one parameter set when <see langword="null"/>.</param>
    /// <param name="setName">The parameter set; the default set, or the first set that a model can use, when <see langword="null"/>.</param>
    /// <param name="help">The descriptions.</param>
    /// <exception cref="FormatException">The parameter or the set doesn't exist, or a model can't use the command.</exception>
    public static List<ToolParameter> Of(CommandInfo command, string[]? names, string? setName, CommandHelp help)
    {
        ReadOnlyCollection<CommandParameterSetInfo> all = command.ParameterSets;
        if (setName is not null)
        {
            CommandParameterSetInfo set = all.FirstOrDefault(s => s.Name.Equals(setName, StringComparison.OrdinalIgnoreCase))
                ?? throw new FormatException($"'{command.Name}' has no parameter set '{setName}'. Its parameter sets are {string.Join(", ", all.Select(static s => s.Name))}.");
            return names is null ? Whole(command, set, help) : Some(command, new([set]), names, help);
        }

        if (names is not null)
        {
            // One set that has them all makes them clear: what it requires is required.
            CommandParameterSetInfo? one = all.OrderByDescending(static s => s.IsDefault)
                .FirstOrDefault(s => names.All(n => Find(s, n) is not null) && s.Parameters.All(p => !p.IsMandatory || names.Contains(p.Name, StringComparer.OrdinalIgnoreCase) || HasAlias(p, names)));
            if (one is null && !all.Any(s => s.Parameters.All(p => !p.IsMandatory || names.Contains(p.Name, StringComparer.OrdinalIgnoreCase) || HasAlias(p, names))))
            {
                throw new FormatException($"'{command.Name}' requires more parameters: {string.Join(", or ", all.Select(static s => string.Join(" and ", s.Parameters.Where(static p => p.IsMandatory).Select(static p => p.Name))).Distinct())}.");
            }

            return Some(command, one is null ? all : new([one]), names, help);
        }

        CommandParameterSetInfo? usable = all.OrderByDescending(static s => s.IsDefault).FirstOrDefault(s => s.Parameters.All(p => !p.IsMandatory || Schema(command, p) is not null));
        return usable is not null
            ? Whole(command, usable, help)
            : throw new FormatException($"A model can't use '{command.Name}': every parameter set requires a value that can't be written as JSON. Wrap the command in a script block with parameters.");
    }

    /// <summary>Indicates whether the engine adds the parameter to every command.</summary>
    public static bool IsCommon(string name) => s_common.Contains(name);

    private static List<ToolParameter> Whole(CommandInfo command, CommandParameterSetInfo set, CommandHelp help)
    {
        List<ToolParameter> parameters = [];
        foreach (CommandParameterInfo parameter in set.Parameters.Where(p => !IsCommon(p.Name) && !IsOwn(command, p.Name)))
        {
            if (Schema(command, parameter) is { } schema)
            {
                parameters.Add(Make(parameter, parameter.IsMandatory, schema, help));
            }
            else if (parameter.IsMandatory)
            {
                throw Unusable(command, parameter);
            }
        }

        return parameters;
    }

    private static List<ToolParameter> Some(CommandInfo command, ReadOnlyCollection<CommandParameterSetInfo> sets, string[] names, CommandHelp help)
    {
        List<ToolParameter> parameters = [];
        foreach (string name in names)
        {
            CommandParameterInfo[] found = sets.Select(s => Find(s, name)).Where(static p => p is not null).ToArray()!;
            if (found.Length == 0 || IsCommon(found[0].Name))
            {
                throw new FormatException(found.Length == 0
                    ? $"'{command.Name}' has no parameter '{name}'{(sets.Count == 1 ? $" in the parameter set '{sets[0].Name}'" : string.Empty)}."
                    : $"A model can't set the common parameter '{name}' of '{command.Name}'.");
            }

            if (parameters.Exists(p => p.Name == found[0].Name))
            {
                continue;
            }

            Dictionary<string, object?> schema = Schema(command, found[0]) ?? throw Unusable(command, found[0]);

            // A parameter of several sets is required when no set does without it.
            bool isMandatory = found.Length == sets.Count && found.All(static p => p.IsMandatory);
            parameters.Add(Make(found[0], isMandatory, schema, help));
        }

        return parameters;
    }

    private static FormatException Unusable(CommandInfo command, CommandParameterInfo parameter) =>
        new($"A model can't set '{parameter.Name}' of '{command.Name}': a {parameter.ParameterType.Name} can't be written as JSON, or would be code or a secret.");

    // The module's own commands choose where a key goes and what runs without a question; that is for the user to choose.
    private static bool IsOwn(CommandInfo command, string parameter) =>
        command is CmdletInfo { ImplementingType: { } type } && typeof(EngineCommand).IsAssignableFrom(type)
        && (parameter.IndexOf("Tool", StringComparison.Ordinal) >= 0 || parameter is "Connection" or "Header" or "Body" or "ApiKey" or "GatewayUri" or "ApiUri" or "LogUri");

    private static CommandParameterInfo? Find(CommandParameterSetInfo set, string name) =>
        set.Parameters.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? set.Parameters.FirstOrDefault(p => p.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase));

    private static bool HasAlias(CommandParameterInfo parameter, string[] names) => names.Any(n => parameter.Aliases.Contains(n, StringComparer.OrdinalIgnoreCase));

    private static ToolParameter Make(CommandParameterInfo parameter, bool isMandatory, Dictionary<string, object?> schema, CommandHelp help)
    {
        string? text = help.Parameter(parameter.Name) ?? (string.IsNullOrWhiteSpace(parameter.HelpMessage) ? null : parameter.HelpMessage);
        if (text is not null)
        {
            string own = schema.TryGetValue("description", out object? more) ? " " + more : string.Empty;
            schema["description"] = CommandHelp.Brief(text, MaxDescription) + own;
        }

        return new ToolParameter(parameter.Name, parameter.ParameterType, isMandatory, schema);
    }

    private static Dictionary<string, object?>? Schema(CommandInfo command, CommandParameterInfo parameter)
    {
        if (TypeSchema.IsForbidden(parameter.ParameterType) || IsOwn(command, parameter.Name))
        {
            return null;
        }

        Attribute[] attributes = parameter.Attributes.ToArray();
        bool transforms = attributes.Any(static a => a is ArgumentTransformationAttribute && a.GetType().Namespace != "System.Management.Automation.Internal" && a is not CredentialAttribute && a.GetType().Name != "ArgumentTypeConverterAttribute");
        Dictionary<string, object?>? schema = TypeSchema.Of(parameter.ParameterType) ?? (transforms ? new() { ["type"] = "string" } : null);
        if (schema is null || attributes.Any(static a => a is CredentialAttribute))
        {
            return null;
        }

        if (transforms)
        {
            // It takes other forms than the type alone does.
            schema.Remove("format");
        }

        foreach (Attribute attribute in attributes)
        {
            Restrict(schema, attribute);
        }

        return schema;
    }

    private static void Restrict(Dictionary<string, object?> schema, Attribute attribute)
    {
        Dictionary<string, object?> one = schema.TryGetValue("items", out object? items) ? (Dictionary<string, object?>)items! : schema;
        switch (attribute)
        {
            case ValidateSetAttribute { ValidValues.Count: > MaxValues }:
                break;
            case ValidateSetAttribute set when one.TryGetValue("type", out object? type) && type is "string" or null:
                one["enum"] = set.ValidValues.Cast<object?>().ToList();
                break;
            case ValidateSetAttribute set:
                one["enum"] = set.ValidValues.Select(value => one["type"] is "integer" && long.TryParse(value, out long number) ? (object?)number : value).ToList();
                break;
            case ValidateRangeAttribute range when one.TryGetValue("type", out object? type) && type is "integer" or "number":
                if (range.MinRange is { } min)
                {
                    one["minimum"] = min;
                }

                if (range.MaxRange is { } max and not int.MaxValue and not long.MaxValue)
                {
                    one["maximum"] = max;
                }

                break;
            case ValidatePatternAttribute pattern when one.TryGetValue("type", out object? type) && type is "string":
                if (IsPortable(pattern.RegexPattern))
                {
                    one["pattern"] = pattern.RegexPattern;
                }

                break;
            case ValidateLengthAttribute length when one.TryGetValue("type", out object? type) && type is "string":
                one["minLength"] = length.MinLength;
                one["maxLength"] = length.MaxLength;
                break;
            case ValidateCountAttribute count when items is not null:
                schema["minItems"] = count.MinLength;
                schema["maxItems"] = count.MaxLength;
                break;
        }
    }

    // Providers refuse a request with a pattern that is not JavaScript's, and PowerShell checks the argument anyway.
    private static bool IsPortable(string pattern) => !Regex.IsMatch(pattern, @"\(\?[^:=!]|\\[pPGAzZk]|\[[^\]]*-\[", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
}
