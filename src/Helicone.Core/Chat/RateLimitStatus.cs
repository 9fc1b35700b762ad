using System;

namespace Helicone.Chat;

/// <summary>The state of a custom rate limit after a call (<c>Helicone-RateLimit-*</c>).</summary>
/// <param name="Limit">The quota.</param>
/// <param name="Remaining">What is left of it.</param>
/// <param name="Reset">The time until the quota is full again, if the server reports it.</param>
/// <param name="Policy">The policy as the server understood it.</param>
public sealed record RateLimitStatus(double? Limit, double? Remaining, TimeSpan? Reset, string? Policy);
