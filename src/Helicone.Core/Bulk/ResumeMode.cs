namespace Helicone.Bulk;

/// <summary>The handling of an item that an earlier run sent without writing its answer: it may have been paid for.</summary>
public enum ResumeMode
{
    /// <summary>Send it again.</summary>
    Retry,

    /// <summary>Leave it, and report it.</summary>
    Skip,
}
