using System;
using System.Collections.Generic;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Helicone.LocalGateway.Log;

/// <summary>What the writer can do within a transaction. Only its thread may.</summary>
internal sealed class LogTransaction : IDisposable
{
    /// <summary>How many milliseconds of calls one row of usage adds up.</summary>
    public const long UsageSlot = 360_000;

    /// <summary>The same for a row of user_hour.</summary>
    public const long UserSlot = 3_600_000;

    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _rollback;
    private readonly Statement _insertCall;
    private readonly Statement _insertBody;
    private readonly Statement _insertProperty;
    private readonly Statement _addUsage;
    private readonly Statement _addUser;
    private readonly Statement _lastId;
    private readonly Statement _findCall;
    private readonly Dictionary<string, Statement> _others = [];

    public LogTransaction(SqliteConnection connection)
    {
        Connection = connection;
        _begin = new Statement(connection, "BEGIN IMMEDIATE");
        _commit = new Statement(connection, "COMMIT");
        _rollback = new Statement(connection, "ROLLBACK");
        _lastId = new Statement(connection, "SELECT last_insert_rowid()");
        _findCall = new Statement(connection, "SELECT id FROM call WHERE request_id = ?");
        _insertCall = new Statement(connection, """
            INSERT INTO call (request_id, created_at, latency_ms, ttft_ms, requested_model, served_model, model_override, model, provider, attempts, status,
              prompt_tokens, completion_tokens, total_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost, cache_enabled, cache_reference,
              session_id, session_name, session_path, user_id, path, target_url, body_mapping, prompt_id, unpriced, implausible)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """);
        _insertBody = new Statement(connection, "INSERT INTO body (call_id, request, response) VALUES (?, ?, ?)");
        _addUsage = new Statement(connection, """
            INSERT INTO usage (slot, model, latency, calls, failed, hits, tokens, cost, unpriced) VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET calls = calls + 1, failed = failed + excluded.failed, hits = hits + excluded.hits, tokens = tokens + excluded.tokens, cost = cost + excluded.cost,
              unpriced = unpriced + excluded.unpriced
            """);
        _addUser = new Statement(connection, """
            INSERT INTO user_hour (hour, user_id, first_at, last_at, calls, prompt_tokens, completion_tokens, total_tokens, cost, unpriced) VALUES (?1, ?2, ?3, ?3, 1, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT DO UPDATE SET first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at), calls = calls + 1,
              prompt_tokens = prompt_tokens + excluded.prompt_tokens, completion_tokens = completion_tokens + excluded.completion_tokens,
              total_tokens = total_tokens + excluded.total_tokens, cost = cost + excluded.cost, unpriced = unpriced + excluded.unpriced
            """);
        _insertProperty = new Statement(connection, "INSERT INTO property (call_id, key, name, value, created_at) VALUES (?, ?, ?, ?, ?)");
    }

    public SqliteConnection Connection { get; }

    public void Begin() => _begin.Begin().Run();

    public void Commit() => _commit.Begin().Run();

    /// <summary>Undoes what was begun; some failures have done so already.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(Connection.Handle!) == 0)
        {
            _rollback.Begin().Run();
        }
    }

    /// <summary>The call of that id.</summary>
    public long? Find(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return _findCall.Begin().Bind(bytes).Run();
    }

    /// <summary>A statement of anybody's, prepared once.</summary>
    public Statement Prepare(string sql)
    {
        if (!_others.TryGetValue(sql, out Statement? statement))
        {
            statement = new Statement(Connection, sql);
            _others.Add(sql, statement);
        }

        return statement.Begin();
    }

    public void Insert(LogEntry entry)
    {
        Span<byte> id = stackalloc byte[16];
        entry.Id.TryWriteBytes(id, bigEndian: true, out _);
        long createdAt = entry.CreatedAt.ToUnixTimeMilliseconds();
        _insertCall.Begin()
            .Bind(id)
            .Bind(createdAt)
            .Bind((long)entry.Latency.TotalMilliseconds)
            .Bind((long?)entry.TimeToFirstToken?.TotalMilliseconds)
            .Bind(entry.RequestedModel)
            .Bind(entry.ServedModel)
            .Bind(entry.ModelOverride)
            .Bind(entry.Model)
            .Bind(entry.Provider)
            .Bind(entry.Attempts)
            .Bind(entry.Status)
            .Bind(entry.Usage?.PromptTokens)
            .Bind(entry.Usage?.CompletionTokens)
            .Bind(entry.Usage?.TotalTokens)
            .Bind(entry.Usage?.CachedTokens)
            .Bind(entry.Usage?.CacheWriteTokens)
            .Bind(entry.Usage?.ReasoningTokens)
            .Bind((double?)entry.Cost)
            .Bind(entry.CacheEnabled ? 1 : 0)
            .Bind(entry.CacheReference)
            .Bind(entry.SessionId)
            .Bind(entry.SessionName)
            .Bind(entry.SessionPath)
            .Bind(entry.UserId)
            .Bind(entry.Path)
            .Bind(entry.TargetUrl)
            .Bind(entry.BodyMapping)
            .Bind(entry.PromptId)
            .Bind(entry.IsUnpriced ? 1 : 0)
            .Bind(entry.Usage?.IsImplausible == true ? 1 : 0)
            .Run();
        long call = _lastId.Begin().Run()!.Value;
        _addUsage.Begin()
            .Bind(createdAt / UsageSlot)
            .Bind(entry.Model)
            .Bind(LatencyClass.Of(entry.Latency.TotalMilliseconds))
            .Bind(entry.Status is >= 200 and < 400 ? 0 : 1)
            .Bind(entry.CacheReference is null ? 0 : 1)
            .Bind(entry.Usage?.TotalTokens ?? 0)
            .Bind((double?)entry.Cost ?? 0)
            .Bind(entry.IsUnpriced ? 1 : 0)
            .Run();
        if (entry.UserId is { } user)
        {
            _addUser.Begin()
                .Bind(createdAt / UserSlot)
                .Bind(user)
                .Bind(createdAt)
                .Bind(entry.Usage?.PromptTokens ?? 0)
                .Bind(entry.Usage?.CompletionTokens ?? 0)
                .Bind(entry.Usage?.TotalTokens ?? 0)
                .Bind((double?)entry.Cost ?? 0)
                .Bind(entry.IsUnpriced ? 1 : 0)
                .Run();
        }

        if (entry.RequestBody is not null || entry.ResponseBody is not null)
        {
            _insertBody.Begin().Bind(call).Bind(StoredBody.ForInsert(entry.RequestBody)).Bind(StoredBody.ForInsert(entry.ResponseBody)).Run();
            _insertBody.Forget();
        }

        foreach (FailedAttempt attempt in entry.FailedAttempts)
        {
            Prepare("INSERT INTO attempt (call_id, number, source, status, type, message, latency_ms) VALUES (?, ?, ?, ?, ?, ?, ?)")
                .Bind(call)
                .Bind(attempt.Number)
                .Bind(attempt.Source)
                .Bind(attempt.Status)
                .Bind(attempt.Type)
                .Bind(attempt.Message)
                .Bind((long)attempt.Latency.TotalMilliseconds)
                .Run();
        }

        foreach (KeyValuePair<string, string> property in entry.Properties)
        {
            _insertProperty.Begin().Bind(call).Bind(property.Key.ToLowerInvariant()).Bind(property.Key).Bind(property.Value).Bind(createdAt).Run();
        }
    }

    /// <summary>Deletes up to so many of the oldest calls that are older than that time, with all that hangs on them.</summary>
    /// <returns>How many there were.</returns>
    public int DeleteOldest(int most, long before)
    {
        List<long> calls = [];
        HashSet<string> sessions = [];
        Statement oldest = Prepare("SELECT id, session_id FROM call WHERE created_at < ? ORDER BY created_at LIMIT ?").Bind(before).Bind(most);
        while (oldest.Next())
        {
            calls.Add(oldest.Number(0));
            if (!oldest.IsNull(1))
            {
                sessions.Add(oldest.Text(1));
            }
        }

        oldest.Reset();
        foreach (long call in calls)
        {
            Prepare("DELETE FROM property WHERE call_id = ?").Bind(call).Run();
            Prepare("DELETE FROM score WHERE call_id = ?").Bind(call).Run();
            Prepare("DELETE FROM attempt WHERE call_id = ?").Bind(call).Run();
            Prepare("DELETE FROM body WHERE call_id = ?").Bind(call).Run();
            TakeFromUser(call);
            Prepare("DELETE FROM call WHERE id = ?").Bind(call).Run();
        }

        if (calls.Count > 0)
        {
            // The ids of the last calls are used again.
            Prepare("UPDATE compressed SET upto = min(upto, ifnull((SELECT max(id) FROM call), 0))").Run();
        }

        foreach (string session in sessions)
        {
            Prepare("DELETE FROM session_tag WHERE session_id = ?1 AND NOT EXISTS (SELECT 1 FROM call WHERE session_id = ?1)").Bind(session).Run();
        }

        return calls.Count;
    }

    /// <summary>Puts compressed bodies in the place of their originals, and notes up to which call that has been done.</summary>
    public bool Compress(IReadOnlyList<CompressedCall> calls, long upTo)
    {
        Statement update = Prepare("UPDATE body SET request = ifnull(?2, request), response = ifnull(?3, response) WHERE call_id = ?1");
        foreach (CompressedCall call in calls)
        {
            update.Begin().Bind(call.Id).Bind(call.Request).Bind(call.Response).Run();
        }

        update.Forget();
        Prepare("UPDATE compressed SET upto = ?").Bind(upTo).Run();
        return true;
    }

    /// <summary>The oldest call of an hour goes: what its user has there becomes less, and begins with the next one.</summary>
    private void TakeFromUser(long call)
    {
        Prepare("""
            UPDATE user_hour SET calls = calls - 1, prompt_tokens = user_hour.prompt_tokens - ifnull(c.prompt_tokens, 0),
              completion_tokens = user_hour.completion_tokens - ifnull(c.completion_tokens, 0), total_tokens = user_hour.total_tokens - ifnull(c.total_tokens, 0),
              cost = user_hour.cost - ifnull(c.cost, 0), unpriced = user_hour.unpriced - c.unpriced,
              first_at = ifnull((SELECT min(n.created_at) FROM call n WHERE n.user_id = c.user_id AND n.created_at BETWEEN c.created_at AND user_hour.last_at AND n.id <> c.id), first_at)
            FROM call c WHERE c.id = ? AND user_hour.hour = c.created_at / ? AND user_hour.user_id = c.user_id
            """).Bind(call).Bind(UserSlot).Run();
        Prepare("DELETE FROM user_hour WHERE calls = 0 AND (hour, user_id) = (SELECT created_at / ?, user_id FROM call WHERE id = ?)").Bind(UserSlot).Bind(call).Run();
    }

    /// <summary>Deletes up to so many of the oldest calls while the file holds more than that many bytes; no more of them than will be enough.</summary>
    /// <returns>How many there were.</returns>
    public int DeleteBeyond(long mostBytes, int most)
    {
        long used = (Number("PRAGMA page_count") - Number("PRAGMA freelist_count")) * Number("PRAGMA page_size");

        // The numbers of the calls follow each other: what lies between the first and the last is how many there are, more or less.
        if (used <= mostBytes || Prepare("SELECT max(id) - min(id) + 1 FROM call").Run() is not { } calls)
        {
            return 0;
        }

        return DeleteOldest((int)Math.Clamp((used - mostBytes) * calls / used, 1, most), long.MaxValue);
    }

    /// <summary>Removes the totals of calls that were deleted.</summary>
    public bool ForgetUsageBeforeOldest()
    {
        Prepare("DELETE FROM usage WHERE slot < ifnull((SELECT min(created_at) FROM call) / ?, 9e18)").Bind(UsageSlot).Run();
        return true;
    }

    /// <summary>Indicates whether an eighth of the file is free, or it is larger than it may be and some of it is free.</summary>
    public bool IsLargerThanNeeded(long most)
    {
        long pages = Number("PRAGMA page_count");
        long free = Number("PRAGMA freelist_count");
        return free > pages / 8 || (free > 0 && pages * Number("PRAGMA page_size") > most);
    }

    /// <summary>Cuts up to so many free pages off the file.</summary>
    /// <returns>Indicates whether there were any: a file of an older gateway cannot be cut.</returns>
    public bool GiveBack(int pages)
    {
        long before = Number("PRAGMA page_count");

        // A page a step.
        Statement vacuum = Prepare(FormattableString.Invariant($"PRAGMA incremental_vacuum({pages})"));
        while (vacuum.Next())
        {
        }

        vacuum.Reset();
        return Number("PRAGMA page_count") < before;
    }

    private long Number(string pragma) => Prepare(pragma).Run() ?? 0;

    public void Dispose()
    {
        foreach (Statement statement in (Statement[])[_begin, _commit, _rollback, _insertCall, _insertBody, _insertProperty, _addUsage, _addUser, _lastId, _findCall, .. _others.Values])
        {
            statement.Dispose();
        }

        Connection.Dispose();
    }
}
