using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Fluid;
using Fluid.Values;

namespace Helicone.Prompts;

/// <summary>A Liquid template. Uses Fluid, which its callers load first.</summary>
/// <remarks>
/// A template reads plain values only: no members of .NET objects, no other files. Its work is bounded, because a prompt file may come from
/// somebody else.
/// </remarks>
internal sealed class LiquidTemplate
{
    private const int MaxCharacters = 4 * 1024 * 1024;
    private const int MaxItems = 100_000;
    private const int MaxSteps = 100_000;
    private const int MaxDepth = 64;

    private static readonly Regex s_place = new(@"\s*at \((\d+):(\d+)\)", RegexOptions.CultureInvariant);
    private static readonly Regex s_block = new(@"\{%-?\s*(end)?(if|unless|for|case|capture|ifchanged)\b", RegexOptions.CultureInvariant);
    private static readonly Regex s_tag = new(@"\{\{.*?\}\}|\{%.*?%\}", RegexOptions.CultureInvariant | RegexOptions.Singleline);

    // Other files, HTML, and filters of Fluid's own whose results can be of any size.
    private static readonly string[] s_tags = ["include", "render", "tablerow", "layout", "from", "macro"];
    private static readonly string[] s_filters = ["format_date", "format_number", "format_string"];

    private static readonly FluidParser s_parser = Parser();
    private static readonly TemplateOptions s_options = Options();

    private readonly IFluidTemplate _template;

    private LiquidTemplate(IFluidTemplate template, IReadOnlyList<string> variables) => (_template, Variables) = (template, variables);

    /// <summary>The variables that the template reads, in the order of their first use.</summary>
    internal IReadOnlyList<string> Variables { get; }

    /// <summary>Reads a template.</summary>
    /// <param name="text">The text.</param>
    /// <param name="problem">Makes the exception for a problem in a line and a column of the text, both from 1.</param>
    internal static LiquidTemplate Parse(string text, Func<int, int, string, PromptFileException> problem)
    {
        CheckDepth(text, problem);
        IFluidTemplate? template;
        string? error;
        try
        {
            _ = s_parser.TryParse(text, out template, out error);
        }
        catch (Exception e) when (e is ParseException or FormatException or ArgumentException or OverflowException or InvalidOperationException)
        {
            (template, error) = (null, e.Message);
        }

        if (template is null)
        {
            throw Problem(error ?? "The template isn't valid Liquid.", problem);
        }

        LiquidVariables visitor = new();
        _ = visitor.VisitTemplate(template);
        if (visitor.Refusal is { } refusal)
        {
            (int line, int column) = Place(text, Math.Max(0, text.IndexOf("..", StringComparison.Ordinal)));
            throw problem(line, column, refusal);
        }

        return new LiquidTemplate(template, [.. visitor.Names]);
    }

    /// <summary>The line and the column at which a template first uses a variable.</summary>
    internal static (int Line, int Column) Find(string text, string variable)
    {
        Regex name = new(@"(?<![\w.-])" + Regex.Escape(variable) + @"(?![\w-])", RegexOptions.CultureInvariant);
        foreach (Match tag in s_tag.Matches(text))
        {
            if (name.Match(tag.Value) is { Success: true } use)
            {
                return Place(text, tag.Index + use.Index);
            }
        }

        return (1, 1);
    }

    /// <summary>Renders the template.</summary>
    /// <exception cref="FormatException">The text is too long, or a filter can't do what it is asked.</exception>
    internal string Render(IEnumerable<KeyValuePair<string, object?>> values)
    {
        try
        {
            TemplateContext context = new(s_options);
            foreach (KeyValuePair<string, object?> value in values)
            {
                _ = context.SetValue(value.Key, FluidValue.Create(Plain(value.Value, 0), s_options));
            }

            using LimitedWriter writer = new(MaxCharacters);
            ValueTask rendering = _template.RenderAsync(writer, NullEncoder.Default, context);
            rendering.AsTask().GetAwaiter().GetResult();
            return writer.ToString();
        }
        catch (Exception e) when (e is InvalidDataException or FluidException or ParseException or InvalidOperationException or ArithmeticException or ArgumentException or InvalidCastException or FormatException)
        {
            throw new FormatException(e is InvalidDataException ? e.Message : "The template can't be rendered: " + e.Message.TrimEnd('.') + ".", e);
        }
    }

    private static FluidParser Parser()
    {
        FluidParser parser = new(new FluidParserOptions { AllowFunctions = false, AllowParentheses = false });
        foreach (string tag in s_tags)
        {
            _ = parser.RegisteredTags.Remove(tag);
        }

        return parser;
    }

    private static TemplateOptions Options()
    {
        TemplateOptions options = new()
        {
            CultureInfo = CultureInfo.InvariantCulture,
            MaxSteps = MaxSteps,
            MaxRecursion = MaxDepth,
            StrictFilters = true,
            Captured = static (_, value, _) => Limited(value),
            Assigned = static (_, value, _) => Limited(value),
        };
        foreach (string filter in s_filters)
        {
            options.Filters.Remove(filter);
        }

        foreach (KeyValuePair<string, FilterDelegate> filter in options.Filters.ToArray())
        {
            options.Filters.Remove(filter.Key);
            options.Filters.AddFilter(filter.Key, async (input, arguments, context) =>
            {
                CheckGrowth(filter.Key, input, arguments);
                return await Limited(await filter.Value(input, arguments, context).ConfigureAwait(false)).ConfigureAwait(false);
            });
        }

        return options;
    }

    // These two can make gigabytes of two short texts in one step.
    private static void CheckGrowth(string filter, FluidValue input, FilterArguments arguments)
    {
        long size = filter switch
        {
            "replace" => (long)Count(input.ToStringValue(), arguments.At(0).ToStringValue()) * arguments.At(1).ToStringValue().Length,
            "join" when input is ArrayValue list => (long)list.Values.Count * arguments.At(0).ToStringValue().Length,
            _ => 0,
        };
        if (size > MaxCharacters)
        {
            throw TooLong();
        }
    }

    private static int Count(string text, string part)
    {
        int count = 0;
        for (int i = part.Length == 0 ? -1 : text.IndexOf(part, StringComparison.Ordinal); i >= 0; i = text.IndexOf(part, i + part.Length, StringComparison.Ordinal))
        {
            count++;
        }

        return count;
    }

    private static ValueTask<FluidValue> Limited(FluidValue value) =>
        (value is StringValue text && text.ToStringValue().Length > MaxCharacters) || (value is ArrayValue list && list.Values.Count > MaxItems)
            ? throw TooLong()
            : new ValueTask<FluidValue>(value);

    private static InvalidDataException TooLong() => new("The template creates a value that is too long.");

    /// <summary>A value as templates may see it: text, numbers, Booleans, lists, and dictionaries.</summary>
    private static object? Plain(object? value, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException($"The value is nested more than {MaxDepth} levels deep.");
        }

        return value switch
        {
            null or string or bool => value,
            char character => character.ToString(),
            sbyte or byte or short or ushort or int or uint or long or ulong or decimal => Convert.ToDecimal(value, CultureInfo.InvariantCulture),
            float or double => Number(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
            System.Collections.IDictionary or IReadOnlyDictionary<string, object?> => Serialization.DictionaryOrder.Fields(value).ToDictionary(static field => field.Key, field => Plain(field.Value, depth + 1)),
            System.Collections.IEnumerable items => items.Cast<object?>().Select(item => Plain(item, depth + 1)).ToList(),
            DateTime time => time.ToString("o", CultureInfo.InvariantCulture),
            DateTimeOffset time => time.ToString("o", CultureInfo.InvariantCulture),
            IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString(),
        };
    }

    // Liquid computes with decimals.
    private static object Number(double value) => Math.Abs(value) < 1e28 ? (decimal)value : value.ToString("R", CultureInfo.InvariantCulture);

    private static PromptFileException Problem(string error, Func<int, int, string, PromptFileException> problem)
    {
        string first = error.Split('\n')[0].TrimEnd();
        Match place = s_place.Match(first);
        string sentence = place.Success ? first.Remove(place.Index, place.Length) : first;
        foreach (string tag in s_tags)
        {
            if (sentence == $"Unknown tag '{tag}'")
            {
                sentence = $"The tag '{tag}' isn't supported in a prompt file";
            }
        }

        return problem(
            place.Success ? int.Parse(place.Groups[1].Value, CultureInfo.InvariantCulture) : 1,
            place.Success ? int.Parse(place.Groups[2].Value, CultureInfo.InvariantCulture) : 1,
            sentence.TrimEnd('.') + ".");
    }

    // The parser is recursive: what is nested too deeply would end the process.
    private static void CheckDepth(string text, Func<int, int, string, PromptFileException> problem)
    {
        int depth = 0;
        foreach (Match block in s_block.Matches(text))
        {
            depth += block.Groups[1].Success ? -1 : 1;
            if (depth > MaxDepth)
            {
                throw Deep(block.Index);
            }
        }

        int brackets = 0;
        for (int i = 0; i < text.Length; i++)
        {
            brackets = text[i] is '[' or '(' ? brackets + 1 : text[i] is ']' or ')' or '}' ? 0 : brackets;
            if (brackets > MaxDepth)
            {
                throw Deep(i);
            }
        }

        PromptFileException Deep(int index)
        {
            (int line, int column) = Place(text, index);
            return problem(line, column, $"The template is nested more than {MaxDepth} levels deep.");
        }
    }

    private static (int Line, int Column) Place(string text, int index)
    {
        int line = 1;
        int start = 0;
        for (int i = 0; i < index; i++)
        {
            if (text[i] == '\n')
            {
                line++;
                start = i + 1;
            }
        }

        return (line, index - start + 1);
    }
}
