namespace Helicone.Pester.Tests;

/// <summary>What Pester reports about an <c>It</c>. <paramref name="Problem"/> is empty or the text of its errors.</summary>
public sealed record PesterResult(string Name, string Result, string Problem);
