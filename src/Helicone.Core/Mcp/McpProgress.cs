namespace Helicone.Mcp;

/// <summary>The progress of a call, as the server reports it.</summary>
/// <param name="Progress">The progress so far.</param>
/// <param name="Total">The total, where it is known.</param>
/// <param name="Message">A message for the user.</param>
public sealed record McpProgress(double Progress, double? Total, string? Message)
{
    /// <summary>The percentage, 0 to 100; <see langword="null"/> without a total.</summary>
    public int? Percent => Total is > 0 && !double.IsNaN(Progress) ? (int)System.Math.Max(0, System.Math.Min(100, 100 * Progress / Total.Value)) : null;
}
