using System;

namespace Helicone.Bulk;

/// <summary>A journal cannot be used: another process has it, it is no journal, or the disk refuses.</summary>
public sealed class JournalException : Exception
{
    /// <summary>Creates one.</summary>
    /// <param name="path">The journal.</param>
    /// <param name="message">The problem.</param>
    /// <param name="innerException">Why.</param>
    /// <param name="isLocked">Another process has it.</param>
    public JournalException(string path, string message, Exception? innerException = null, bool isLocked = false)
        : base(message, innerException)
    {
        Path = path;
        IsLocked = isLocked;
    }

    /// <summary>The journal.</summary>
    public string Path { get; }

    /// <summary>Another process has it.</summary>
    public bool IsLocked { get; }
}
