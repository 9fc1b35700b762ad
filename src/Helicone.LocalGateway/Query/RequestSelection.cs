using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace Helicone.LocalGateway.Query;

/// <summary>Which calls, in which order: the SQL for their ids or their number.</summary>
/// <remarks>
/// Where columns of the call are compared SQLite chooses its index well. A property it would look up for one call after another; so the way is
/// laid down here, through the index of properties, which has the time as well, straight to the youngest.
/// </remarks>
internal sealed class RequestSelection
{
    private const int MostRows = 1000;
    private const int DefaultRows = 10;
    private const string CallTime = "c.created_at";
    private const string PropertyTime = "k.created_at";

    private readonly (string Key, string Value)? _property;
    private readonly List<Sql> _times;
    private readonly List<Sql> _others;
    private readonly RequestSort _sort;
    private readonly long _limit;
    private readonly long _offset;

    public RequestSelection(JsonElement query)
    {
        IReadOnlyList<FilterCondition> filter = FilterTree.Read(QueryBody.Optional(query, "filter"), RequestFields.Tables);
        FilterCondition? property = filter.Any(c => c.IsSelective) ? null : filter.FirstOrDefault(c => c.Property is not null);
        _property = property?.Property;
        _times = [.. filter.Where(c => c.IsTime).Select(c => c.Sql)];
        _others = [.. filter.Where(c => c != property && !c.IsTime).Select(c => c.Sql)];
        if (QueryBody.Boolean(query, "isCached") is { } isCached)
        {
            _others.Add(new Sql($"c.cache_reference IS {(isCached ? "NOT " : string.Empty)}NULL"));
        }

        if (QueryBody.Boolean(query, "isScored") is { } isScored)
        {
            _others.Add(new Sql($"{(isScored ? string.Empty : "NOT ")}EXISTS (SELECT 1 FROM score s WHERE s.call_id = c.id)"));
        }

        _sort = RequestSort.Read(QueryBody.Optional(query, "sort"));
        _limit = QueryBody.Whole(query, "limit") is { } limit ? limit is >= 0 and <= MostRows ? limit : throw new QueryRefusedException("invalid limit") : DefaultRows;
        _offset = QueryBody.Whole(query, "offset") is { } offset ? offset >= 0 ? offset : throw new QueryRefusedException("invalid offset") : 0;
    }

    /// <summary>The ids of one page.</summary>
    public Sql Ids()
    {
        bool joins = NeedsCall || !_sort.IsTime;
        return From(_property is null ? "SELECT c.id" : "SELECT k.call_id", joins)
            .Add(_property is not null && _sort.IsTime ? _sort.Sql.About(CallTime, PropertyTime).About("c.id", "k.call_id") : _sort.Sql)
            .Add(" LIMIT ? OFFSET ?", _limit, _offset);
    }

    /// <summary>How many there are, on all pages.</summary>
    public Sql Count() => From("SELECT count(*)", NeedsCall);

    private bool NeedsCall => _others.Count > 0;

    private Sql From(string select, bool joins)
    {
        if (_property is not { } property)
        {
            return new Sql(select + " FROM call c").AddConditions(" WHERE ", [.. _times, .. _others]);
        }

        // CROSS JOIN is SQLite's word for: in this order.
        return new Sql(select + " FROM property k")
            .Add(joins ? " CROSS JOIN call c ON c.id = k.call_id" : string.Empty)
            .Add(" WHERE k.key = ? AND k.value = ?", property.Key, property.Value)
            .AddConditions(" AND ", [.. _times.Select(t => t.About(CallTime, PropertyTime)), .. _others]);
    }
}
