using System;
using Helicone.LocalGateway.Log;

namespace Helicone.LocalGateway.Page;

/// <summary>A call as lists show it.</summary>
internal sealed record CallSummary(long Number, Guid Id, long CreatedAt, long LatencyMs, string Model, string? Provider, long Status, long? PromptTokens, long? CompletionTokens, double? Cost, bool IsCached, string? SessionId, string? SessionName, string? SessionPath, string? UserId, bool IsUnpriced)
{
    public const string Columns = """
        c.id, c.request_id, c.created_at, c.latency_ms, c.model, c.provider, c.status, c.prompt_tokens, c.completion_tokens, c.cost,
        c.cache_reference IS NOT NULL, c.session_id, c.session_name, c.session_path, c.user_id, c.unpriced
        """;

    /// <summary>What it was asked, where that is short enough to look at for a list.</summary>
    public string? Prompt { get; init; }

    /// <summary>Its place in the order of time.</summary>
    public string Key => KeyOf(CreatedAt, Number);

    public static string KeyOf(long time, long number) => $"{time}-{number}";

    public static CallSummary Read(Statement row) => new(
        row.Number(0),
        new Guid(row.Bytes(1), bigEndian: true),
        row.Number(2),
        row.Number(3),
        row.Text(4),
        Text(row, 5),
        row.Number(6),
        row.IsNull(7) ? null : row.Number(7),
        row.IsNull(8) ? null : row.Number(8),
        row.IsNull(9) ? null : row.Real(9),
        row.Number(10) != 0,
        Text(row, 11),
        Text(row, 12),
        Text(row, 13),
        Text(row, 14),
        row.Number(15) != 0);

    private static string? Text(Statement row, int column) => row.IsNull(column) ? null : row.Text(column);
}
