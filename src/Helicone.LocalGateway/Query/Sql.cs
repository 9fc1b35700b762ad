using System;
using System.Collections.Generic;
using System.Text;
using Helicone.LocalGateway.Log;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Query;

/// <summary>A piece of SQL and the values of its question marks. The text is always of this folder's own; what a client sends is a value.</summary>
internal sealed class Sql
{
    private readonly StringBuilder _text = new();
    private readonly List<object> _values = [];

    public Sql(string text, params object[] values) => Add(text, values);

    public Sql Add(string text, params object[] values)
    {
        _text.Append(text);
        _values.AddRange(values);
        return this;
    }

    public Sql Add(Sql other)
    {
        _text.Append(other._text);
        _values.AddRange(other._values);
        return this;
    }

    /// <summary>The same about another column.</summary>
    public Sql ReplaceColumn(string column, string other)
    {
        Sql sql = new(_text.ToString().Replace(column, other, StringComparison.Ordinal));
        sql._values.AddRange(_values);
        return sql;
    }

    /// <summary>Combines conditions with AND; matches everything when there are no conditions.</summary>
    public Sql AddConditions(string keyword, IEnumerable<Sql> conditions)
    {
        foreach (Sql condition in conditions)
        {
            Add(keyword).Add("(").Add(condition).Add(")");
            keyword = " AND ";
        }

        return this;
    }

    /// <summary>Ready to step through. Dispose of it before the connection goes back.</summary>
    public Statement Prepare(SqliteConnection connection)
    {
        Statement statement = new(connection, _text.ToString());
        statement.Begin();
        foreach (object value in _values)
        {
            switch (value)
            {
                case long number:
                    statement.Bind(number);
                    break;
                case double number:
                    statement.Bind((double?)number);
                    break;
                case byte[] blob:
                    statement.Bind(blob.AsSpan());
                    break;
                default:
                    statement.Bind((string)value);
                    break;
            }
        }

        return statement;
    }

    public override string ToString() => _text.ToString();
}
