#if NET
using System;
#endif
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace Helicone.Mcp;

/// <summary>Finds the program of a server, and passes its arguments as they are.</summary>
internal static class CommandLine
{
    // What cmd.exe gives a meaning to. No quoting of them is safe in the arguments of a batch file.
    private const string BatchCharacters = "\"&|<>^%!\r\n";

    private static bool IsWindows => Path.DirectorySeparatorChar == '\\';

    /// <summary>The path of a program. On Windows, a name without an extension finds npx.cmd as well.</summary>
    /// <param name="command">A name, or a path, which is relative to the working directory of the server.</param>
    /// <param name="workingDirectory">The working directory of the server.</param>
    /// <param name="path">The folders to search for a name.</param>
    /// <param name="extensions">The extensions of programs on Windows.</param>
    /// <exception cref="McpException">There is no such program.</exception>
    internal static string Find(string command, string? workingDirectory, string? path, string? extensions)
    {
        string[] endings = IsWindows && Path.GetExtension(command).Length == 0 ? (extensions ?? ".COM;.EXE;.BAT;.CMD").Split(';') : [string.Empty];
        bool isPath = command.IndexOf('/') >= 0 || (IsWindows && command.IndexOf('\\') >= 0);
        IEnumerable<string> folders = isPath ? [workingDirectory ?? string.Empty] : (path ?? string.Empty).Split(Path.PathSeparator).Where(static folder => folder.Length > 0);
        string[] files = [.. folders.SelectMany(folder => endings.Select(ending => Path.GetFullPath(Path.Combine(folder, command + ending)))).Where(File.Exists)];
        return files.FirstOrDefault(IsProgram)
            ?? throw new McpException(
                McpErrorKind.StartFailed,
                files.Length > 0 ? $"'{files[0]}' isn't a program: no one may execute it." : isPath ? $"There is no program '{command}'." : $"There is no program '{command}' in the folders of PATH.");
    }

    /// <summary>Refuses arguments that a batch file, such as npx.cmd, would not receive as they are.</summary>
    /// <exception cref="McpException">An argument contains a character that cmd.exe gives a meaning to.</exception>
    internal static void Check(string program, IReadOnlyList<string> arguments)
    {
        bool isBatch = IsWindows && Path.GetExtension(program).ToUpperInvariant() is ".CMD" or ".BAT";
        if (isBatch && arguments.FirstOrDefault(static argument => argument.Any(static c => BatchCharacters.IndexOf(c) >= 0)) is { } unsafeArgument)
        {
            throw new McpException(McpErrorKind.StartFailed, $"The argument '{unsafeArgument}' can't be passed to the batch file '{program}'. Start the program behind it instead, such as node.exe with the path of a script.");
        }
    }

    private static bool IsProgram(string file)
    {
#if NET
        if (!OperatingSystem.IsWindows())
        {
            return (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
        }
#endif
        return File.Exists(file);
    }

    /// <summary>Arguments as one text, in the form that Windows programs split again. Only for .NET Framework, which has no list of arguments.</summary>
    internal static string Join(IEnumerable<string> arguments)
    {
        StringBuilder line = new();
        foreach (string argument in arguments)
        {
            if (line.Length > 0)
            {
                line.Append(' ');
            }

            if (argument.Length > 0 && !argument.Any(static c => c is ' ' or '\t' or '\n' or '\v' or '"'))
            {
                line.Append(argument);
                continue;
            }

            line.Append('"');
            int backslashes = 0;
            foreach (char c in argument)
            {
                if (c == '\\')
                {
                    backslashes++;
                    continue;
                }

                // Backslashes count only before a quotation mark.
                line.Append('\\', c == '"' ? (backslashes * 2) + 1 : backslashes).Append(c);
                backslashes = 0;
            }

            line.Append('\\', backslashes * 2).Append('"');
        }

        return line.ToString();
    }
}
