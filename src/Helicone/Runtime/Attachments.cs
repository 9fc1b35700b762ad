using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using Helicone.Chat;
using Helicone.Commands;
using Helicone.Errors;
using Helicone.Mcp;
using Helicone.Transformation;

namespace Helicone.Runtime;

/// <summary>The values of -Image and -File as content: paths with wildcards, files, web addresses, and bytes. One that can't be sent ends the command.</summary>
internal sealed class Attachments(EngineCommand cmdlet)
{
    /// <summary>Everything that goes with the prompt.</summary>
    public List<ContentPart> Read(object[] images, object[] files)
    {
        List<ContentPart> parts = [];
        foreach (object image in images)
        {
            Add(parts, ReadImages, image);
        }

        foreach (object file in files)
        {
            Add(parts, ReadFiles, file);
        }

        return parts;
    }

    /// <summary>Indicates whether an exception means that something can't be sent.</summary>
    public static bool IsRefusal(Exception e) => e is FormatException or ArgumentException or IOException or UnauthorizedAccessException or SessionStateException;

    /// <summary>The images that a value names.</summary>
    public IReadOnlyList<ContentPart> ReadImages(object? value)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        return Images(PlainValue.Unwrap(value));
    }

    /// <summary>The files that a value names.</summary>
    public IReadOnlyList<ContentPart> ReadFiles(object? value)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        return Files(PlainValue.Unwrap(value));
    }

    private void Add(List<ContentPart> parts, Func<object?, IReadOnlyList<ContentPart>> read, object item)
    {
        try
        {
            parts.AddRange(read(item));
        }
        catch (Exception e) when (IsRefusal(e))
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.File, e, item));
        }
    }

    private List<ContentPart> Images(object? value)
    {
        if (value is Uri or string && IsWebAddress(value.ToString()!))
        {
            return [ContentPart.FromImage(value.ToString()!)];
        }

        List<ContentPart> parts = Read(value, "-Image");
        return parts.TrueForAll(static part => part.Kind == ContentPartKind.Image)
            ? parts
            : throw new FormatException($"'{value}' isn't an image (PNG, JPEG, GIF, or WebP). Use -File for other files.");
    }

    private List<ContentPart> Files(object? value) => value is Uri or string && IsWebAddress(value.ToString()!)
        ? throw new FormatException("A file can't be sent by its web address, only an image can (-Image). Download the file, and specify its path.")
        : Read(value, "-File");

    private static bool IsWebAddress(string text) =>
        text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("data:", StringComparison.OrdinalIgnoreCase);

    private List<ContentPart> Read(object? value, string parameter)
    {
        switch (value)
        {
            case byte[] bytes:
                return [ContentFile.FromBytes(bytes)];
            case ContentPart part:
                return [part];
            case McpResource { Content.Count: > 0 } resource:
                return [.. resource.Content];
            case McpResource resource:
                throw new FormatException($"The resource '{resource.Uri}' wasn't read. Use Get-HeliconeMcpResource with -Read.");
            case FileSystemInfo file:
                return [ContentFile.Read(file.FullName)];
            case string path:
                List<ContentPart> parts = [];
                foreach (string file in cmdlet.SessionState.Path.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider))
                {
                    parts.Add(provider.Name == "FileSystem" ? ContentFile.Read(file) : throw new FormatException($"'{path}' isn't in the file system."));
                }

                return parts;
            default:
                throw new FormatException($"{parameter} takes paths, files, web addresses, bytes, and resources of MCP servers, not a {value?.GetType().Name ?? "null"}.");
        }
    }
}
