using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using Helicone.Connections;
using Helicone.Prompts;
using Helicone.Transformation;

namespace Helicone.Runtime;

/// <summary>The folders with prompt files: those of -Path, else those of <c>$env:HELICONE_PROMPT_PATH</c>, else <c>prompts</c> in the current folder.</summary>
internal sealed class PromptFolders
{
    private const string Default = "prompts";

    private readonly PathIntrinsics _paths;

    public PromptFolders(PathIntrinsics paths, IEnumerable<string>? given)
    {
        _paths = paths;
        string[] named = given?.ToArray() ?? [];
        Folders = [.. (named.Length > 0 ? named : EnvironmentVariables.Get(EnvironmentVariables.PromptPath)?.Split([Path.PathSeparator], StringSplitOptions.RemoveEmptyEntries) ?? [Default]).Select(Resolve)];
    }

    /// <summary>The folders, in the order in which they are searched.</summary>
    public IReadOnlyList<string> Folders { get; }

    /// <summary>The names of the prompts, sorted, with the files. Of several files of one name, the first folder's counts.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Files()
    {
        SortedDictionary<string, string> files = new(StringComparer.OrdinalIgnoreCase);
        foreach (string file in Folders.Where(Directory.Exists).SelectMany(static folder => Directory.EnumerateFiles(folder, "*" + PromptFile.Extension).OrderBy(static file => file, StringComparer.Ordinal)))
        {
            string name = PromptFile.NameOf(file);
            if (!files.ContainsKey(name))
            {
                files.Add(name, file);
            }
        }

        return [.. files];
    }

    /// <summary>The file of a prompt: by its name, or by its path.</summary>
    /// <returns>The path; <see langword="null"/> when the prompt doesn't exist.</returns>
    public string? Find(string name)
    {
        if (name.EndsWith(PromptFile.Extension, StringComparison.OrdinalIgnoreCase) || name.IndexOfAny(['/', '\\']) >= 0)
        {
            string path = Resolve(name);
            return File.Exists(path) ? path : File.Exists(path + PromptFile.Extension) ? path + PromptFile.Extension : null;
        }

        return Files().FirstOrDefault(file => file.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
    }

    /// <summary>The sentence that names where prompts were searched for, and what is there.</summary>
    public string Describe(string name)
    {
        string[] names = [.. Files().Select(static file => file.Key)];
        string folders = string.Join("', '", Folders);
        return $"There is no prompt '{name}' in '{folders}'" + (names.Length == 0 ? ", and no other prompt file either." : $". There are: {string.Join(", ", names.Take(20))}{(names.Length > 20 ? ", …" : string.Empty)}.");
    }

    /// <summary>The files whose names match a pattern.</summary>
    public IEnumerable<string> Matching(string pattern) => Files().Where(file => Wildcard.IsMatch(pattern, file.Key)).Select(static file => file.Value);

    // The current location may be a drive that isn't of the file system.
    private string Resolve(string path) => Path.IsPathRooted(path) || path.IndexOf(':') >= 0 || path.StartsWith("~", StringComparison.Ordinal)
        ? _paths.GetUnresolvedProviderPathFromPSPath(path)
        : Path.GetFullPath(Path.Combine(_paths.CurrentFileSystemLocation.ProviderPath, path));
}
