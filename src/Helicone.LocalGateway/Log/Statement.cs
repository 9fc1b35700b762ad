using System;
using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Helicone.LocalGateway.Log;

/// <summary>A prepared statement. Straight on SQLite's own calls: nothing is boxed, and text stays UTF-8 from the wire to the file and back.</summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private int _next;

    public Statement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>Begins with the first parameter; the others follow in their order.</summary>
    public Statement Begin()
    {
        raw.sqlite3_reset(_statement);
        _next = 1;
        return this;
    }

    public Statement Bind(long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, _next++, value));
        return this;
    }

    public Statement Bind(long? value) => value is { } number ? Bind(number) : BindNull();

    public Statement Bind(double? value)
    {
        if (value is not { } number)
        {
            return BindNull();
        }

        Check(raw.sqlite3_bind_double(_statement, _next++, number));
        return this;
    }

    [SkipLocalsInit]
    public Statement Bind(string? text)
    {
        if (text is null)
        {
            return BindNull();
        }

        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = most > 1024 ? ArrayPool<byte>.Shared.Rent(most) : null;
        Span<byte> utf8 = rented is null ? stackalloc byte[1024] : rented;
        int length = Encoding.UTF8.GetBytes(text, utf8);
        Check(raw.sqlite3_bind_text(_statement, _next++, utf8[..length]));
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return this;
    }

    public Statement Bind(ReadOnlyMemory<byte>? blob) => blob is { } bytes ? Bind(bytes.Span) : BindNull();

    public Statement Bind(ReadOnlySpan<byte> blob)
    {
        Check(raw.sqlite3_bind_blob(_statement, _next++, blob));
        return this;
    }

    /// <summary>Runs it to its end.</summary>
    /// <returns>The first column of its first row, when it has any.</returns>
    /// <exception cref="SqliteException">It failed.</exception>
    public long? Run()
    {
        int result = raw.sqlite3_step(_statement);
        long? value = result == raw.SQLITE_ROW && raw.sqlite3_column_type(_statement, 0) != raw.SQLITE_NULL ? raw.sqlite3_column_int64(_statement, 0) : null;
        int failure = result is raw.SQLITE_ROW or raw.SQLITE_DONE ? raw.SQLITE_OK : result;

        // The connection reports the error until the next call.
        SqliteException? exception = failure == raw.SQLITE_OK ? null : Failure(failure);
        raw.sqlite3_reset(_statement);
        return exception is null ? value : throw exception;
    }

    /// <summary>Lets go of the values, which SQLite has copied and would keep until the next ones.</summary>
    public void Forget() => raw.sqlite3_clear_bindings(_statement);

    /// <summary>Goes to the next row.</summary>
    /// <returns>Indicates whether there is one.</returns>
    /// <exception cref="SqliteException">It failed, or was interrupted.</exception>
    public bool Next() => raw.sqlite3_step(_statement) switch
    {
        raw.SQLITE_ROW => true,
        raw.SQLITE_DONE => false,
        int failure => throw Failure(failure),
    };

    /// <summary>Ends it before its last row.</summary>
    public void Reset() => raw.sqlite3_reset(_statement);

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    public double Real(int column) => raw.sqlite3_column_double(_statement, column);

    /// <summary>The text or blob of a column, until the next row.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    public void Dispose() => _statement.Dispose();

    private Statement BindNull()
    {
        Check(raw.sqlite3_bind_null(_statement, _next++));
        return this;
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            throw Failure(result);
        }
    }

    private SqliteException Failure(int result) =>
        new($"SQLite reports {result}: {raw.sqlite3_errmsg(_database).utf8_to_string()}", result & 0xFF, raw.sqlite3_extended_errcode(_database));
}
