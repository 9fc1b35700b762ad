using System;
using System.Collections.Generic;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Log;

/// <summary>Sees to it that no two calls have the same id.</summary>
internal sealed class LogIdTable(SqliteConnection connection) : IDisposable
{
    // Brought along by clients and not in the log yet.
    private readonly HashSet<Guid> _underWay = [];
    private readonly Statement _find = new(connection, "SELECT id FROM call WHERE request_id = ?");

    /// <summary>The id that the client proposes, if it is new; otherwise a new random id.</summary>
    /// <remarks>
    /// A client that sends an id again (in a retry, or in a copied script) makes a second call, which the log must not lose: it gets a new id,
    /// which the answer contains in <c>Helicone-Id</c>.
    /// </remarks>
    public string Claim(string? proposed)
    {
        // Made of the time and of 74 random bits: there is nothing to look up.
        if (proposed is null)
        {
            return New().ToString();
        }

        Guid id = Guid.Parse(proposed);
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        lock (_underWay)
        {
            return !_underWay.Contains(id) && _find.Begin().Bind(bytes).Run() is null && _underWay.Add(id) ? proposed : New().ToString();
        }
    }

    /// <summary>A new id that sorts by time, so that the index of the ids grows at its end: random ones dirty a page of it with every call.</summary>
    /// <remarks>The layout of version 7 under the number of version 4, since Helicone takes versions 1 to 5 only, and an id of one log may be sent to another.</remarks>
    private static Guid New()
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7().TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The call has ended: from now on the log contains its id.</summary>
    public void Release(Guid id)
    {
        lock (_underWay)
        {
            _underWay.Remove(id);
        }
    }

    public void Dispose()
    {
        _find.Dispose();
        connection.Dispose();
    }
}
