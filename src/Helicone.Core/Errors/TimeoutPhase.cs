namespace Helicone.Errors;

/// <summary>The time limit that was reached.</summary>
public enum TimeoutPhase
{
    /// <summary>No TCP or TLS connection within the limit (15 s unless set).</summary>
    Connect,

    /// <summary>A stream brought no first token within the limit (120 s unless set).</summary>
    FirstToken,

    /// <summary>A body that had begun brought nothing more within the limit (60 s unless set).</summary>
    Idle,

    /// <summary>The call as a whole, its retries included, took longer than the limit (600 s unless set).</summary>
    Total,
}
