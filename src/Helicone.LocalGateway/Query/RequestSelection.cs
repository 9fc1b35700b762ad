using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Helicone.LocalGateway.Log;
using Microsoft.Data.Sqlite;

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

    // To find out which of two properties is the rarer, nobody counts further than this.
    private const long FarEnough = 100_000;

    private readonly List<FilterCondition> _properties;
    private readonly List<Sql> _times;
    private readonly List<Sql> _others;
    private readonly RequestSort _sort;
    private readonly long _limit;
    private readonly long _offset;

    public RequestSelection(JsonElement query)
    {
        IReadOnlyList<FilterCondition> filter = FilterTree.Read(QueryBody.Optional(query, "filter"), RequestFields.Tables);
        bool isSelective = filter.Any(c => c.IsSelective);
        _properties = [.. filter.Where(c => !isSelective && c.Property is not null)];
        _times = [.. filter.Where(c => c.IsTime).Select(c => c.Sql)];
        _others = [.. filter.Where(c => !_properties.Contains(c) && !c.IsTime).Select(c => c.Sql)];
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
    public Sql Ids(SqliteConnection connection)
    {
        FilterCondition? property = Rarest(connection);
        Sql sort = property is not null && _sort.IsTime ? _sort.Sql.ReplaceColumn(CallTime, PropertyTime).ReplaceColumn("c.id", "k.call_id") : _sort.Sql;
        return From(property is null ? "SELECT c.id" : "SELECT k.call_id", property, !_sort.IsTime).Add(sort).Add(" LIMIT ? OFFSET ?", _limit, _offset);
    }

    /// <summary>How many there are, on all pages.</summary>
    public Sql Count(SqliteConnection connection) => From("SELECT count(*)", Rarest(connection), sortsByCall: false);

    private Sql From(string select, FilterCondition? property, bool sortsByCall)
    {
        Sql[] properties = [.. _properties.Where(p => p != property).Select(p => p.Sql)];
        List<Sql> others = [.. _others, .. properties];
        if (property?.Property is not { } pair)
        {
            return new Sql(select + " FROM call c").AddConditions(" WHERE ", [.. _times, .. others]);
        }

        if (_others.Count == 0 && !sortsByCall)
        {
            // Properties all the way: of the call nothing is needed.
            return new Sql(select + " FROM property k WHERE k.key = ? AND k.value = ?", pair.Key, pair.Value)
                .AddConditions(" AND ", [.. _times.Select(t => t.ReplaceColumn(CallTime, PropertyTime)), .. properties.Select(p => p.ReplaceColumn("c.id", "k.call_id"))]);
        }

        // CROSS JOIN is SQLite's word for: in this order.
        return new Sql(select + " FROM property k")
            .Add(others.Count > 0 || sortsByCall ? " CROSS JOIN call c ON c.id = k.call_id" : string.Empty)
            .Add(" WHERE k.key = ? AND k.value = ?", pair.Key, pair.Value)
            .AddConditions(" AND ", [.. _times.Select(t => t.ReplaceColumn(CallTime, PropertyTime)), .. others]);
    }

    private FilterCondition? Rarest(SqliteConnection connection) =>
        _properties.Count <= 1 ? _properties.FirstOrDefault() : _properties.MinBy(p => CountUpTo(connection, p.Property!.Value));

    private static long CountUpTo(SqliteConnection connection, (string Key, string Value) property)
    {
        using Statement statement = new Sql("SELECT count(*) FROM (SELECT 1 FROM property WHERE key = ? AND value = ? LIMIT ?)", property.Key, property.Value, FarEnough).Prepare(connection);
        return statement.Next() ? statement.Number(0) : 0;
    }
}
