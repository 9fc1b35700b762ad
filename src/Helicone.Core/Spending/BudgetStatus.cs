namespace Helicone.Spending;

/// <summary>A spending ceiling at the moment when it refused a call. All amounts are US dollars.</summary>
/// <param name="Limit">The ceiling.</param>
/// <param name="Spent">The cost of the finished calls.</param>
/// <param name="Reserved">The highest cost of the calls in flight.</param>
/// <param name="Refused">The highest cost of the call that was refused.</param>
public sealed record BudgetStatus(decimal Limit, decimal Spent, decimal Reserved, decimal Refused);
