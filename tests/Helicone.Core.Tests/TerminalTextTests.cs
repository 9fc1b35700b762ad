using Helicone.Errors;

namespace Helicone.Core.Tests;

/// <summary>Text of others on its way to a terminal.</summary>
public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("\u001b]0;owned\u0007", "␛]0;owned␇")]
    [InlineData("\u001b[2J", "␛[2J")]
    [InlineData("\u009b2J\u0085", "⟦U+009B⟧2J⟦U+0085⟧")]
    [InlineData("a\u007fb\u0000\b", "a␡b␀␈")]
    [InlineData("\u202egnp.exe\u202c", "⟦U+202E⟧gnp.exe⟦U+202C⟧")]
    [InlineData("\u2066a\u2069\u200e\u200f\u061c", "⟦U+2066⟧a⟦U+2069⟧⟦U+200E⟧⟦U+200F⟧⟦U+061C⟧")]
    [InlineData("a\u200bb\ufeff\u2060\u00ad", "a⟦U+200B⟧b⟦U+FEFF⟧⟦U+2060⟧⟦U+00AD⟧")]
    [InlineData("x\U000e0041\U000e0102", "x⟦U+E0041⟧⟦U+E0102⟧")]
    [InlineData("a\u2028b", "a⟦U+2028⟧b")]
    [InlineData("75 %\rdone", "75 %␍done")]
    public void WhatWouldDriveATerminalOrHide_IsShown(string text, string shown) => Assert.Equal(shown, TerminalText.Show(text));

    [Fact]
    public void HalfACharacter_IsShown() => Assert.Equal("a⟦U+D83D⟧b⟦U+DE00⟧", TerminalText.Show("a\ud83db\ude00"));

    [Theory]
    [InlineData("")]
    [InlineData("plain ASCII, with 'quotes' and {braces}")]
    [InlineData("two\nlines\tand a tab")]
    [InlineData("Grüße, 日本語, עברית, العربية, 👩‍👩‍👧, می‌خواهم")]
    public void OrdinaryText_StaysAsItIs(string text) => Assert.Equal(text, TerminalText.Show(text));

    [Fact]
    public void Nothing_IsEmpty() => Assert.Equal(string.Empty, TerminalText.Show(null));

    [Fact]
    public void LineBreaksOfWindows_AreLineBreaks() => Assert.Equal("one\ntwo", TerminalText.Show("one\r\ntwo"));

    [Fact]
    public void InOneLine_LineBreaksAreSymbols() => Assert.Equal("one␊two three", TerminalText.ShowLine("one\r\ntwo\tthree"));

    [Fact]
    public void EveryCharacterOfControlOrDirection_IsReplaced_AndTheResultIsStable()
    {
        for (int c = 0; c <= 0x10ffff; c++)
        {
            if (c is >= 0xd800 and <= 0xdfff)
            {
                continue;
            }

            string shown = TerminalText.Show(char.ConvertFromUtf32(c));

            Assert.DoesNotContain(shown, static character => char.IsControl(character) && character is not ('\n' or '\t'));
            Assert.DoesNotContain(shown, static character => character is >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069');
            Assert.Equal(shown, TerminalText.Show(shown));
        }
    }

    [Fact]
    public void MessageOfAnError_DrivesNoTerminal_WhoeverWritesIt()
    {
        HeliconeException error = new(HeliconeErrorKind.UpstreamFailed, "provider died\u001b[2J");

        Assert.Equal("provider died␛[2J", error.Message);
    }
}
