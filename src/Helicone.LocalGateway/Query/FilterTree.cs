using System.Collections.Generic;
using System.Text.Json;

namespace Helicone.LocalGateway.Query;

/// <summary>A filter of the REST API as SQL: <c>"all"</c>, a leaf <c>{table:{field:{operator:value}}}</c>, or <c>{left,operator,right}</c>.</summary>
internal sealed class FilterTree
{
    // Of the client's own making a filter is a list of a few conditions. These bounds are there for the others.
    private const int DeepestTree = 200;
    private const int MostLeaves = 500;

    private readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, FilterField>> _tables;
    private readonly List<FilterCondition> _conditions = [];
    private int _leaves;

    private FilterTree(IReadOnlyDictionary<string, IReadOnlyDictionary<string, FilterField>> tables) => _tables = tables;

    /// <summary>Reads a filter into conditions that must all hold.</summary>
    /// <param name="filter">The filter; matches everything when it is missing.</param>
    /// <param name="tables">The tables that it may name, with their fields.</param>
    /// <exception cref="QueryRefusedException">It isn't a filter, or it is too large.</exception>
    public static IReadOnlyList<FilterCondition> Read(JsonElement? filter, IReadOnlyDictionary<string, IReadOnlyDictionary<string, FilterField>> tables)
    {
        FilterTree tree = new(tables);
        if (filter is { } root)
        {
            tree.Collect(root, 0);
        }

        return tree._conditions;
    }

    private void Collect(JsonElement node, int depth)
    {
        if (IsAll(node))
        {
            return;
        }

        if (TryReadBranch(node, depth, out bool isAnd, out JsonElement left, out JsonElement right) && isAnd)
        {
            Collect(left, depth + 1);
            Collect(right, depth + 1);
            return;
        }

        HashSet<string> tables = [];
        Sql sql = ReadNode(node, depth, tables);
        _conditions.Add(new FilterCondition(node, sql, tables));
    }

    private Sql ReadNode(JsonElement node, int depth, HashSet<string> tables)
    {
        if (IsAll(node))
        {
            return new Sql("1");
        }

        return TryReadBranch(node, depth, out bool isAnd, out JsonElement left, out JsonElement right)
            ? new Sql("(").Add(ReadNode(left, depth + 1, tables)).Add(isAnd ? ") AND (" : ") OR (").Add(ReadNode(right, depth + 1, tables)).Add(")")
            : ReadLeaf(node, tables);
    }

    private static bool TryReadBranch(JsonElement node, int depth, out bool isAnd, out JsonElement left, out JsonElement right)
    {
        if (depth > DeepestTree)
        {
            throw new QueryRefusedException($"The filter is deeper than {DeepestTree} levels.");
        }

        isAnd = false;
        left = default;
        right = default;
        if (node.ValueKind != JsonValueKind.Object)
        {
            throw new QueryRefusedException($"A node of the filter is {node.ValueKind}. It is \"all\", a leaf like {{\"{RequestFields.Table}\":{{\"model\":{{\"equals\":\"gpt-4o\"}}}}}}, or {{\"left\":…,\"operator\":\"and\",\"right\":…}}.");
        }

        if (!node.TryGetProperty("operator", out JsonElement operation))
        {
            return false;
        }

        if (!node.TryGetProperty("left", out left) || !node.TryGetProperty("right", out right))
        {
            throw new QueryRefusedException("A branch of the filter needs left and right.");
        }

        isAnd = operation.ValueEquals("and"u8) || (operation.ValueEquals("or"u8) ? false : throw new QueryRefusedException("A branch of the filter joins with \"and\" or \"or\"."));
        return true;
    }

    // An empty object is what Helicone's own MCP server sends by default, and its own API reads it as "all".
    private static bool IsAll(JsonElement node) => (node.ValueKind == JsonValueKind.Object && !node.EnumerateObject().MoveNext()) || IsWord(node);

    private static bool IsWord(JsonElement node) => node.ValueKind == JsonValueKind.String && (node.ValueEquals("all"u8) ? true : throw new QueryRefusedException("The only text that is a filter is \"all\"."));

    private Sql ReadLeaf(JsonElement leaf, HashSet<string> used)
    {
        Sql sql = new("");
        string and = "";
        foreach (JsonProperty table in FilterField.Members(leaf))
        {
            if (!_tables.TryGetValue(table.Name, out IReadOnlyDictionary<string, FilterField>? fields))
            {
                throw new QueryRefusedException($"'{Shorten(table.Name)}' cannot be filtered here. There is {string.Join(", ", _tables.Keys)}.");
            }

            used.Add(table.Name);
            if (table.Name == RequestFields.PropertiesTable)
            {
                // The names in it are those of properties, whatever they are.
                sql.Add(and).Add("(").Add(RequestFields.All["properties"].Read(table.Value)).Add(")");
                and = " AND ";
                continue;
            }

            foreach (JsonProperty field in FilterField.Members(table.Value))
            {
                if (++_leaves > MostLeaves)
                {
                    throw new QueryRefusedException($"The filter has more than {MostLeaves} conditions.");
                }

                FilterField known = fields.TryGetValue(field.Name, out FilterField? found)
                    ? found
                    : throw new QueryRefusedException($"The local gateway's log has no field '{Shorten(field.Name)}' in {table.Name}. There are {string.Join(", ", fields.Keys)}.");
                sql.Add(and).Add("(").Add(known.Read(field.Value)).Add(")");
                and = " AND ";
            }
        }

        return sql;
    }

    private static string Shorten(string name) => name.Length <= 64 ? name : name[..64] + "…";
}
