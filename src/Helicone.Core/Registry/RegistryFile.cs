using System;
using System.IO;
using Helicone.Errors;

namespace Helicone.Registry;

/// <summary>The registry on disk: the answer of the server as it came, and the file's own time as its age.</summary>
internal sealed class RegistryFile
{
    private readonly string _path;
    private readonly Uri _source;

    internal RegistryFile(string directory, Uri apiUri)
    {
        _source = apiUri;
        _path = Path.Combine(directory, $"models-{apiUri.Host}-{apiUri.Port}.json");
    }

    /// <summary>The stored registry; <see langword="null"/> when there is none, or when it can't be read.</summary>
    internal ModelRegistry? TryRead()
    {
        try
        {
            FileInfo file = new(_path);
            return file.Exists
                ? ModelRegistryJson.Read(File.ReadAllBytes(_path), new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero), _source)
                : null;
        }
        catch (Exception e) when (IsUnusable(e) || e is HeliconeException)
        {
            // A cache that cannot be read is no cache: the network is asked, and it is written anew.
            return null;
        }
    }

    /// <summary>Stores an answer that has been read without an error. Other processes see the old file or the new one, never half of either.</summary>
    internal void Write(ArraySegment<byte> json)
    {
        string temporary = _path + "." + Guid.NewGuid().ToString("N").Substring(0, 8);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            using (FileStream stream = new(temporary, FileMode.CreateNew))
            {
                stream.Write(json.Array!, json.Offset, json.Count);
            }

#if NET
            File.Move(temporary, _path, overwrite: true);
#else
            if (File.Exists(_path))
            {
                File.Replace(temporary, _path, null);
            }
            else
            {
                File.Move(temporary, _path);
            }
#endif
        }
        catch (Exception e) when (IsUnusable(e))
        {
            // A read-only home has no cache; everything works without one. The half-made file must not stay.
            TryDelete(temporary);
        }
    }

    private static bool IsUnusable(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or System.Security.SecurityException;

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (IsUnusable(e))
        {
            // It could not be created either.
        }
    }
}
