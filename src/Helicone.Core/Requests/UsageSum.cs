using System;
using System.Linq;
using Helicone.Chat;

namespace Helicone.Requests;

/// <summary>Adds up calls.</summary>
internal sealed class UsageSum(UsageClock clock)
{
    private readonly UsageInterval[] _intervals = [.. clock.Starts.Select(static start => new UsageInterval { Start = start })];
    private long _requests;
    private long _failed;
    private long _promptTokens;
    private long _completionTokens;
    private long _tokens;
    private long _unpriced;
    private long _hits;
    private decimal? _cost;

    public void Add(LoggedRequest request)
    {
        _requests++;
        _failed += request.Status is < 0 or >= 400 ? 1 : 0;
        _promptTokens += request.PromptTokens ?? 0;
        _completionTokens += request.CompletionTokens ?? 0;
        _tokens += request.TotalTokens ?? (request.PromptTokens ?? 0) + (request.CompletionTokens ?? 0);
        _hits += request.CacheStatus == CacheStatus.Hit ? 1 : 0;
        bool isUnpriced = IsUnpriced(request);
        _unpriced += isUnpriced ? 1 : 0;

        // A call that a model didn't answer cost nothing, and that is known.
        decimal? cost = isUnpriced ? null : request.Cost ?? 0;
        _cost = Sum(_cost, cost);
        int index = clock.IndexOf(request.Created);
        if (index >= 0)
        {
            UsageInterval interval = _intervals[index];
            _intervals[index] = interval with { Requests = interval.Requests + 1, Cost = Sum(interval.Cost, cost), UnpricedRequests = interval.UnpricedRequests + (isUnpriced ? 1 : 0) };
        }
    }

    public LoggedUsage ToUsage(string group, string? name, bool isAscii) => new()
    {
        Group = group,
        Name = name,
        Requests = _requests,
        Failed = _failed,
        PromptTokens = _promptTokens,
        CompletionTokens = _completionTokens,
        Tokens = _tokens,
        Cost = _requests == 0 ? 0 : _cost,
        UnpricedRequests = _unpriced,
        CacheHits = _hits,
        Trend = new UsageTrend(_intervals, isAscii),
        Since = clock.Since,
        Until = clock.Until,
    };

    private static decimal? Sum(decimal? sum, decimal? cost) => cost is null ? sum : (sum ?? 0) + cost;

    // As the local gateway counts them: a model answered, at least in part, and the cost isn't known. Steps of tools and databases have no price.
    private static bool IsUnpriced(LoggedRequest request) => request.Cost is null
        && !(request.Model is { } model && (model.StartsWith("tool:", StringComparison.Ordinal) || model.StartsWith("vector_db:", StringComparison.Ordinal) || model.StartsWith("data:", StringComparison.Ordinal)))
        && (request.Status is -3 or (>= 200 and < 400) || request.TimeToFirstToken is not null);
}
