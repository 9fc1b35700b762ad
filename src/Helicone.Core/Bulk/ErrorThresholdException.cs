using System;

namespace Helicone.Bulk;

/// <summary>So many items of a run have failed that it sends nothing more.</summary>
public sealed class ErrorThresholdException : Exception
{
    /// <summary>Creates one.</summary>
    /// <param name="threshold">What was reached.</param>
    /// <param name="failed">How many had failed.</param>
    /// <param name="finished">How many were over, those among them.</param>
    public ErrorThresholdException(ErrorThreshold threshold, int failed, int finished)
        : base(FormattableString.Invariant($"{failed} of {finished} completed items failed, and the threshold is {threshold}."))
    {
        Threshold = threshold;
        Failed = failed;
    }

    /// <summary>The number of items that failed.</summary>
    public int Failed { get; }

    /// <summary>The threshold that was reached.</summary>
    public ErrorThreshold Threshold { get; }
}
