namespace Helicone.LocalGateway.Hosting;

/// <summary>Another gateway already runs on the database.</summary>
internal sealed class GatewayRunningException(string database) : GatewayStartException($"A local gateway already runs on '{database}'.");
