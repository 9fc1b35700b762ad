using System.Collections.Generic;
using System.Linq;
using Fluid.Ast;

namespace Helicone.Prompts;

/// <summary>Finds the variables of a template, and what a prompt file doesn't allow.</summary>
internal sealed class LiquidVariables : AstVisitor
{
    private const int LongestRange = 1_000;

    private readonly HashSet<string> _local = ["forloop", "empty", "blank", "nil", "null", "true", "false"];
    private readonly List<string> _used = [];

    /// <summary>The variables that the template reads and doesn't set itself, in the order of their first use.</summary>
    internal IEnumerable<string> Names => _used.Where(name => !_local.Contains(name)).Distinct();

    /// <summary>The reason that the template isn't allowed; <see langword="null"/> when it is.</summary>
    internal string? Refusal { get; private set; }

    protected override Expression VisitMemberExpression(MemberExpression memberExpression)
    {
        if (memberExpression.Segments.Count > 0 && memberExpression.Segments[0] is IdentifierSegment first)
        {
            _used.Add(first.Identifier);
        }

        foreach (MemberSegment segment in memberExpression.Segments)
        {
            if (segment is IndexerSegment indexer)
            {
                _ = Visit(indexer.Expression);
            }
        }

        return base.VisitMemberExpression(memberExpression);
    }

    protected override Statement VisitAssignStatement(AssignStatement assignStatement)
    {
        _ = _local.Add(assignStatement.Identifier);
        return base.VisitAssignStatement(assignStatement);
    }

    protected override Statement VisitCaptureStatement(CaptureStatement captureStatement)
    {
        _ = _local.Add(captureStatement.Identifier);
        return base.VisitCaptureStatement(captureStatement);
    }

    protected override Statement VisitForStatement(ForStatement forStatement)
    {
        _ = _local.Add(forStatement.Identifier);
        return base.VisitForStatement(forStatement);
    }

    protected override Statement VisitIncrementStatement(IncrementStatement incrementStatement)
    {
        _ = _local.Add(incrementStatement.Identifier);
        return base.VisitIncrementStatement(incrementStatement);
    }

    protected override Statement VisitDecrementStatement(DecrementStatement decrementStatement)
    {
        _ = _local.Add(decrementStatement.Identifier);
        return base.VisitDecrementStatement(decrementStatement);
    }

    // A range is a list in memory, and its length isn't known before it is there.
    protected override Expression VisitRangeExpression(RangeExpression rangeExpression)
    {
        bool isShort = rangeExpression.From is LiteralExpression from && rangeExpression.To is LiteralExpression to
            && to.Value.ToNumberValue() - from.Value.ToNumberValue() < LongestRange;
        if (!isShort)
        {
            Refusal ??= $"A range such as (1..10) must be written with numbers, and have at most {LongestRange} of them.";
        }

        return base.VisitRangeExpression(rangeExpression);
    }
}
