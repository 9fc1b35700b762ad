using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace HelpBuilder;

internal static class Program
{
    private static int Main(string[] args)
    {
        if (args is not [string docs, string output, string address] || !Uri.IsWellFormedUriString(address, UriKind.Absolute))
        {
            Console.Error.WriteLine("usage: HelpBuilder FOLDER-OF-MARKDOWN OUTPUT.xml ADDRESS-OF-THE-PAGES");
            return 2;
        }

        List<CmdletHelp> cmdlets = [];
        bool failed = false;

        // Ordinal, so that the same sources give the same file on every machine.
        foreach (string path in Sources(docs).Order(StringComparer.Ordinal))
        {
            try
            {
                cmdlets.Add(HelpReader.Read(path, Path.GetFileName(output)));
            }
            catch (HelpSourceException e)
            {
                // The form that MSBuild and editors understand: the build fails with it, and it can be clicked.
                Console.Error.WriteLine($"{path}({e.Line}): error HELP: {e.Message}");
                failed = true;
            }
        }

        if (failed)
        {
            return 1;
        }

        if (cmdlets.Count == 0)
        {
            Console.Error.WriteLine($"{docs}: error HELP: there is no *.md in this folder.");
            return 1;
        }

        MamlWriter.Write(cmdlets, output, address);
        return 0;
    }

    private static string[] Sources(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder, "*.md") : [];
}
