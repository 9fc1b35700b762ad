using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using Helicone.Completion;
using Helicone.Runtime;

namespace Helicone.Prompt;

/// <summary>What is typed at the chat prompt: a message, or a command that begins with a slash.</summary>
/// <param name="Command">The command, such as <c>/model</c>; <see langword="null"/> for a message.</param>
/// <param name="Text">The message, or what follows the command.</param>
internal sealed record ChatLine(string? Command, string Text)
{
    /// <summary>What removes a setting.</summary>
    public const string Off = "off";

    /// <summary>The commands, in the order of the help.</summary>
    public static IReadOnlyList<ChatCommand> Commands { get; } =
    [
        new("/model", "[<model>]", "Shows the model, or changes it."),
        new("/system", "[<text> | off]", "Shows the system prompt, changes it, or removes it."),
        new("/file", "[<path>]", "Attaches a file to the next message, or shows what is attached."),
        new("/image", "[<path or address>]", "Attaches an image to the next message, or shows what is attached."),
        new("/tool", "[<command> | off]", "Shows the tools that the model may call, adds one, or removes them."),
        new("/session", "[<name> | off]", "Shows the session that calls belong to, starts another, or leaves it."),
        new("/cost", "", "Shows the calls, tokens, and cost of this chat."),
        new("/undo", "", "Removes the last message and its answer."),
        new("/retry", "", "Sends the last message again."),
        new("/save", "<path>", "Saves the conversation to a file."),
        new("/load", "<path>", "Continues a conversation from a file."),
        new("/clear", "", "Starts a new conversation with the same system prompt."),
        new("/help", "", "Lists the commands."),
        new("/exit", "", "Ends the chat."),
    ];

    /// <summary>Reads a line. A path or a date that begins with a slash is a message.</summary>
    public static ChatLine Parse(string line)
    {
        string text = line.TrimEnd();
        if (text.Length < 2 || text[0] != '/')
        {
            return new ChatLine(null, line.Trim());
        }

        int end = 1;
        while (end < text.Length && char.IsLetter(text[end]))
        {
            end++;
        }

        return end > 1 && (end == text.Length || char.IsWhiteSpace(text[end]))
            ? new ChatLine(text.Substring(0, end).ToLowerInvariant(), text.Substring(end).Trim())
            : new ChatLine(null, text);
    }

    /// <summary>Completes commands, and what follows them.</summary>
    /// <param name="text">The text before the cursor.</param>
    public static Completions? Complete(string text)
    {
        if (text.Length == 0 || text[0] != '/' || text.IndexOf('\n') >= 0)
        {
            return null;
        }

        int space = text.IndexOf(' ');
        if (space < 0)
        {
            return Matching(0, text, Commands.Select(static command => command.Argument.Length == 0 ? command.Name : command.Name + " "));
        }

        string word = text.Substring(space + 1).TrimStart();
        int start = text.Length - word.Length;
        return text.Substring(0, space).ToLowerInvariant() switch
        {
            "/model" => Matching(start, word, Models(word)),
            "/session" => Matching(start, word, RunspaceState.Current.Sessions.Select(static session => session.Id).Append(Off)),
            "/tool" => Matching(text.LastIndexOfAny([' ', ',']) + 1, text.Substring(text.LastIndexOfAny([' ', ',']) + 1), ToolCompleter.Names(text.Substring(text.LastIndexOfAny([' ', ',']) + 1)).Select(static tool => tool.Key).Append(Off)),
            "/system" => Matching(start, word, [Off]),
            "/file" or "/image" or "/save" or "/load" => new Completions(start, Files(word)),
            _ => null,
        };
    }

    private static Completions Matching(int start, string word, IEnumerable<string> words) =>
        new(start, [.. words.Where(candidate => candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.OrdinalIgnoreCase)]);

    private static IEnumerable<string> Models(string word) => word.IndexOf('/') < 0
        ? CompletionText.CachedModels().Select(static model => model.Id)
        : CompletionText.CachedModels().SelectMany(static model => model.Endpoints.Select(endpoint => model.Id + "/" + endpoint.Provider));

    // The engine quotes what it completes for a command line. Here, the rest of the line is the path.
    private static string[] Files(string word) =>
        [.. CompletionCompleters.CompleteFilename(word).Select(static result => result.CompletionText.Trim('\'', '"').Replace("''", "'"))];
}
