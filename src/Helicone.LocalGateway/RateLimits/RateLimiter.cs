using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Attribution;
using Helicone.LocalGateway.Log;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Helicone.LocalGateway.RateLimits;

/// <summary>Custom rate limits (<c>Helicone-RateLimit-Policy</c>).</summary>
/// <remarks>
/// It counts in memory and writes down once a second what changed: a kill -9 forgets what the last second used up, an orderly end forgets
/// nothing. It fails open, as Helicone's does: a policy that cannot be read, a header that is missing or a file that is broken limits nobody.
/// </remarks>
internal sealed class RateLimiter : IAsyncDisposable
{
    // Those in memory; the rest is in the file and comes back when somebody asks for it.
    private const int MostInMemory = 50_000;

    private const int MostPolicies = 1000;

    private static readonly TimeSpan s_flushInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_cleanInterval = TimeSpan.FromMinutes(10);

    private readonly Lock _turn = new();
    private readonly Dictionary<string, TokenBucket> _buckets = [];
    private readonly ConcurrentDictionary<string, RateLimitPolicy?> _policies = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _unpriced = new(StringComparer.OrdinalIgnoreCase);
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BucketFile? _file;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _flushing;
    private DateTimeOffset _cleanedAt;
    private bool _isBroken;

    public RateLimiter(string path, TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        try
        {
            _file = new BucketFile(path);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            Report(e);
        }

        _flushing = FlushRegularlyAsync();
    }

    /// <summary>Asks for a call. Requests are counted at once; cents only have to be left, and are counted when the answer has its price.</summary>
    /// <returns><see langword="null"/> when nothing limits it.</returns>
    public RateLimitAdmission? Admit(IHeaderDictionary headers)
    {
        string text = headers["Helicone-RateLimit-Policy"].ToString();
        if (text.Length == 0 || Read(text) is not { } policy || RateLimitSegment.KeyOf(policy, headers) is not { } key)
        {
            return null;
        }

        bool counts = policy.Unit == RateLimitUnit.Request;
        lock (_turn)
        {
            TokenBucket bucket = Find(policy, key);
            bool isAllowed = counts ? bucket.Tokens >= 1 : bucket.Tokens > 0;
            if (isAllowed && counts)
            {
                bucket.Take(policy, 1);
            }

            return new RateLimitAdmission(policy, key, isAllowed, (long)Math.Max(0, Math.Floor(bucket.Tokens)), bucket.SecondsUntilFull(policy));
        }
    }

    /// <summary>Counts the cost of a call that was admitted to spend cents.</summary>
    /// <remarks>An unknown cost can't be counted, as on Helicone's cloud. It is reported once for each model, so that no one relies on the limit.</remarks>
    public void Record(RateLimitAdmission admission, LogEntry entry)
    {
        if (admission.Policy.Unit != RateLimitUnit.Cents)
        {
            return;
        }

        if (entry.Cost is { } dollars && dollars > 0)
        {
            lock (_turn)
            {
                Find(admission.Policy, admission.Key).Take(admission.Policy, (double)(dollars * 100));
            }
        }
        else if (entry.IsUnpriced && _unpriced.Count < MostPolicies && _unpriced.TryAdd(entry.Model, true))
        {
            GatewayLog.SpendingNotCounted(_logger, entry.Model);
        }
    }

    /// <summary>Writes down what is left of everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _flushing;
        await Task.Run(Flush);
        _file?.Dispose();
        _ending.Dispose();
    }

    /// <summary>The policy as Helicone reads it. A script sends the same one with every call.</summary>
    private RateLimitPolicy? Read(string text)
    {
        if (!_policies.TryGetValue(text, out RateLimitPolicy? policy))
        {
            policy = TryParse(text);
            if (_policies.Count < MostPolicies)
            {
                _policies.TryAdd(text, policy);
            }
        }

        return policy;
    }

    /// <summary>Without regard to case, and with the segment's name in lower case.</summary>
    private static RateLimitPolicy? TryParse(string text)
    {
        try
        {
            RateLimitPolicy policy = RateLimitPolicy.Parse(text.Trim());
            return policy.Segment is null ? policy : new RateLimitPolicy(policy.Quota, policy.Window, policy.Unit, policy.Segment.ToLowerInvariant());
        }
        catch (FormatException)
        {
            // Fails open, and without a header. A client that checks its policies never gets here.
            return null;
        }
    }

    private TokenBucket Find(RateLimitPolicy policy, string key)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (!_buckets.TryGetValue(key, out TokenBucket? bucket))
        {
            bucket = Load(key) ?? TokenBucket.Full(policy, now);
            _buckets.Add(key, bucket);
        }

        bucket.Refill(policy, now);
        return bucket;
    }

    private TokenBucket? Load(string key)
    {
        try
        {
            return _file?.Load(key);
        }
        catch (SqliteException e)
        {
            Report(e);
            return null;
        }
    }

    private async Task FlushRegularlyAsync()
    {
        // The machine's own clock, whatever clock the limits go by.
        using PeriodicTimer timer = new(s_flushInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token))
            {
                Flush();
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway ends.
        }
    }

    private void Flush()
    {
        List<BucketRow> rows;
        lock (_turn)
        {
            rows = [.. _buckets.Where(b => b.Value.IsDirty).Select(b => BucketRow.Of(b.Key, b.Value))];
            foreach (BucketRow row in rows)
            {
                _buckets[row.Key].IsDirty = false;
            }
        }

        bool isSaved = TrySave(rows);
        lock (_turn)
        {
            if (!isSaved)
            {
                foreach (BucketRow row in rows)
                {
                    if (_buckets.TryGetValue(row.Key, out TokenBucket? bucket))
                    {
                        bucket.IsDirty = true;
                    }
                }
            }

            Forget(isSaved);
        }
    }

    private bool TrySave(List<BucketRow> rows)
    {
        DateTimeOffset now = _time.GetUtcNow();
        bool cleans = now - _cleanedAt >= s_cleanInterval;
        if (_file is null || (rows.Count == 0 && !cleans))
        {
            return _file is not null;
        }

        try
        {
            _file.Save(rows, cleans ? now : null);
            _cleanedAt = cleans ? now : _cleanedAt;
            Report(null);
            return true;
        }
        catch (SqliteException e)
        {
            Report(e);
            return false;
        }
    }

    /// <summary>Keeps the memory bounded: what is written down need not be remembered too, and where nothing can be written, those that are full are no loss.</summary>
    private void Forget(bool isSaved)
    {
        if (_buckets.Count <= MostInMemory)
        {
            return;
        }

        DateTimeOffset now = _time.GetUtcNow();
        foreach (string key in _buckets.Where(b => isSaved ? !b.Value.IsDirty : b.Value.FullAt <= now).Select(b => b.Key).ToArray())
        {
            _buckets.Remove(key);
        }

        if (!isSaved && _buckets.Count > MostInMemory)
        {
            _buckets.Clear();
        }
    }

    /// <summary>Once for each time that it breaks.</summary>
    private void Report(Exception? failure)
    {
        if (failure is not null && !_isBroken)
        {
            GatewayLog.RateLimitsFailed(_logger, failure.Message);
        }

        _isBroken = failure is not null;
    }
}
