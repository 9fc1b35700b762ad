using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Helicone.Connections;

namespace Helicone.Reports;

/// <summary>What a step of GitHub Actions writes for its page: annotations and a part of the job summary.</summary>
/// <remarks>
/// The runner reads commands from the lines of the output. Text of others gets into them as data of a command, whose line it can't end.
/// Source: <c>issueCommand</c> of the Actions toolkit (actions/toolkit).
/// </remarks>
internal static class GitHubActions
{
    // The page of a step shows ten of each kind.
    private const int MaxAnnotations = 10;
    private const int MaxMessage = 1_000;
    private const int MaxFailures = 50;

    /// <summary>Indicates whether this process runs in GitHub Actions.</summary>
    public static bool IsCurrent => "true".Equals(EnvironmentVariables.Get("GITHUB_ACTIONS"), StringComparison.OrdinalIgnoreCase);

    /// <summary>The annotations of a run, one for each kind of failure and each reason.</summary>
    public static IEnumerable<string> Annotations(string title, RunSummary summary, RunFailures failures)
    {
        string kind = summary.ExitCode == 0 ? "warning" : "error";
        return summary.Reasons.Select(reason => Command(kind, title, reason))
            .Concat(failures.Groups.Select(failure => Command(kind, $"{title}: {failure.Id}", failure.Count == 1 ? failure.Message : FormattableString.Invariant($"{failure.Count:N0} times: {failure.Message}"))))
            .Take(MaxAnnotations);
    }

    /// <summary>Appends a table to the summary of the job.</summary>
    /// <exception cref="IOException">The file can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file can't be written.</exception>
    public static void AppendSummary(string title, RunSummary summary, RunFailures failures)
    {
        if (EnvironmentVariables.Get("GITHUB_STEP_SUMMARY") is { } path)
        {
            using FileStream file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            byte[] text = Encoding.UTF8.GetBytes(Markdown(title, summary, failures));
            file.Write(text, 0, text.Length);
        }
    }

    /// <summary>A command: its message ends with the line.</summary>
    internal static string Command(string name, string title, string message) =>
        $"::{name} title={Data(Cut(TerminalText.ShowLine(title))).Replace(":", "%3A").Replace(",", "%2C")}::{Data(Cut(TerminalText.ShowLine(message)))}";

    internal static string Markdown(string title, RunSummary summary, RunFailures failures)
    {
        StringBuilder text = new();
        text.Append("### ").Append(Inline(title)).Append("\n\n| Calls | Failed | From the cache | Tokens | Cost |\n|---:|---:|---:|---:|---:|\n")
            .Append(FormattableString.Invariant($"| {summary.Calls:N0} | {summary.Failed:N0} | {summary.CacheHits:N0} | {summary.Tokens:N0} | {summary.Total} |\n"));
        if (summary.UnpricedCalls > 0)
        {
            text.Append(FormattableString.Invariant($"\nThe cost leaves out {summary.UnpricedCalls:N0} calls whose cost isn't known.\n"));
        }

        foreach (string reason in summary.Reasons)
        {
            text.Append("\n**").Append(Inline(reason)).Append("**\n");
        }

        if (failures.Groups.Count > 0)
        {
            string[] lines = [.. failures.Groups.Take(MaxFailures).Select(static failure => FormattableString.Invariant($"{failure.Count,5:N0}  {failure.Id}: {Cut(failure.Message)}"))];

            // A fence that is longer than any in the text, so that nothing in it is Markdown or HTML.
            string fence = new('`', Math.Max(3, lines.Max(LongestRun) + 1));
            text.Append('\n').Append(fence).Append("text\n").Append(string.Join("\n", lines)).Append('\n').Append(fence).Append('\n');
        }

        return text.Append('\n').ToString();
    }

    private static string Data(string text) => text.Replace("%", "%25").Replace("\r", "%0D").Replace("\n", "%0A");

    // Every character that Markdown or HTML could read is written as a reference.
    private static string Inline(string text) => string.Concat(TerminalText.ShowLine(text).Select(static c => char.IsLetterOrDigit(c) || c is ' ' or '.' || c > 127 ? c.ToString() : $"&#{(int)c};"));

    private static string Cut(string text) => text.Length <= MaxMessage ? text : text.Substring(0, char.IsHighSurrogate(text[MaxMessage - 2]) ? MaxMessage - 2 : MaxMessage - 1) + "…";

    private static int LongestRun(string line)
    {
        int longest = 0;
        int run = 0;
        foreach (char c in line)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}
