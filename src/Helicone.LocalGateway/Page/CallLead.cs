using Helicone.LocalGateway.Query;

namespace Helicone.LocalGateway.Page;

/// <summary>A condition with an index that includes the time: along it, the newest calls that match are found first.</summary>
/// <param name="Source">The table and its index.</param>
/// <param name="Time">When the call was, there.</param>
/// <param name="Number">Which call it is, there.</param>
/// <param name="Condition">What holds for all that is met.</param>
/// <param name="IsSorted">Indicates whether they are found in the order of time. Otherwise they have to be sorted first, so there must be few of them.</param>
internal sealed record CallLead(string Source, string Time, string Number, Sql Condition, bool IsSorted = true)
{
    /// <summary>Every call.</summary>
    public static CallLead All { get; } = OfCall("call_by_time", new Sql("1"));

    public static CallLead OfCall(string index, Sql condition, bool isSorted = true) => new($"call c INDEXED BY {index}", "c.created_at", "c.id", condition, isSorted);

    public static CallLead OfProperty(string key, string value) => new("property k INDEXED BY property_by_value", "k.created_at", "k.call_id", new Sql("k.key = ? AND k.value = ?", key, value));

    /// <summary>Times and numbers of the calls from a place on, in the order of time.</summary>
    public Sql Walk(PageFilter filter, (long Time, long Number)? start, bool goesUp, long most)
    {
        string direction = goesUp ? "ASC" : "DESC";
        Sql walk = Begin($"SELECT {Time}, {Number}", filter);
        if (start is { } key)
        {
            walk.Add($" AND ({Time}, {Number}) {(goesUp ? ">" : "<")} (?, ?)", key.Time, key.Number);
        }

        return walk.Add($" ORDER BY {Time} {direction}, {Number} {direction} LIMIT ?", most);
    }

    /// <summary>How many there are, counted no further than that.</summary>
    public Sql CountUpTo(PageFilter filter, long most) => new Sql("SELECT count(*) FROM (").Add(Begin("SELECT 1", filter)).Add(" LIMIT ?)", most);

    private Sql Begin(string select, PageFilter filter)
    {
        Sql sql = new Sql($"{select} FROM {Source} WHERE (").Add(Condition).Add(")");
        foreach (Sql time in filter.Times)
        {
            sql.Add(" AND (").Add(time.ReplaceColumn("c.created_at", Time)).Add(")");
        }

        return sql;
    }
}
