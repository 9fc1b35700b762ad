using System;
using System.Management.Automation;

namespace Helicone.Transformation;

/// <summary>Takes a rating as a word or as a boolean, which the column of a CSV file holds as text.</summary>
public sealed class FeedbackRatingTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) => PlainValue.Unwrap(inputData) switch
    {
        bool good => Of(good),
        string text when bool.TryParse(text, out bool good) => Of(good),
        FeedbackRating rating => rating,
        string text when Enum.TryParse(text, ignoreCase: true, out FeedbackRating rating) && Enum.IsDefined(typeof(FeedbackRating), rating) && !char.IsDigit(text.TrimStart()[0]) => rating,

        // The engine would take 7 for a rating without a name.
        object other => throw new ArgumentTransformationMetadataException($"'{other}' is not a rating. Write Positive or Negative, $true or $false."),
        null => throw new ArgumentTransformationMetadataException("The rating is null. Write Positive or Negative, $true or $false."),
    };

    private static FeedbackRating Of(bool good) => good ? FeedbackRating.Positive : FeedbackRating.Negative;
}
