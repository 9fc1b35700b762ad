using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using System.Xml;

namespace Helicone.Tools;

/// <summary>The help of a command and its parameters: comment-based help, or the command's part of an installed help file.</summary>
/// <remarks>
/// Get-Help reads every command of a help file into memory and searches every module for a name, which takes seconds. A file is read here up to the
/// command and no further. Help that isn't installed is not downloaded.
/// </remarks>
internal sealed class CommandHelp
{
    private const int MaxSynopsis = 1_000;
    private const long MaxFileBytes = 32 * 1024 * 1024;
    private const string Maml = "http://schemas.microsoft.com/maml/2004/10";
    private const string Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";

    private readonly Dictionary<string, string> _parameters = new(StringComparer.OrdinalIgnoreCase);

    private CommandHelp()
    {
    }

    /// <summary>What the command does; <see langword="null"/> without help.</summary>
    public string? Synopsis { get; private set; }

    /// <summary>What a parameter is for; <see langword="null"/> without help.</summary>
    public string? Parameter(string name) => _parameters.TryGetValue(name, out string? text) ? text : null;

    /// <summary>The help of a command.</summary>
    public static CommandHelp Of(CommandInfo command)
    {
        CommandHelp help = new();
        try
        {
            switch (command)
            {
                case FunctionInfo function:
                    help.ReadComments(function.ScriptBlock);
                    if (help.Synopsis is null)
                    {
                        help.ReadFile(function.HelpFile, function.Name, function.Module);
                    }

                    break;
                case ExternalScriptInfo script:
                    help.ReadComments(script.ScriptBlock);
                    break;
                case CmdletInfo cmdlet:
                    help.ReadFile(cmdlet.HelpFile, cmdlet.Name, cmdlet.Module);
                    break;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or XmlException or ArgumentException or NotSupportedException or RuntimeException)
        {
            // A tool without a description is a tool all the same.
        }

        return help;
    }

    /// <summary>A text on one line, cut after a sentence where it is too long.</summary>
    public static string Brief(string text, int length)
    {
        string line = Regex.Replace(text, @"\s+", " ", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)).Trim();
        if (line.Length <= length)
        {
            return line;
        }

        int end = line.LastIndexOf(". ", length - 1, StringComparison.Ordinal);
        return end > length / 3 ? line.Substring(0, end + 1) : line.Substring(0, char.IsHighSurrogate(line[length - 2]) ? length - 2 : length - 1) + "…";
    }

    private void ReadComments(ScriptBlock block)
    {
        CommentHelpInfo? comments = block.Ast switch
        {
            FunctionDefinitionAst function => function.GetHelpContent(),
            ScriptBlockAst { Parent: FunctionDefinitionAst function } => function.GetHelpContent(),
            ScriptBlockAst script => script.GetHelpContent(),
            _ => null,
        };
        if (comments is null)
        {
            return;
        }

        string? text = string.IsNullOrWhiteSpace(comments.Synopsis) ? comments.Description : comments.Synopsis;
        Synopsis = string.IsNullOrWhiteSpace(text) ? null : Brief(text!, MaxSynopsis);
        foreach (KeyValuePair<string, string> parameter in comments.Parameters ?? new Dictionary<string, string>())
        {
            _parameters[parameter.Key] = parameter.Value;
        }
    }

    private void ReadFile(string? file, string name, PSModuleInfo? module)
    {
        if (string.IsNullOrEmpty(file) || Find(file!, module) is not { } path)
        {
            return;
        }

        using XmlReader reader = XmlReader.Create(path, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, MaxCharactersInDocument = MaxFileBytes });
        while (reader.ReadToFollowing("command", Command))
        {
            if (!reader.ReadToDescendant("name", Command))
            {
                continue;
            }

            if (reader.ReadElementContentAsString().Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                ReadCommand(reader);
                return;
            }
        }
    }

    private void ReadCommand(XmlReader reader)
    {
        string? parameter = null;
        while (!(reader.NodeType == XmlNodeType.EndElement && reader.LocalName == "command" && reader.NamespaceURI == Command))
        {
            if (reader.NodeType != XmlNodeType.Element)
            {
                if (!reader.Read())
                {
                    return;
                }
            }
            else if (reader.LocalName is "syntax" or "examples" && reader.NamespaceURI == Command)
            {
                reader.Skip();
            }
            else if (reader.LocalName == "parameter" && reader.NamespaceURI == Command)
            {
                parameter = string.Empty;
                reader.Read();
            }
            else if (reader.LocalName == "name" && reader.NamespaceURI == Maml && parameter is { Length: 0 })
            {
                parameter = reader.ReadElementContentAsString().Trim();
            }
            else if (reader.LocalName is "description" or "Description" && reader.NamespaceURI == Maml && (Synopsis is null || parameter is { Length: > 0 }))
            {
                string text = Text(reader);
                if (parameter is { Length: > 0 })
                {
                    _parameters[parameter] = text;
                    parameter = null;
                }
                else if (text.Length > 0)
                {
                    Synopsis = Brief(text, MaxSynopsis);
                }
            }
            else if (!reader.Read())
            {
                return;
            }
        }
    }

    private static string Text(XmlReader reader)
    {
        List<string> texts = [];
        using XmlReader part = reader.ReadSubtree();
        while (part.Read())
        {
            if (part.NodeType is XmlNodeType.Text or XmlNodeType.CDATA)
            {
                texts.Add(part.Value.Trim());
            }
        }

        return string.Join(" ", texts);
    }

    private static string? Find(string file, PSModuleInfo? module)
    {
        string[] folders = [module?.ModuleBase ?? string.Empty, Path.GetDirectoryName(typeof(PSObject).Assembly.Location) ?? string.Empty, UserHelp()];
        IEnumerable<string> candidates = Path.IsPathRooted(file) ? [file] : folders.Where(static f => f.Length > 0).SelectMany(f => Cultures().Select(c => Path.Combine(f, c, file)));
        return candidates.FirstOrDefault(static path => File.Exists(path) && new FileInfo(path).Length <= MaxFileBytes);
    }

    // Update-Help -Scope CurrentUser, which is the default since PowerShell 7.
    private static string UserHelp()
    {
        bool isWindows = Path.DirectorySeparatorChar == '\\';
        string root = Environment.GetFolderPath(isWindows ? Environment.SpecialFolder.MyDocuments : Environment.SpecialFolder.LocalApplicationData);
        return root.Length == 0 ? string.Empty : Path.Combine(root, isWindows ? "PowerShell" : "powershell", "Help");
    }

    private static IEnumerable<string> Cultures()
    {
        for (CultureInfo culture = CultureInfo.CurrentUICulture; culture.Name.Length > 0; culture = culture.Parent)
        {
            yield return culture.Name;
        }

        yield return "en-US";
        yield return "en";
    }
}
