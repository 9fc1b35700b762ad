namespace Helicone.LocalGateway.Tests.Hosting;

/// <summary>A call as it is in the log.</summary>
internal sealed record LoggedCall(string Id, long Status, string? Provider, long Attempts, double? Cost, bool CacheEnabled, string? CacheReference);
