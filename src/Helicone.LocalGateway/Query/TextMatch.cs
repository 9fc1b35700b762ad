using System;
using System.Linq;
using Helicone.LocalGateway.Log;

namespace Helicone.LocalGateway.Query;

/// <summary>The operators on texts. There is no missing text: what a call does not have is empty, as in ClickHouse.</summary>
internal static class TextMatch
{
    // A pattern costs its length times the text's.
    private const int LongestPattern = 10_000;

    // From here on SQLite's own LIKE, which tries every way, may take for ever.
    private const int MostRuns = 4;

    /// <summary>What holds for a text.</summary>
    /// <param name="expression">SQL for it; may be NULL.</param>
    /// <param name="operation">The filter's word for how to compare.</param>
    /// <param name="value">With what.</param>
    public static Sql For(string expression, string operation, string value) => operation switch
    {
        // An index serves an equation with the column itself only.
        "equals" => value.Length > 0 ? new Sql(expression + " = ?", value) : new Sql($"ifnull({expression}, '') = ''"),
        "not-equals" => new Sql($"ifnull({expression}, '') <> ?", value),
        "like" => Like(expression, value, ignoreCase: false),
        "ilike" => Like(expression, value, ignoreCase: true),
        "contains" => Like(expression, $"%{value}%", ignoreCase: true),
        "not-contains" => new Sql("NOT (").Add(Like(expression, $"%{value}%", ignoreCase: true)).Add(")"),
        _ => throw new QueryRefusedException($"'{operation}' isn't an operator for text. There are equals, not-equals, like, ilike, contains and not-contains."),
    };

    private static Sql Like(string expression, string pattern, bool ignoreCase)
    {
        if (pattern.Length > LongestPattern)
        {
            throw new QueryRefusedException($"A pattern of {pattern.Length} characters is too long: {LongestPattern} is the most.");
        }

        // SQLite takes it for the end of the pattern, and %\0 would find everything.
        if (pattern.Contains('\0', StringComparison.Ordinal))
        {
            throw new QueryRefusedException("A pattern has no NUL.");
        }

        // SQLite's LIKE knows the case of A to Z only, and cannot be told to mind it.
        return ignoreCase && pattern.All(char.IsAscii) && pattern.Count(c => c == '%') <= MostRuns
            ? new Sql($"ifnull({expression}, '') LIKE ? ESCAPE '\\'", pattern)
            : new Sql($"{LogFunctions.Like}(?, ifnull({expression}, ''), ?)", pattern, ignoreCase ? 1L : 0L);
    }
}
