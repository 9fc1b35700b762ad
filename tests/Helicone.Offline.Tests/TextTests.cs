using System.IO.Enumeration;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Xunit;

namespace Helicone.Offline.Tests;

/// <summary>What replaces a regular expression or a part of the framework gives the same.</summary>
public sealed class TextTests
{
    private static readonly Regex s_piece = new(@"\s*(?:[\p{L}\p{N}-[\u2E80-\uFFFF]]{1,8}|[\uD800-\uDBFF][\uDC00-\uDFFF]|\S)|\s+", RegexOptions.CultureInvariant);

    [Property(MaxTest = 2000)]
    public void Tokens_AreThoseOfThePattern(string? text)
    {
        text ??= string.Empty;

        Assert.Equal(s_piece.Matches(text).Select(match => match.Value), OfflineTokens.Split(text));
        Assert.Equal(OfflineTokens.Split(text).Count, OfflineTokens.Count(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("Grüße 😀 \ud83d alone, antidisestablishmentarianism 中文字 ½ \u00a0end \n")]
    public void Tokens_OfOddTexts_AreThoseOfThePattern(string text) => Tokens_AreThoseOfThePattern(text);

    [Property(MaxTest = 2000)]
    public void Wildcards_FitAsInFileNames(NonNull<string> text, NonNull<string> pattern)
    {
        // The framework escapes with a backslash, and an empty text fits nothing there.
        string plain = pattern.Get.Replace("\\", "*", StringComparison.Ordinal) + "*";
        if (text.Get.Length == 0)
        {
            return;
        }

        Assert.Equal(FileSystemName.MatchesSimpleExpression(plain, text.Get, ignoreCase: true), SimpleExpression.Fits(text.Get, plain));
    }

    [Theory]
    [InlineData("gpt-4o-mini", "gpt-*", true)]
    [InlineData("gpt-4o-mini", "*MINI", true)]
    [InlineData("gpt-4o-mini", "g*o*i", true)]
    [InlineData("gpt-4o-mini", "gpt-?o*", true)]
    [InlineData("gpt-4o-mini", "gpt", false)]
    [InlineData("", "*", true)]
    [InlineData("", "?", false)]
    public void Wildcards_Fit(string text, string pattern, bool expected) => Assert.Equal(expected, SimpleExpression.Fits(text, pattern));
}
