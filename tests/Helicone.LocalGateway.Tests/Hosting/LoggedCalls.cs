using System;
using System.Collections.Generic;
using Helicone.LocalGateway.Hosting;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Tests.Hosting;

/// <summary>Looks into a log.</summary>
internal static class LoggedCalls
{
    public static List<LoggedCall> Of(TestGateway gateway)
    {
        using SqliteConnection connection = StateFile.Connect(gateway.DatabasePath);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT lower(hex(request_id)), status, provider, attempts, cost, cache_enabled, cache_reference FROM call ORDER BY id";
        using SqliteDataReader reader = command.ExecuteReader();
        List<LoggedCall> calls = [];
        while (reader.Read())
        {
            calls.Add(new LoggedCall(
                Guid.ParseExact(reader.GetString(0), "N").ToString(),
                reader.GetInt64(1),
                reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.GetInt64(3),
                reader.IsDBNull(4) ? null : reader.GetDouble(4),
                reader.GetInt64(5) != 0,
                reader.IsDBNull(6) ? null : reader.GetString(6)));
        }

        return calls;
    }
}
