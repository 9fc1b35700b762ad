using System;
using System.Text;
using Helicone.LocalGateway.Errors;
using Helicone.Offline.Errors;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Helicone.LocalGateway.Log;

/// <summary>The log cannot be written. A call that cannot be logged is not answered, and none is sent on until the log works again: that would cost money for nothing.</summary>
internal sealed class LogUnavailableException(string message, int statusCode, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The value of <c>error.code</c>, by which clients and their circuit breakers recognize this error.</summary>
    public const string Code = "log_unavailable";

    private const int InsufficientStorage = 507;
    private const int Unavailable = 503;
    private const int Failed = 500;

    /// <summary>The status of the answer: 507 for a full disk, 503 for a lock, 500 for anything else.</summary>
    public int StatusCode { get; } = statusCode;

    /// <summary>Names the cause of a failed write and what to do about it.</summary>
    /// <returns><see langword="null"/> when only this write failed, and another may not.</returns>
    public static LogUnavailableException? TryCreate(SqliteException failure, string path) => failure.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => Full(path, failure),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => Locked(path, failure),
        raw.SQLITE_READONLY => Broken(path, "it is read-only", failure),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => Broken(path, "it is damaged", failure),
        raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_NOMEM or raw.SQLITE_PERM or raw.SQLITE_AUTH => Broken(path, failure.Message, failure),
        _ => null,
    };

    /// <summary>The disk is full.</summary>
    public static LogUnavailableException Full(string path, Exception? cause = null) =>
        new($"The log '{path}' cannot be written: the disk is full. Free some disk space, or start the gateway with a database on another disk.", InsufficientStorage, cause);

    /// <summary>Another process holds a write lock on the file for too long.</summary>
    public static LogUnavailableException Locked(string path, Exception? cause = null) =>
        new($"The log '{path}' cannot be written: another process has locked it. End the program that has the file open.", Unavailable, cause);

    /// <summary>The gateway is ending.</summary>
    public static LogUnavailableException Ending() => new("The gateway is ending.", Unavailable);

    /// <summary>One write failed for a reason that is its own.</summary>
    public static LogUnavailableException OfOneWrite(SqliteException failure) => new("The call cannot be logged: " + failure.Message, Failed, failure);

    /// <summary>The same failure for another call: an exception that is thrown twice loses its first stack.</summary>
    public LogUnavailableException Again() => new(Message, StatusCode, InnerException ?? this);

    /// <summary>The answer to a call that meets it. Final: what a provider may have answered is lost, and another try would only be paid for again.</summary>
    public RequestRefusedException ToRefusal() => new(StatusCode, Encoding.UTF8.GetString(ToEnvelope().ToJson()), RequestRefusedException.Json)
    {
        Headers = [new("x-should-retry", "false"), new("helicone-error", "true")],
    };

    /// <summary>The same as the last event of a stream, which has a status already.</summary>
    public byte[] ToEvent() => [.. "data: "u8, .. ToEnvelope().ToJson(), .. "\n\n"u8];

    private ErrorEnvelope ToEnvelope() => new(StatusCode, Code, Message, []);

    private static LogUnavailableException Broken(string path, string reason, Exception cause) =>
        new($"The log '{path}' cannot be written: {reason}.", Failed, cause);
}
