namespace Helicone.Pester.Tests;

/// <summary>What Pester reports about a file. <paramref name="Problem"/> is empty or the text of errors that belong to no single test.</summary>
public sealed record PesterFile(string File, IReadOnlyList<PesterResult> Tests, string Problem);
