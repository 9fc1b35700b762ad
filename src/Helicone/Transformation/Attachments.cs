using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using Helicone.Chat;

namespace Helicone.Transformation;

/// <summary>The values of -Image and -File as content: paths with wildcards, files, web addresses, and bytes.</summary>
/// <param name="paths">Resolves paths of the session.</param>
internal sealed class Attachments(PathIntrinsics paths)
{
    /// <summary>An image: a path, a file, a web address, or bytes.</summary>
    /// <exception cref="FormatException">It isn't an image.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file can't be read.</exception>
    /// <exception cref="ItemNotFoundException">There is no such file.</exception>
    public IReadOnlyList<ContentPart> Images(object item)
    {
        object? value = PlainValue.Unwrap(item);
        if (value is Uri or string && IsWebAddress(value.ToString()!))
        {
            return [ContentPart.FromImage(value.ToString()!)];
        }

        List<ContentPart> parts = Read(value, "-Image");
        return parts.TrueForAll(static part => part.Kind == ContentPartKind.Image)
            ? parts
            : throw new FormatException($"'{value}' isn't an image (PNG, JPEG, GIF, or WebP). Use -File for other files.");
    }

    /// <summary>A file of any kind that a model can read: a path, a file, or bytes.</summary>
    /// <exception cref="FormatException">A model can't read it.</exception>
    /// <inheritdoc cref="Images" path="/exception[position() &gt; 1]"/>
    public IReadOnlyList<ContentPart> Files(object item)
    {
        object? value = PlainValue.Unwrap(item);
        return value is Uri or string && IsWebAddress(value.ToString()!)
            ? throw new FormatException("A file can't be sent by its web address. Download it first, and pass its path. Images can: -Image.")
            : Read(value, "-File");
    }

    private static bool IsWebAddress(string text) =>
        text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("data:", StringComparison.OrdinalIgnoreCase);

    private List<ContentPart> Read(object? value, string parameter)
    {
        switch (value)
        {
            case byte[] bytes:
                return [ContentFile.FromBytes(bytes)];
            case FileSystemInfo file:
                return [ContentFile.Read(file.FullName)];
            case string path:
                List<ContentPart> parts = [];
                foreach (string file in paths.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider))
                {
                    parts.Add(provider.Name == "FileSystem" ? ContentFile.Read(file) : throw new FormatException($"'{path}' isn't in the file system."));
                }

                return parts;
            default:
                throw new FormatException($"{parameter} takes paths, files, web addresses, and bytes, not a {value?.GetType().Name ?? "null"}.");
        }
    }
}
