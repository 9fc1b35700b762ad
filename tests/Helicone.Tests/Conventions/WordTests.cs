using System.Text.RegularExpressions;
using Helicone.Tests.Hosting;

namespace Helicone.Tests.Conventions;

/// <summary>Keeps phrases that no native speaker would write out of help, messages, and documents. STYLE: plain, idiomatic American English.</summary>
public sealed partial class WordTests
{
    // The pattern, and what to write instead.
    private static readonly (string Pattern, string Instead)[] s_phrases =
    [
        (@"\bshall\b", "present tense, or 'must'"),
        (@"\bbeside\b", "'next to', or 'in addition to'"),
        (@"\bof (?:its|their|his|her|one's) own\b|\bof (?:our|your) own\b(?! \w)", "'separate', or 'your own …'"),
        (@"\bone's\b", "'your'"),
        (@"\bg[ia]ves? out\b|\bgiven out\b|\bgiving out\b", "'returns', or 'writes'"),
        (@"\b(?:is|are|was|were|be) told\b|\btells\b", "'receives', or 'reports'"),
        (@"\bknows\b", "'contains', 'supports', or the fact"),
        (@"\bhow-manieth\b", "'the occurrence number'"),
        (@"\bdearest\b(?!\.)", "'highest cost', or 'most expensive'"),
        (@"\byoungest\b", "'newest'"),
        (@"\bis no such\b|\b(?:is|are) none\.", "'is not a valid …'"),
        (@"\bone too many\b", "'Specify only two of …'"),
        (@"(?:^|[.:;] )Who(?:ever)? [a-z]+(?![^.\n]*\?)", "the noun: 'A caller that …'"),
        (@"\bstands?\b(?! for\b)(?!-in\b)(?! in\b)", "'is', or 'appears'"),
        (@"(?<!Comments )\bsays\b|\b[Ss]aid\b", "'reports', 'contains', or 'returns'"),
        (@"\bbut for\b|\bnone but\b|\bnothing but\b", "'except'"),
        (@"\btyped wrong\b|\bwhat is typed\b", "'invalid input'"),
        (@"\b(?:is|are) over\b", "'has ended', or 'completed'"),
        (@"\bany more\b", "'no longer'"),
        (@"\bmay not do it\b", "'doesn't have permission'"),
        (@"\bwhat came of\b", "'the result of'"),
        (@"\bcame? down the pipeline\b", "'input from the pipeline'"),
        (@"\bof the user\b(?!'s)", "'user …', as in 'user message'"),
        (@"\bas there\b", "'as on Helicone's cloud'"),
    ];

    [Fact]
    public void HelpAndDocuments_AreInPlainWords() => Assert.Empty(Documents().SelectMany(path => Hits(path, WithoutCode(File.ReadAllText(path)))));

    [Fact]
    public void Messages_AreInPlainWords() => Assert.Empty(Sources().SelectMany(path => Hits(path, Literals(File.ReadAllText(path)))));

    [Fact]
    public void TheList_FindsWhatItIsFor()
    {
        // Otherwise a mistake in a pattern would look like a clean text.
        Assert.NotEmpty(Hits("a.md", "Who asks before they are there waits for them.\n"));
        Assert.NotEmpty(Hits("a.md", "A gateway of its own comes with it.\n"));
        Assert.NotEmpty(Hits("a.cs", Literals("throw new X($\"{a} is no such number.\");")));
        Assert.Empty(Hits("a.cs", Literals("// it is no such number")));
        Assert.Empty(Hits("a.md", "Specify only two of -StartTime, -EndTime, and -Duration.\n"));
    }

    private static IEnumerable<string> Documents()
    {
        string root = Repository.Root;
        string[] single = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "bench/PROFILE.md", "src/Helicone.Core/README.md", "docs/architecture.md"];
        return single.Select(name => Path.Combine(root, name))
            .Concat(Directory.GetFiles(Path.Combine(root, "docs", "en-US"), "*.md"))
            .Concat(Directory.GetFiles(Path.Combine(root, "module", "en-US"), "*.txt"))
            .Append(Path.Combine(root, "module", "Helicone.psd1"));
    }

    private static IEnumerable<string> Sources() => Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
        .Where(static path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static IEnumerable<string> Hits(string path, string text) =>
        from line in text.Split('\n').Select(static (content, index) => (Content: content, Number: index + 1))
        from phrase in s_phrases
        let match = Regex.Match(line.Content, phrase.Pattern)
        where match.Success
        select $"{Path.GetFileName(path)}({line.Number}): '{match.Value.Trim()}'. Write {phrase.Instead}. {line.Content.Trim()}";

    /// <summary>Markdown without its code blocks and inline code; a line stays a line.</summary>
    private static string WithoutCode(string text) => Inline().Replace(Fence().Replace(text, static block => new string('\n', block.Value.Count(static c => c == '\n'))), "`…`");

    /// <summary>The string literals of C# that are sentences: those with a space and without markup.</summary>
    private static string Literals(string source) => string.Join('\n', source.Split('\n').Select(static line =>
        line.TrimStart().StartsWith("//", StringComparison.Ordinal) ? string.Empty : string.Join(" | ", Literal().Matches(line).Select(static literal => literal.Groups[1].Value).Where(static text => text.Contains(' ') && !text.Contains('<')))));

    [GeneratedRegex("```.*?```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex Inline();

    [GeneratedRegex("\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex Literal();
}
