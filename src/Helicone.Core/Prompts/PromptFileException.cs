using System;
using System.Globalization;

namespace Helicone.Prompts;

/// <summary>The exception for a prompt file that isn't valid. The message names the file, the line, and the column.</summary>
public sealed class PromptFileException : FormatException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="path">The file.</param>
    /// <param name="line">The line, from 1.</param>
    /// <param name="column">The column, from 1.</param>
    /// <param name="problem">The problem, as a sentence.</param>
    /// <param name="cause">The exception behind it.</param>
    public PromptFileException(string path, int line, int column, string problem, Exception? cause = null)
        : base(string.Format(CultureInfo.InvariantCulture, "The prompt file '{0}' isn't valid (line {1}, column {2}): {3}", path, line, column, problem), cause) =>
        (Path, Line, Column, Problem) = (path, line, column, problem);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The line, from 1.</summary>
    public int Line { get; }

    /// <summary>The column, from 1.</summary>
    public int Column { get; }

    /// <summary>The problem.</summary>
    public string Problem { get; }
}
