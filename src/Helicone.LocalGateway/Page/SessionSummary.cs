namespace Helicone.LocalGateway.Page;

/// <summary>What the calls of a session add up to. Times are milliseconds since 1970.</summary>
internal sealed record SessionSummary(string Id, string? Name, long FirstAt, long LastAt, long EndAt, long Calls, long Failed, long Tokens, double Cost, long Unpriced);
