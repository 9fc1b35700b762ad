using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Helicone.Attribution;

namespace Helicone.Core.Tests.Attribution;

public class RateLimitPolicyTests
{
    [Theory]
    [InlineData("100;w=60", 100, 60, RateLimitUnit.Request, null, "100;w=60")]
    [InlineData("1;w=31536000", 1, 31536000, RateLimitUnit.Request, null, "1;w=31536000")]
    [InlineData("100;w=3600;u=request", 100, 3600, RateLimitUnit.Request, null, "100;w=3600")]
    [InlineData("500;W=3600;U=CENTS;S=User", 500, 3600, RateLimitUnit.Cents, "User", "500;w=3600;u=cents;s=User")]
    [InlineData("100;w=60;s=my_prop-1", 100, 60, RateLimitUnit.Request, "my_prop-1", "100;w=60;s=my_prop-1")]
    [InlineData("9223372036854775807;w=60", long.MaxValue, 60, RateLimitUnit.Request, null, "9223372036854775807;w=60")]
    public void Policy_IsReadAndPrinted(string text, long quota, int window, RateLimitUnit unit, string? segment, string wire)
    {
        RateLimitPolicy policy = RateLimitPolicy.Parse(text);

        Assert.Equal(new RateLimitPolicy(quota, TimeSpan.FromSeconds(window), unit, segment), policy);
        Assert.Equal(wire, policy.ToString());
    }

    [Theory]
    [InlineData("", "does not begin with a quota")]
    [InlineData("basic-100", "'basic-100' is not a whole number")]
    [InlineData("-1;w=60", "'-1' is not a whole number")]
    [InlineData("1.5;w=60", "'1.5' is not a whole number")]
    [InlineData("0;w=60", "quota of 0")]
    [InlineData("99999999999999999999;w=60", "is too large")]
    [InlineData("٣;w=60", "is not a whole number")]
    [InlineData("100", "no window")]
    [InlineData("100;60", "no window")]
    [InlineData("100;w=59", "59 seconds is out of range")]
    [InlineData("100;w=31536001", "'31536001'")]
    [InlineData("100;w=99999999999999999999", "out of range")]
    [InlineData("100;w=1h", "no window")]
    [InlineData("100;w=60;u=tokens", "'u=tokens'")]
    [InlineData("100;w=60;s=", "'s='")]
    [InlineData("100;w=60;s=a b", "'s=a b'")]
    [InlineData("100;w=60;s=ü", "'s=ü'")]
    [InlineData("100;w=60;s=user;u=cents", "out of order")]
    [InlineData("100;w=60;s=user;s=team", "out of order or repeated")]
    [InlineData("100;w=60;", "The part ''")]
    [InlineData(" 100;w=60", "does not begin with a quota")]
    [InlineData("100;w=60\n", "no window")]
    [InlineData("100;w=60;s=user\n", "The part 's=user\n'")]
    public void BadPolicy_NamesThePartThatIsWrong_AndShowsARightOne(string text, string says)
    {
        FormatException e = Assert.Throws<FormatException>(() => RateLimitPolicy.Parse(text));

        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.Contains("100;w=3600;u=request;s=user", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_AreCheckedOneByOne()
    {
        Assert.Throws<ArgumentException>(() => new RateLimitPolicy(0, TimeSpan.FromMinutes(1)));
        Assert.Throws<ArgumentException>(() => new RateLimitPolicy(1, TimeSpan.FromSeconds(59)));
        Assert.Throws<ArgumentException>(() => new RateLimitPolicy(1, TimeSpan.FromDays(366)));
        Assert.Throws<ArgumentException>(() => new RateLimitPolicy(1, TimeSpan.FromSeconds(60.5)));
        Assert.Throws<ArgumentException>(() => new RateLimitPolicy(1, TimeSpan.FromMinutes(1), RateLimitUnit.Cents, ""));
        Assert.Throws<ArgumentException>(() => new RateLimitPolicy(1, TimeSpan.FromMinutes(1), RateLimitUnit.Cents, "user\n"));
        Assert.Throws<ArgumentException>(() => new RateLimitPolicy(1, TimeSpan.FromMinutes(1), RateLimitUnit.Cents, "a;b"));
        Assert.Throws<FormatException>(() => RateLimitPolicy.Parse(null!));
    }

    [Property(MaxTest = 500)]
    public void ParseOfPrint_IsTheSame(PositiveInt quota, PositiveInt window, bool cents, int segment)
    {
        string?[] segments = [null, "user", "Team", "a-b_c", "9"];
        RateLimitPolicy policy = new(quota.Get * 7919L, TimeSpan.FromSeconds(60 + (window.Get % 31535940)), cents ? RateLimitUnit.Cents : RateLimitUnit.Request, segments[(int)((uint)segment % segments.Length)]);

        Assert.Equal(policy, RateLimitPolicy.Parse(policy.ToString()));
    }

    [Property(MaxTest = 1000)]
    public void NoText_DoesMoreThanBeRefused(string? text) => AssertParsesOrRefuses(text!);

    [Property(MaxTest = 1000)]
    public Property NoTextOfTheGrammarsOwnCharacters_DoesMoreThanBeRefused() => Prop.ForAll(
        Gen.Elements("1", "60", "100", ";", "w=", "u=", "s=", "cents", "request", "user", "\n", " ", "ſ", "K", "=").ListOf().Select(string.Concat).ToArbitrary(),
        AssertParsesOrRefuses);

    private static void AssertParsesOrRefuses(string text)
    {
        RateLimitPolicy policy;
        try
        {
            policy = RateLimitPolicy.Parse(text);
        }
        catch (FormatException)
        {
            return;
        }

        // What is accepted here is what the server's own pattern accepts.
        Assert.Matches(@"^[0-9]+;w=[0-9]+(;u=cents)?(;s=[A-Za-z0-9_-]+)?\z", policy.ToString());
        Assert.Equal(policy, RateLimitPolicy.Parse(policy.ToString()));
    }
}
