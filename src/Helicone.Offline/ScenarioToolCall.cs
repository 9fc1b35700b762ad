namespace Helicone.Offline;

/// <summary>A call of a tool in the answer of a scenario.</summary>
internal sealed record ScenarioToolCall(ScenarioTemplate Name, ScenarioTemplate? Arguments);
