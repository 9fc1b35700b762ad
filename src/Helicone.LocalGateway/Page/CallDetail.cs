using System;
using System.Collections.Generic;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Query;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Page;

/// <summary>A call with all that is known of it.</summary>
internal sealed record CallDetail(CallSummary Call)
{
    public string? RequestedModel { get; private init; }

    public string? ServedModel { get; private init; }

    public string? ModelOverride { get; private init; }

    public long Attempts { get; private init; }

    public long? TimeToFirstToken { get; private init; }

    public long? CacheReadTokens { get; private init; }

    public long? CacheWriteTokens { get; private init; }

    public long? ReasoningTokens { get; private init; }

    /// <summary>Indicates whether the provider reported token counts beyond belief, which were capped.</summary>
    public bool IsImplausible { get; private init; }

    public bool CacheEnabled { get; private init; }

    /// <summary>The call whose answer this is.</summary>
    public string? CacheReference { get; private init; }

    public string? Path { get; private init; }

    public string? TargetUrl { get; private init; }

    public bool? Feedback { get; private init; }

    public List<(string Name, string Value)> Properties { get; } = [];

    public List<(string Name, double Value)> Scores { get; } = [];

    /// <summary>Who was asked and did not answer.</summary>
    public List<FailedAttempt> FailedAttempts { get; } = [];

    /// <summary>Its bodies; <see langword="null"/> when the log doesn't contain them.</summary>
    public byte[]? Request { get; private init; }

    public byte[]? Response { get; private init; }

    /// <summary>The call of that id.</summary>
    public static CallDetail? Read(SqliteConnection connection, Guid id)
    {
        using Statement row = new Sql($"""
            SELECT {CallSummary.Columns}, c.requested_model, c.served_model, c.model_override, c.attempts, c.ttft_ms, c.cache_read_tokens, c.cache_write_tokens,
              c.reasoning_tokens, c.cache_enabled, c.cache_reference, c.path, c.target_url, c.feedback, b.request, b.response, c.implausible
            FROM call c LEFT JOIN body b ON b.call_id = c.id WHERE c.request_id = ?
            """, id.ToByteArray(bigEndian: true)).Prepare(connection);
        if (!row.Next())
        {
            return null;
        }

        CallDetail detail = new(CallSummary.Read(row))
        {
            RequestedModel = Text(row, 16),
            ServedModel = Text(row, 17),
            ModelOverride = Text(row, 18),
            Attempts = row.Number(19),
            TimeToFirstToken = Number(row, 20),
            CacheReadTokens = Number(row, 21),
            CacheWriteTokens = Number(row, 22),
            ReasoningTokens = Number(row, 23),
            CacheEnabled = row.Number(24) != 0,
            CacheReference = Text(row, 25),
            Path = Text(row, 26),
            TargetUrl = Text(row, 27),
            Feedback = Number(row, 28) is { } feedback ? feedback != 0 : null,
            Request = row.IsNull(29) ? null : StoredBody.Restore(row.Bytes(29)).ToArray(),
            Response = row.IsNull(30) ? null : StoredBody.Restore(row.Bytes(30)).ToArray(),
            IsImplausible = row.Number(31) != 0,
        };
        using Statement property = new Sql("SELECT name, value FROM property WHERE call_id = ?", detail.Call.Number).Prepare(connection);
        while (property.Next())
        {
            detail.Properties.Add((property.Text(0), property.Text(1)));
        }

        using Statement score = new Sql("SELECT name, value FROM score WHERE call_id = ?", detail.Call.Number).Prepare(connection);
        while (score.Next())
        {
            detail.Scores.Add((score.Text(0), score.Real(1)));
        }

        using Statement attempt = new Sql("SELECT number, source, status, type, message, latency_ms FROM attempt WHERE call_id = ? ORDER BY number", detail.Call.Number).Prepare(connection);
        while (attempt.Next())
        {
            detail.FailedAttempts.Add(new FailedAttempt((int)attempt.Number(0), attempt.Text(1), (int)attempt.Number(2), attempt.Text(3), Text(attempt, 4), TimeSpan.FromMilliseconds(attempt.Number(5))));
        }

        return detail;
    }

    private static string? Text(Statement row, int column) => row.IsNull(column) ? null : row.Text(column);

    private static long? Number(Statement row, int column) => row.IsNull(column) ? null : row.Number(column);
}
