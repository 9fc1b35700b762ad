using System;
using System.Collections;
using System.IO;
using Helicone.Serialization;

namespace Helicone.Offline;

/// <summary>Scenarios of the offline model: a file, or a dictionary with the fields of one.</summary>
/// <remarks>
/// A scenario has the fields of an entry of <c>scenarios</c> in the local gateway's <c>gateway.json</c>. A source is one scenario, a list of
/// scenarios, or an object with <c>scenarios</c> and <c>offline</c>, such as a whole <c>gateway.json</c>.
/// </remarks>
public sealed class ScenarioSource
{
    private ScenarioSource(string name, ReadOnlyMemory<byte> json, bool isFile)
    {
        Name = name;
        Json = json;
        IsFile = isFile;
    }

    /// <summary>The path of the file; for a dictionary, what it is called in errors.</summary>
    public string Name { get; }

    internal ReadOnlyMemory<byte> Json { get; }

    /// <summary>Indicates whether errors name a line and a column.</summary>
    internal bool IsFile { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It can't be read.</exception>
    public static ScenarioSource FromFile(string path) => new(path, File.ReadAllBytes(path), isFile: true);

    /// <summary>Takes a dictionary.</summary>
    /// <param name="scenario">The dictionary: text, numbers, Booleans, lists, and dictionaries.</param>
    /// <param name="name">What it is called in errors.</param>
    /// <exception cref="ArgumentException">Something in it has no place in JSON.</exception>
    public static ScenarioSource FromDictionary(IDictionary scenario, string name) =>
        new(name, JsonText.Utf8(writer => PlainJson.Write(writer, scenario, name)), isFile: false);
}
