using System;

namespace Helicone.Chat;

/// <summary>Where a custom rate limit stands after a call (<c>Helicone-RateLimit-*</c>).</summary>
/// <param name="Limit">The quota.</param>
/// <param name="Remaining">What is left of it.</param>
/// <param name="Reset">In how long it is whole again, where the server says so.</param>
/// <param name="Policy">The policy as the server understood it.</param>
public sealed record RateLimitStatus(double? Limit, double? Remaining, TimeSpan? Reset, string? Policy);
