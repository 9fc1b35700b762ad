using Helicone.Bulk;

namespace Helicone.Core.Tests.Bulk;

public sealed class ErrorThresholdTests
{
    [Theory]
    [InlineData("10", 9, 9, false)]
    [InlineData("10", 10, 10, true)]
    [InlineData("5%", 1, 19, false)]
    [InlineData("5%", 1, 20, true)]
    [InlineData("5%", 4, 100, false)]
    [InlineData("5%", 5, 100, true)]
    [InlineData(" 0.5 % ", 1, 200, true)]
    [InlineData("100%", 20, 20, true)]
    [InlineData("100%", 20, 21, false)]
    public void Threshold_IsReached_AtItsCountOrShare(string text, int failed, int finished, bool reached) =>
        Assert.Equal(reached, ErrorThreshold.Parse(text).IsReached(failed, finished));

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("many")]
    [InlineData("0%")]
    [InlineData("101%")]
    [InlineData("-5%")]
    [InlineData("%")]
    [InlineData("")]
    public void WrongText_IsRefused_AndARightOneShown(string text) =>
        Assert.Contains("5%", Assert.Throws<FormatException>(() => ErrorThreshold.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("10")]
    [InlineData("2.5%")]
    public void Text_ReadsBack(string text) => Assert.Equal(text, ErrorThreshold.Parse(text).ToString());
}
