using System;
using System.Collections.Generic;
using System.IO;

namespace Helicone.Connections;

/// <summary>Reads a <c>.env</c> file: <c>NAME=value</c> a line, with quotes, <c>export</c> and comments as shells and dotenv have them.</summary>
internal static class EnvFile
{
    /// <summary>The variables of a file; the last of several with one name counts.</summary>
    public static Dictionary<string, string> Read(string path)
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (string line in File.ReadAllLines(path))
        {
            string text = line.Trim();
            if (text.StartsWith("export ", StringComparison.Ordinal))
            {
                text = text.Substring("export ".Length).TrimStart();
            }

            int equals = text.IndexOf('=');
            if (equals > 0 && text[0] != '#')
            {
                variables[text.Substring(0, equals).TrimEnd()] = Value(text.Substring(equals + 1).TrimStart());
            }
        }

        return variables;
    }

    private static string Value(string text)
    {
        if (text.Length > 0 && text[0] is '"' or '\'')
        {
            int end = text.IndexOf(text[0], 1);
            return end < 0 ? text : text.Substring(1, end - 1);
        }

        int comment = text.StartsWith("#", StringComparison.Ordinal) ? 0 : text.IndexOf(" #", StringComparison.Ordinal);
        return (comment < 0 ? text : text.Substring(0, comment)).TrimEnd();
    }
}
