namespace Helicone.Transformation;

/// <summary>What someone thought of an answer.</summary>
public enum FeedbackRating
{
    /// <summary>It was not good.</summary>
    Negative,

    /// <summary>It was good.</summary>
    Positive,
}
