namespace Helicone.Bulk;

/// <summary>What to do with an item that an earlier run sent and whose answer it never wrote: it may have been paid for.</summary>
public enum ResumeMode
{
    /// <summary>Send it again.</summary>
    Retry,

    /// <summary>Leave it, and report it.</summary>
    Skip,
}
