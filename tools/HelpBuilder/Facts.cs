using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace HelpBuilder;

/// <summary>A block of YAML with the line it begins on. Each key is read once; keys that nobody reads are errors.</summary>
internal sealed class Facts
{
    private readonly int _line;
    private readonly Dictionary<string, (string Value, int Line)> _values = [];

    private Facts(int line) => _line = line;

    public static Facts Read(string yaml, int line)
    {
        Facts facts = new(line);
        try
        {
            YamlStream stream = [];
            stream.Load(new StringReader(yaml));
            if (stream.Documents is not [{ RootNode: YamlMappingNode map }])
            {
                throw new HelpSourceException(line, "This is not a list of 'Key: value'.");
            }

            foreach ((YamlNode key, YamlNode value) in map.Children)
            {
                int at = line + (int)key.Start.Line - 1;
                facts._values[key.ToString()] = value is YamlScalarNode scalar
                    ? (scalar.Value ?? string.Empty, at)
                    : throw new HelpSourceException(at, $"'{key}' is one value.");
            }
        }
        catch (YamlException e)
        {
            throw new HelpSourceException(line + (int)e.Start.Line - 1, e.Message);
        }
        catch (InvalidOperationException e)
        {
            // The parser gives up so on a bracket that is never closed.
            throw new HelpSourceException(line, "This is not YAML: " + e.Message);
        }

        return facts;
    }

    public string Text(string key) => Take(key).Value;

    public string Needed(string key) => Text(key) is { Length: > 0 } value ? value : throw new HelpSourceException(_line, $"'{key}' is empty.");

    public void Demand(string key, string expected) => OneOf(key, expected);

    public bool Flag(string key) => OneOf(key, "True", "False") == "True";

    public IReadOnlyList<string> List(string key) => Split(Text(key));

    public IReadOnlyList<string> Optional(string key) => _values.ContainsKey(key) ? List(key) : [];

    /// <summary>A number, or <c>named</c> as MAML has it.</summary>
    public string Position(string key)
    {
        (string value, int line) = Take(key);
        return value == "Named" ? "named"
            : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? value
            : throw new HelpSourceException(line, $"'{key}' is 'Named' or a number, and this is '{value}'.");
    }

    public string OneOf(string key, params string[] allowed)
    {
        (string value, int line) = Take(key);
        return allowed.Contains(value) ? value : throw new HelpSourceException(line, $"'{key}' is '{string.Join("' or '", allowed)}', and this is '{value}'.");
    }

    /// <summary>Refuses what was not read.</summary>
    public void Close()
    {
        foreach ((string key, (_, int line)) in _values)
        {
            throw new HelpSourceException(line, $"'{key}' means nothing here.");
        }
    }

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private (string Value, int Line) Take(string key) => _values.Remove(key, out (string Value, int Line) fact)
        ? fact
        : throw new HelpSourceException(_line, $"'{key}' is missing.");
}
