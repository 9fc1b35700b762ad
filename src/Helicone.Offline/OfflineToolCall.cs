namespace Helicone.Offline;

/// <summary>A call of a tool in an offline answer.</summary>
internal sealed record OfflineToolCall(string Name, string Arguments);
