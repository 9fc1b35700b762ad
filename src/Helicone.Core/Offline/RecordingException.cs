using System;

namespace Helicone.Offline;

/// <summary>A recording can't be read or written; the message names the file and, where there is one, the line.</summary>
public sealed class RecordingException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="path">The recording.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">The cause.</param>
    public RecordingException(string path, string message, Exception? innerException = null)
        : base(TerminalText.Show(message), innerException) => Path = path;

    /// <summary>The recording.</summary>
    public string Path { get; }

    /// <summary>Indicates that the file doesn't exist.</summary>
    public bool IsMissing { get; init; }
}
