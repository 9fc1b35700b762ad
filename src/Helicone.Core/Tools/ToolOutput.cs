using System;
using System.Collections.Generic;
using System.Globalization;
using System.Security;
using System.Text;
using System.Text.Json;
using Helicone.Http;
using Helicone.Serialization;

namespace Helicone.Tools;

/// <summary>Collects what a tool writes as compact JSON for a model, up to a limit. What is left out is counted, not kept.</summary>
/// <remarks>Not safe for use from several threads at once.</remarks>
public sealed class ToolOutput
{
    /// <summary>The smallest limit, in characters.</summary>
    public const int MinLimit = 200;

    // The names around the objects, and a note about what was left out.
    private const int Frame = 200;
    private const int MaxMessages = 10;
    private const int MaxMessageLength = 1_000;

    private readonly int _limit;
    private readonly SecureString? _secret;
    private readonly List<string> _items = [];
    private readonly List<string> _errors = [];
    private readonly List<string> _warnings = [];
    private long _length;
    private long _leftOut;
    private bool _isCut;
    private int _moreErrors;
    private int _moreWarnings;

    /// <summary>Creates an empty output.</summary>
    /// <param name="limit">The maximum length of the JSON text in characters, at least <see cref="MinLimit"/>.</param>
    /// <param name="secret">A key to mask wherever the output contains it.</param>
    public ToolOutput(int limit, SecureString? secret = null)
    {
        _limit = limit >= MinLimit ? limit : throw new ArgumentOutOfRangeException(nameof(limit), limit, $"The limit must be at least {MinLimit} characters.");
        _secret = secret;
    }

    /// <summary>Indicates whether further objects are only counted.</summary>
    public bool IsFull => _leftOut > 0 || _isCut;

    /// <summary>Adds an object that the tool has written, as plain values.</summary>
    public void Add(object? value)
    {
        if (IsFull)
        {
            _leftOut++;
            return;
        }

        int room = (int)Math.Max(0, Math.Max(_limit / 2, _limit - Frame) - _length);
        if (value is string { Length: > 0 } text && text.Length > room)
        {
            // Escapes only make it longer.
            _isCut = true;
            value = Cut(text, room);
        }

        string json;
        try
        {
            json = Json(value);
        }
        catch (FormatException)
        {
            json = Json(Convert.ToString(value, CultureInfo.InvariantCulture));
        }

        if (json.Length > room)
        {
            if (_items.Count > 0)
            {
                _leftOut++;
                return;
            }

            // The only object would leave nothing to read: its beginning, as text.
            _isCut = true;
            json = Json(Cut(json, room));
        }

        _items.Add(json);
        _length += json.Length + 1;
    }

    /// <summary>Adds an error that did not end the tool.</summary>
    public void AddError(string message) => Add(_errors, message, ref _moreErrors);

    /// <summary>Adds a warning.</summary>
    public void AddWarning(string message) => Add(_warnings, message, ref _moreWarnings);

    /// <summary>The JSON of a failure alone.</summary>
    public static string Error(string message) => JsonText.Object(writer => writer.WriteString("error", Cut(message, MaxMessageLength)));

    /// <summary>The output as JSON, no longer than the limit.</summary>
    /// <param name="error">The error that ended the tool.</param>
    public string ToJson(string? error = null)
    {
        string json = Render(error, _items.Count, withMessages: true);
        for (int items = _items.Count; json.Length > _limit && items > 0;)
        {
            items = Math.Max(0, items - Math.Max(1, items / 8));
            json = Render(error, items, withMessages: true);
        }

        if (json.Length > _limit)
        {
            json = Render(error is null ? null : Cut(error, _limit / 8), 0, withMessages: false);
        }

        return Redaction.Scrub(json, _secret);
    }

    private string Render(string? error, int items, bool withMessages)
    {
        long leftOut = _leftOut + _items.Count - items;
        return JsonText.Object(writer =>
        {
            if (error is not null)
            {
                writer.WriteString("error", Cut(error, MaxMessageLength));
            }

            if (items > 0 || error is null)
            {
                writer.WriteStartArray("output");
                for (int i = 0; i < items; i++)
                {
                    writer.WriteRawValue(_items[i], skipInputValidation: true);
                }

                writer.WriteEndArray();
            }

            if (withMessages)
            {
                Write(writer, "errors", _errors, _moreErrors);
                Write(writer, "warnings", _warnings, _moreWarnings);
            }

            if (leftOut > 0 || _isCut)
            {
                writer.WriteString("note", leftOut > 0
                    ? string.Format(CultureInfo.InvariantCulture, "{0} of {1} objects were left out. Ask for less.", leftOut, leftOut + items)
                    : "The output was cut. Ask for less.");
            }
        });
    }

    private static void Add(List<string> messages, string message, ref int more)
    {
        if (messages.Count < MaxMessages)
        {
            messages.Add(Cut(message ?? string.Empty, MaxMessageLength));
        }
        else
        {
            more++;
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, List<string> messages, int more)
    {
        if (messages.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (string message in messages)
        {
            writer.WriteStringValue(message);
        }

        if (more > 0)
        {
            writer.WriteStringValue(string.Format(CultureInfo.InvariantCulture, "({0} more)", more));
        }

        writer.WriteEndArray();
    }

    private static string Json(object? value) => Encoding.UTF8.GetString(JsonText.Utf8(writer => PlainJson.Write(writer, value, "Output")));

    private static string Cut(string text, int length) =>
        text.Length <= length ? text : length <= 0 ? string.Empty : text.Substring(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length) + "…";
}
