namespace Helicone.Reports;

/// <summary>What the calls of a script came to.</summary>
public sealed class RunSummary
{
    internal RunSummary()
    {
    }

    /// <summary>The number of calls: answers and errors.</summary>
    public int Calls { get; internal set; }

    /// <summary>The number of calls that failed.</summary>
    public int Failed { get; internal set; }

    /// <summary>The number of answers that came from the cache.</summary>
    public int CacheHits { get; internal set; }

    /// <summary>The number of tokens.</summary>
    public long Tokens { get; internal set; }

    /// <summary>The cost in US dollars, without the calls counted in <see cref="UnpricedCalls"/>.</summary>
    public decimal Cost { get; internal set; }

    /// <summary>The number of calls whose cost is unknown and not included in <see cref="Cost"/>.</summary>
    public int UnpricedCalls { get; internal set; }

    /// <summary>The reasons for an exit code other than 0.</summary>
    public string Reason => string.Join(" ", Reasons);

    /// <summary>The exit code for the script: 0, or 1 when <c>-FailOn</c> or <c>-MaxTotalCost</c> says so.</summary>
    public int ExitCode => Reasons.Length == 0 ? 0 : 1;

    internal string[] Reasons { get; set; } = [];

    /// <summary>The cost with what it leaves out: <c>$0.0723 + 2?</c>.</summary>
    public string Total => Formatting.Cell.Total(Cost, UnpricedCalls);

    /// <summary>The calls, failures, and cost.</summary>
    public override string ToString() => System.FormattableString.Invariant($"{Calls:N0} calls, {Failed:N0} failed, {Tokens:N0} tokens, {Total}");
}
