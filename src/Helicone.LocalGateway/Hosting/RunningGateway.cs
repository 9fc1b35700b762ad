using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace Helicone.LocalGateway.Hosting;

/// <summary>What a second start needs to know about the gateway that already runs on a database.</summary>
/// <remarks>It is kept in a file next to the database while the gateway runs. The file holds no key: a reader takes that from the key file.</remarks>
internal sealed record RunningGateway
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public required Uri Uri { get; init; }

    public required int ProcessId { get; init; }

    /// <summary>Distinguishes the process from a later one with the same id.</summary>
    public required string? ProcessStart { get; init; }

    public required string Version { get; init; }

    /// <summary>The full path of its gateway.json.</summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>The names of the environment variables that it took provider keys from.</summary>
    public IReadOnlyList<string> KeyVariables { get; init; } = [];

    /// <summary>Indicates whether its process still runs.</summary>
    public bool IsAlive => ProcessStart is not null && ParentProcess.StartTimeOf(ProcessId) == ProcessStart;

    /// <summary>Reads the file; <see langword="null"/> when no gateway has written it yet.</summary>
    public static RunningGateway? TryRead(string database)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(PathOf(database)));
            JsonElement root = document.RootElement;
            return new RunningGateway
            {
                Uri = new Uri(root.GetProperty("uri").GetString()!),
                ProcessId = root.GetProperty("pid").GetInt32(),
                ProcessStart = root.GetProperty("processStart").GetString(),
                Version = root.GetProperty("version").GetString()!,
                ConfigurationPath = root.GetProperty("config").GetString(),
                KeyVariables = [.. root.GetProperty("keyVariables").EnumerateArray().Select(static name => name.GetString()!)],
            };
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException or UriFormatException or InvalidOperationException)
        {
            // No file, or one of an older gateway. The caller asks again until one that runs has written its own.
            return null;
        }
    }

    /// <summary>Writes the file in one step: a reader sees all of it or none.</summary>
    /// <exception cref="GatewayStartException">It can't be written.</exception>
    public void Write(string database)
    {
        string path = PathOf(database);
        string draft = path + ".new";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        try
        {
            using (FileStream file = new(draft, options))
            using (Utf8JsonWriter json = new(file))
            {
                json.WriteStartObject();
                json.WriteString("uri"u8, Uri.AbsoluteUri);
                json.WriteNumber("pid"u8, ProcessId);
                json.WriteString("processStart"u8, ProcessStart);
                json.WriteString("version"u8, Version);
                json.WriteString("config"u8, ConfigurationPath);
                json.WriteStartArray("keyVariables"u8);
                foreach (string name in KeyVariables)
                {
                    json.WriteStringValue(name);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            File.Move(draft, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GatewayStartException($"'{path}', where other processes look for the gateway, can't be written: {e.Message}", e);
        }
    }

    /// <summary>Deletes the file. Only the gateway that holds the lock may.</summary>
    public static void Delete(string database)
    {
        try
        {
            File.Delete(PathOf(database));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever reads it finds that the process is gone, and the next gateway overwrites it or reports that it can't.
        }
    }

    private static string PathOf(string database) => Path.ChangeExtension(database, ".running.json");
}
