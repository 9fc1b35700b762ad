using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Helicone.Offline.Configuration;

/// <summary>A value of gateway.json with its place in the file, for error messages.</summary>
internal sealed class ConfigurationNode
{
    private static readonly Regex s_durations = new(@"^([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h|d)\z", RegexOptions.CultureInvariant);
    private static readonly Regex s_sizes = new(@"^([0-9]{1,9}(?:\.[0-9]{1,9})?)([KMGT])B\z", RegexOptions.CultureInvariant);

    private readonly ConfigurationText _text;
    private readonly int _start;
    private readonly int _end;

    public ConfigurationNode(ConfigurationText text, string path, JsonTokenType type, int start, int end)
    {
        _text = text;
        _start = start;
        _end = end;
        Path = path;
        Type = type;
    }

    /// <summary>How to get there: <c>providers[0].name</c>; empty for the whole file.</summary>
    public string Path { get; }

    public JsonTokenType Type { get; }

    public Dictionary<string, ConfigurationNode> Members { get; } = [];

    public List<ConfigurationNode> Items { get; } = [];

    /// <summary>The JSON as it is in the file.</summary>
    public string Json => Encoding.UTF8.GetString(_text.Bytes.Span.Slice(_start, _end - _start));

    private string Name => Path.Length == 0 ? "The file" : Path;

    /// <summary>The error that is here.</summary>
    public ConfigurationException Wrong(string reason) => _text.WrongAt(_start, reason);

    /// <summary>Makes sure that this is an object, of these fields and no others.</summary>
    public ConfigurationNode Object(params string[] fields)
    {
        if (Type != JsonTokenType.StartObject)
        {
            throw Wrong($"{Name} must be an object, with the fields {string.Join(", ", fields)}.");
        }

        foreach (KeyValuePair<string, ConfigurationNode> member in Members)
        {
            if (!fields.Contains(member.Key))
            {
                throw member.Value.Wrong($"There is no '{member.Key}' {(Path.Length == 0 ? "here" : "in " + Path)}: the fields are {string.Join(", ", fields)}.");
            }
        }

        return this;
    }

    public ConfigurationNode? Find(string field) => Members.GetValueOrDefault(field);

    /// <summary>The field's value; an error when it is missing.</summary>
    public ConfigurationNode Need(string field) => Find(field) ?? throw Wrong($"{(Path.Length == 0 ? field : Path + "." + field)} is missing.");

    public IReadOnlyList<ConfigurationNode> List() => Type == JsonTokenType.StartArray ? Items : throw Wrong($"{Name} must be a list.");

    /// <summary>The elements of a list that may be left out.</summary>
    public IReadOnlyList<ConfigurationNode> ListOf(string field) => Find(field)?.List() ?? [];

    public string Text() => Type == JsonTokenType.String ? Read().GetString()! : throw Wrong($"{Name} must be text.");

    public bool Flag() => Type switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw Wrong($"{Name} must be true or false."),
    };

    public int Whole(int least, int most = int.MaxValue) =>
        Type == JsonTokenType.Number && Read().TryGetInt32(out int number) && number >= least && number <= most
            ? number
            : throw Wrong(most == int.MaxValue ? $"{Name} must be a whole number of at least {least}." : $"{Name} must be a whole number from {least} to {most}.");

    public decimal Price() => Type == JsonTokenType.Number && Read().TryGetDecimal(out decimal price) && price >= 0
        ? price
        : throw Wrong($"{Name} must be a price: a number of at least 0.");

    /// <summary>A span of time: <c>250ms</c>, <c>2s</c>, <c>5m</c>, <c>1h</c>, <c>30d</c>.</summary>
    public TimeSpan Duration(TimeSpan most)
    {
        if (Type != JsonTokenType.String || s_durations.Match(Text()) is not { Success: true } match)
        {
            throw Wrong($"{Name} must be text like '250ms', '2s', '5m', '1h' or '30d'.");
        }

        double number = double.Parse(match.Groups[1].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        double milliseconds = number * match.Groups[2].Value switch { "ms" => 1, "s" => 1e3, "m" => 6e4, "h" => 3.6e6, _ => 8.64e7 };
        return milliseconds <= most.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : throw Wrong($"{Name} is too long: at most {Describe(most)}.");
    }

    /// <summary>A size: <c>500MB</c>, <c>2GB</c>.</summary>
    public long Size()
    {
        if (Type != JsonTokenType.String || s_sizes.Match(Text()) is not { Success: true } match)
        {
            throw Wrong($"{Name} must be text like '500MB' or '2GB'.");
        }

        int power = "KMGT".IndexOf(match.Groups[2].Value, StringComparison.Ordinal) + 1;
        return (long)(double.Parse(match.Groups[1].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * Math.Pow(1024, power));
    }

    /// <summary>An object whose fields may have any name, of texts.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Texts() => Type == JsonTokenType.StartObject
        ? [.. Members.Select(m => new KeyValuePair<string, string>(m.Key, m.Value.Text()))]
        : throw Wrong($"{Name} must be an object of texts.");

    private static string Describe(TimeSpan span) => span.TotalDays >= 1 ? $"{span.TotalDays:0} days" : $"{span.TotalHours:0} hours";

    private Utf8JsonReader Read()
    {
        Utf8JsonReader reader = new(_text.Bytes.Span.Slice(_start, _end - _start));
        reader.Read();
        return reader;
    }
}
