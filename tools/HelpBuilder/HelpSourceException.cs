using System;

namespace HelpBuilder;

/// <summary>Something in a source of the help that is wrong, with its line, counted from 1.</summary>
internal sealed class HelpSourceException(int line, string message) : Exception(message)
{
    public int Line { get; } = line;
}
