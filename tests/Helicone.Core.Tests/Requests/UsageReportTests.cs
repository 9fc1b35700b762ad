using Helicone.Requests;

namespace Helicone.Core.Tests.Requests;

/// <summary>Sums of the log.</summary>
public sealed class UsageReportTests
{
    private static readonly DateTime s_until = new(2026, 1, 31, 12, 0, 0, DateTimeKind.Local);

    [Fact]
    public void UnknownCost_IsNeverZero_AndIsCounted()
    {
        LoggedUsage usage = Sum(Call(cost: 0.5m), Call(cost: null), Call(cost: null, model: "x"))[0];

        Assert.Equal((3, 0.5m, 2), (usage.Requests, usage.Cost, usage.UnpricedRequests));
        Assert.Null(Sum(Call(cost: null))[0].Cost);
    }

    [Theory]
    [InlineData(200, 0, 1)]
    [InlineData(-3, 1, 1)]
    [InlineData(429, 1, 0)]
    [InlineData(500, 1, 0)]
    [InlineData(-2, 1, 0)]
    public void CallWithoutAnAnswer_CostsNothing_AndFailed(int status, long failed, long unpriced)
    {
        LoggedUsage usage = Sum(Call(cost: null) with { Status = status })[0];

        Assert.Equal((failed, unpriced), (usage.Failed, usage.UnpricedRequests));
    }

    [Fact]
    public void StepOfATool_HasNoPrice()
    {
        Assert.Equal(0m, Sum(Call(cost: null, model: "tool:Get-Process"))[0].Cost);
    }

    [Fact]
    public void NoCalls_AreOneSumOfZero_OrNoGroups()
    {
        Assert.Equal((0, 0m), (Sum()[0].Requests, Sum()[0].Cost));
        Assert.Empty(new UsageReport(s_until.AddDays(-1), s_until, "Model", null, false).ToUsage());
    }

    [Fact]
    public void Groups_AreSortedByCost_AndCallsWithoutANameAreOne()
    {
        UsageReport report = new(s_until.AddDays(-7), s_until, "Property", "Team", false);
        report.Add(Call(cost: 1, team: "ops"));
        report.Add(Call(cost: 2, team: null));
        report.Add(Call(cost: 3, team: "dev"));
        report.Add(Call(cost: 4, team: "(none)"));

        IReadOnlyList<LoggedUsage> groups = report.ToUsage();

        Assert.Equal(["(none)", "dev", "(none)", "ops"], groups.Select(group => group.Group));
        Assert.Equal(["(none)", "dev", null, "ops"], groups.Select(group => group.Name));
    }

    [Fact]
    public void HostileName_IsShown_AndStaysOnTheObject()
    {
        UsageReport report = new(s_until.AddDays(-7), s_until, "User", null, false);
        report.Add(Call(cost: 1) with { UserId = "\u001b[2J\u202e" });

        LoggedUsage group = Assert.Single(report.ToUsage());

        Assert.Equal("\u241b[2J\u27e6U+202E\u27e7", group.Group);
        Assert.Equal("\u001b[2J\u202e", group.Name);
    }

    [Fact]
    public void Days_AreAllThere_OldestFirst()
    {
        UsageReport report = new(s_until.AddDays(-2), s_until, "Day", null, false);
        report.Add(Call(cost: 1));

        Assert.Equal(["2026-01-29", "2026-01-30", "2026-01-31"], report.ToUsage().Select(day => day.Group));
        Assert.Equal([0, 0, 1], report.ToUsage().Select(day => day.Requests));
    }

    [Theory]
    [InlineData(false, "·▁·█·?··")]
    [InlineData(true, " _ # ?  ")]
    public void Trend_TellsNoCalls_UnknownCost_AndHeightApart(bool isAscii, string bars)
    {
        UsageReport report = new(s_until.Date.AddHours(-8), s_until.Date, null, null, isAscii);
        report.Add(Call(cost: 0) with { CreatedAt = s_until.Date.AddHours(-7).AddMinutes(5) });
        report.Add(Call(cost: 8) with { CreatedAt = s_until.Date.AddHours(-5).AddMinutes(5) });
        report.Add(Call(cost: null) with { CreatedAt = s_until.Date.AddHours(-3).AddMinutes(5) });

        UsageTrend trend = report.ToUsage()[0].Trend;

        string text = trend.ToString();
        Assert.Equal(bars, trend.Intervals.Count == 8 ? text : string.Concat(text.Where((_, i) => i % 2 == 0)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(60 * 24)]
    [InlineData(60 * 24 * 7)]
    [InlineData(60 * 24 * 30)]
    [InlineData(60 * 24 * 365)]
    [InlineData(60 * 24 * 365 * 50)]
    public void Trend_HasAtMost16Bars_AndEveryCallOfTheTimeSpanIsInOne(int minutes)
    {
        DateTime since = s_until.AddMinutes(-minutes);
        UsageReport report = new(since, s_until, null, null, false);
        DateTime[] times = [since, since.AddMinutes(minutes / 2), s_until.AddMinutes(minutes == 0 ? 0 : -0.5)];
        foreach (DateTime time in times)
        {
            report.Add(Call(cost: 1) with { CreatedAt = time });
        }

        UsageTrend trend = report.ToUsage()[0].Trend;

        Assert.InRange(trend.Intervals.Count, 1, 16);
        Assert.Equal(times.Length, trend.Intervals.Sum(interval => interval.Requests));
    }

    [Fact]
    public void EndBeforeTheBeginning_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => new UsageReport(s_until, s_until.AddDays(-1), null, null, false));
    }

    private static IReadOnlyList<LoggedUsage> Sum(params LoggedRequest[] calls)
    {
        UsageReport report = new(s_until.AddDays(-7), s_until, null, null, false);
        Array.ForEach(calls, report.Add);
        return report.ToUsage();
    }

    private static LoggedRequest Call(decimal? cost, string model = "gpt-4o-mini", string? team = "ops") => new()
    {
        RequestId = Guid.NewGuid().ToString(),
        CreatedAt = s_until.AddHours(-1),
        Model = model,
        Status = 200,
        Cost = cost,
        Properties = team is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["Team"] = team },
    };
}
