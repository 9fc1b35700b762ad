using System;

namespace Helicone.Attribution;

/// <summary>A group of related calls. Helicone draws it as a tree along the paths.</summary>
/// <remarks>Headers <c>Helicone-Session-Id</c>, <c>-Path</c> and <c>-Name</c> (Helicone/helicone worker/src/lib/models/HeliconeHeaders.ts @a94112d4).</remarks>
public sealed record HeliconeSession
{
    /// <summary>Creates a session.</summary>
    /// <param name="id">Any text that names it; a random UUID (version 4) when omitted.</param>
    /// <param name="name">What the dashboard groups sessions by, such as <c>Nightly triage</c>.</param>
    /// <param name="path">The path of the calls in the session, such as <c>/triage/summary</c>. A leading slash is added.</param>
    /// <exception cref="ArgumentException">The id is empty, or a part cannot go into a header.</exception>
    public HeliconeSession(string? id = null, string? name = null, string? path = null)
    {
        Id = id ?? Guid.NewGuid().ToString("D");
        if (string.IsNullOrWhiteSpace(Id))
        {
            throw new ArgumentException("A session id is empty.", nameof(id));
        }

        HeaderRules.CheckValue("Helicone-Session-Id", Id);
        if (name is not null)
        {
            HeaderRules.CheckValue("Helicone-Session-Name", name);
        }

        Name = name;
        Path = NormalizePath(path);
    }

    /// <summary>The id that ties the calls together.</summary>
    public string Id { get; }

    /// <summary>The name of the session, which sessions of the same kind share.</summary>
    public string? Name { get; }

    /// <summary>The place in the tree; <c>/</c> at its root.</summary>
    public string Path { get; }

    /// <summary>
    /// The same session at another place in its tree. A path with a leading slash is absolute; one without extends the session's path:
    /// <c>weather</c> on a session at <c>/plan</c> is <c>/plan/weather</c>, and <c>/weather</c> is <c>/weather</c>.
    /// </summary>
    public HeliconeSession At(string path)
    {
        string normal = NormalizePath(path);
        return new HeliconeSession(Id, Name, path.StartsWith("/", StringComparison.Ordinal) || Path == "/" ? normal : normal == "/" ? Path : Path + normal);
    }

    /// <summary>Writes the session's headers.</summary>
    internal void WriteTo(HeaderSink headers)
    {
        headers.Set("Helicone-Session-Id", Id);
        headers.Set("Helicone-Session-Path", Path);
        if (!string.IsNullOrEmpty(Name))
        {
            headers.Set("Helicone-Session-Name", Name!);
        }
    }

    /// <summary>The id.</summary>
    public override string ToString() => Id;

    private static string NormalizePath(string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            return "/";
        }

        string trimmed = path!.Trim('/');
        string normal = trimmed.Length == 0 ? "/" : "/" + trimmed;
        HeaderRules.CheckValue("Helicone-Session-Path", normal);
        return normal;
    }
}
