using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Host;
using Helicone.Runtime;

namespace Helicone.Formatting;

/// <summary>What an answer looks like: its text, the tools that the model asks for, and one line about the call. Called by Helicone.Format.ps1xml, for answers and their deserialized copies.</summary>
public static class CompletionView
{
    private const string ConsoleHost = "ConsoleHost";

    // PowerShell takes escapes out again where the output is no terminal since it has $PSStyle; Windows PowerShell would leave them in files.
    private static readonly bool s_enginePlainsText = typeof(PSObject).Assembly.GetType("System.Management.Automation.PSStyle") is not null;
    private static readonly string[] s_dataCommands = ["Microsoft.PowerShell.Commands.OutFileCommand", "Microsoft.PowerShell.Commands.OutStringCommand"];

    /// <summary>The answer, wrapped at words to the window. The line about the call comes with it only on its way to a person.</summary>
    /// <param name="completion">The answer.</param>
    /// <param name="host">The host that may show it.</param>
    /// <param name="isRedirected">Indicates whether this process writes its output to a file or another program.</param>
    public static string Show(PSObject completion, PSHost host, bool isRedirected)
    {
        if (ReferenceEquals(RunspaceState.Current.ShownAnswer, completion.BaseObject) && !IsWrittenAsData())
        {
            // The person has just read it.
            return string.Empty;
        }

        string text = Answer(completion);
        if (IsWrittenAsData())
        {
            return text;
        }

        text = Wrap(text, host);
        return isRedirected && host.Name == ConsoleHost ? text : Append(text, Footer(completion, host, isStyled: true));
    }

    /// <summary>The text of an answer and the tools that the model asks for.</summary>
    /// <param name="completion">The answer.</param>
    public static string Answer(PSObject completion)
    {
        List<string> parts = [];
        Add(Read(completion, "Content"));
        Add(Read(completion, "Refusal"));
        parts.AddRange(ToolCallLines(completion));
        return string.Join("\n", parts);

        void Add(object? part)
        {
            if (part?.ToString() is { Length: > 0 } said)
            {
                parts.Add(TerminalText.Show(said));
            }
        }
    }

    /// <summary>The call in one line: model · tokens in→out · cost · latency · cache.</summary>
    /// <param name="completion">The answer.</param>
    public static string Call(PSObject completion) =>
        TerminalText.ShowLine(string.Join(" · ", Facts(completion).Where(static fact => !string.IsNullOrEmpty(fact))));

    /// <summary>A piece of a stream: its text, or the pieces of tool calls.</summary>
    /// <param name="chunk">The piece.</param>
    public static string Piece(PSObject chunk)
    {
        string text = TerminalText.Show(Read(chunk, "Text")?.ToString());
        return text.Length > 0 ? text : string.Join("\n", ToolCallLines(chunk));
    }

    private static string Wrap(string text, PSHost host) => WordWrap.For(host) is { } wrap ? wrap.Add(text) + wrap.End() : text;

    private static string Append(string text, string line) => text.Length == 0 ? line : text + "\n" + line;

    internal static string ToolCallLine(object? call) => "\u2192 " + TerminalText.ShowLine(call?.ToString());

    private static IEnumerable<string> ToolCallLines(PSObject answer) =>
        Read(answer, "ToolCalls") is IEnumerable calls ? calls.Cast<object?>().Select(ToolCallLine) : [];

    /// <summary>The line about the call, dim.</summary>
    internal static string Footer(PSObject completion, PSHost host, bool isStyled)
    {
        string line = Wrap(Call(completion), host);
        return isStyled && host.UI?.SupportsVirtualTerminal == true && s_enginePlainsText ? "\u001b[2m" + line + "\u001b[22m" : line;
    }

    private static IEnumerable<string?> Facts(PSObject completion)
    {
        string? model = Read(completion, "Model")?.ToString();
        yield return Read(completion, "Provider") is { } provider ? model + "/" + provider : model;
        yield return Read(completion, "Usage") is { } usage ? usage + " tokens" : null;
        yield return Read(completion, "Cost") is { } cost ? Cell.Money(cost) : "cost unknown";
        yield return Cell.Duration(Read(completion, "Latency"));
        yield return Read(completion, "CacheStatus")?.ToString() switch
        {
            "Hit" => "cache hit",
            "Miss" => "cache miss",
            _ => null,
        };
        yield return Read(completion, "FinishReason")?.ToString() is { } reason and not "stop" ? reason : null;
    }

    private static object? Read(PSObject answer, string property) => answer.Properties[property]?.Value;

    // Neither the view nor the host learns where the engine sends what it formats, but the command that formats is at work on this very thread.
    private static bool IsWrittenAsData() => (new StackTrace(false).GetFrames() ?? [])
        .Any(static frame => frame?.GetMethod()?.DeclaringType?.FullName is { } name && Array.IndexOf(s_dataCommands, name) >= 0);
}
