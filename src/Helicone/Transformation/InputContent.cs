using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Text.RegularExpressions;
using Helicone.Chat;

namespace Helicone.Transformation;

/// <summary>Objects of the pipeline as content for a model: text as it is, files by what they hold, other objects as compact JSON.</summary>
internal sealed class InputContent(CommandInvocationIntrinsics commands)
{
    /// <summary>The maximum number of characters of all objects together. The rest is left out, and the prompt contains a note about it.</summary>
    public const int MaxObjectCharacters = 200_000;

    // Wide enough that no column is cut off: a column that isn't shown would be missing in the prompt.
    private const int Width = 4096;

    private static readonly Regex s_escapes = new("\u001b(?:\\[[0-9;?]*[A-Za-z]|\\][^\u0007\u001b]*(?:\u0007|\u001b\\\\))", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private readonly List<ContentPart> _parts = [];
    private readonly StringBuilder _text = new();
    private readonly List<byte> _bytes = [];
    private readonly List<object> _shown = [];
    private int _objectCharacters;
    private int _objects;
    private int _objectsLeftOut;
    private int _valuesLeftOut;

    /// <summary>What was left out, for a warning; <see langword="null"/> when everything was taken.</summary>
    public string? LeftOut =>
        _objectsLeftOut > 0 ? FormattableString.Invariant($"{_objectsLeftOut} of {_objects} objects of the input were left out, because together they are longer than {MaxObjectCharacters:N0} characters. The prompt contains a note about it.")
        : _valuesLeftOut > 0 ? FormattableString.Invariant($"{_valuesLeftOut} values within the objects of the input were left out or cut, because they are nested too deep or too long. The prompt contains a note about it.")
        : null;

    /// <summary>Takes the next object.</summary>
    /// <exception cref="FormatException">The object is a file that can't be sent.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file can't be read.</exception>
    public void Add(object? item)
    {
        object? value = PlainValue.Unwrap(item);
        if (value is byte single)
        {
            // An array of bytes that the pipeline has taken apart.
            _bytes.Add(single);
            return;
        }

        FlushBytes();
        switch (value)
        {
            case byte[] bytes:
                AddPart(ContentFile.FromBytes(bytes));
                return;
            case FileSystemInfo file:
                AddPart(ContentFile.Read(file.FullName));
                return;
            case ContentPart part:
                AddPart(part);
                return;
            case ChatMessage message:
                foreach (ContentPart part in message.Parts)
                {
                    AddPart(part);
                }

                return;
        }

        if (value is not null && value.GetType().FullName!.StartsWith("Microsoft.PowerShell.Commands.Internal.Format.", StringComparison.Ordinal))
        {
            // Someone formatted on purpose; the screen's text is what they want read.
            _shown.Add(item!);
            return;
        }

        FlushShown();
        if (TextOf(value) is { } text)
        {
            Line(text);
            return;
        }

        AddObject(item);
    }

    /// <summary>Everything that was taken, in its order; text that follows text is one part.</summary>
    public IReadOnlyList<ContentPart> Take()
    {
        FlushBytes();
        FlushShown();
        if (_objectsLeftOut > 0)
        {
            Line(FormattableString.Invariant($"({_objectsLeftOut} of {_objects} objects are left out here: the input is longer than {MaxObjectCharacters} characters.)"));
        }

        FlushText();
        return _parts;
    }

    /// <summary>A user's message: the prompt, then what it is about. Text alone stays text: some models take nothing else.</summary>
    /// <returns><see langword="null"/> when there is nothing to report.</returns>
    public static ChatMessage? Message(string? prompt, IReadOnlyList<ContentPart> content)
    {
        if (content.All(static part => part.Kind == ContentPartKind.Text))
        {
            string text = string.Join("\n\n", new[] { prompt }.Concat(content.Select(static part => part.Text)).Where(static text => !string.IsNullOrEmpty(text)));
            return text.Length == 0 ? null : new ChatMessage("user", text);
        }

        return new ChatMessage("user", prompt is null ? content : [ContentPart.FromText(prompt), .. content]);
    }

    private static string? TextOf(object? value) => value switch
    {
        null => string.Empty,
        string text => text,
        ChatCompletion or ChatChunk => value.ToString(),
        DateTime time => time.ToString("o", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("o", CultureInfo.InvariantCulture),
        bool or char or Enum or Guid or Uri or Version or TimeSpan => value.ToString(),
        IFormattable number when number.GetType().IsPrimitive || number is decimal => number.ToString(null, CultureInfo.InvariantCulture),

        // Select-String's matches print as file:line:text, which is what a model needs of them.
        { } match when match.GetType().FullName == "Microsoft.PowerShell.Commands.MatchInfo" => match.ToString(),
        _ => null,
    };

    private void AddObject(object? item)
    {
        _objects++;
        if (_objectCharacters >= MaxObjectCharacters)
        {
            _objectsLeftOut++;
            return;
        }

        ObjectOutline outline = new();
        string json = ContentJson.Write(outline.From(item));
        _objectCharacters += json.Length + 1;
        if (_objectCharacters > MaxObjectCharacters && _objects > 1)
        {
            _objectsLeftOut++;
            return;
        }

        _valuesLeftOut += outline.LeftOut;
        Line(json);
    }

    private void AddPart(ContentPart part)
    {
        FlushShown();
        if (part.Kind == ContentPartKind.Text)
        {
            Line(part.Text!);
            return;
        }

        FlushText();
        _parts.Add(part);
    }

    private void Line(string text) => _text.Append(text).Append('\n');

    private void FlushBytes()
    {
        if (_bytes.Count > 0)
        {
            byte[] bytes = _bytes.ToArray();
            _bytes.Clear();
            AddPart(ContentFile.FromBytes(bytes));
        }
    }

    private void FlushText()
    {
        string text = _text.ToString().TrimEnd('\n');
        _text.Clear();
        if (!string.IsNullOrWhiteSpace(text))
        {
            _parts.Add(ContentPart.FromText(text));
        }
    }

    private void FlushShown()
    {
        if (_shown.Count == 0)
        {
            return;
        }

        List<object> shown = [.. _shown];
        _shown.Clear();

        // The engine alone, without its Utility module, has no Out-String; but then nothing could have been formatted either.
        if (commands.GetCommand("Out-String", CommandTypes.Cmdlet) is not { } outString)
        {
            return;
        }

        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddCommand(outString).AddParameter("Width", Width);
        string text = s_escapes.Replace(string.Concat(shell.Invoke<string>(shown)), string.Empty);

        // Columns are padded to their end, and every space is a token or part of one.
        Line(string.Join("\n", text.Split('\n').Select(static line => line.TrimEnd())).Trim('\n'));
    }
}
