using System;
using System.Collections.Generic;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Helicone.LocalGateway.Log;

/// <summary>What the writer can do within a transaction. Only its thread may.</summary>
internal sealed class LogSession : IDisposable
{
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _rollback;
    private readonly Statement _insertCall;
    private readonly Statement _insertBody;
    private readonly Statement _insertProperty;
    private readonly Statement _lastId;
    private readonly Statement _findCall;
    private readonly Dictionary<string, Statement> _others = [];

    public LogSession(SqliteConnection connection)
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
              session_id, session_name, session_path, user_id, path, target_url, body_mapping, prompt_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """);
        _insertBody = new Statement(connection, "INSERT INTO body (call_id, request, response) VALUES (?, ?, ?)");
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
            .Run();
        long call = _lastId.Begin().Run()!.Value;
        if (entry.RequestBody is not null || entry.ResponseBody is not null)
        {
            _insertBody.Begin().Bind(call).Bind(entry.RequestBody).Bind(entry.ResponseBody).Run();
        }

        foreach (KeyValuePair<string, string> property in entry.Properties)
        {
            _insertProperty.Begin().Bind(call).Bind(property.Key.ToLowerInvariant()).Bind(property.Key).Bind(property.Value).Bind(createdAt).Run();
        }
    }

    public void Dispose()
    {
        foreach (Statement statement in (Statement[])[_begin, _commit, _rollback, _insertCall, _insertBody, _insertProperty, _lastId, _findCall, .. _others.Values])
        {
            statement.Dispose();
        }

        Connection.Dispose();
    }
}
