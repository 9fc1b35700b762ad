using FsCheck.Xunit;
using Helicone.Attribution;
using Helicone.Core.Tests.Servers;

namespace Helicone.Core.Tests.Attribution;

public class AttributionTests
{
    [Theory]
    [InlineData(null, "/")]
    [InlineData("", "/")]
    [InlineData("/", "/")]
    [InlineData("//", "/")]
    [InlineData("plan", "/plan")]
    [InlineData("/plan/", "/plan")]
    [InlineData("/plan/a b/ü", "/plan/a b/ü")]
    public void SessionPath_BeginsWithASlash_AndDoesNotEndWithOne(string? path, string expected) =>
        Assert.Equal(expected, new HeliconeSession("s", path: path).Path);

    [Theory]
    [InlineData("/", "/weather", "/weather")]
    [InlineData("/plan", "weather", "/plan/weather")]
    [InlineData("/plan", "/", "/")]
    [InlineData("/plan", "/weather", "/weather")]
    [InlineData("/plan", "", "/plan")]
    [InlineData("/plan", "a/b/", "/plan/a/b")]
    public void SessionAt_ExtendsThePath_UnlessItBeginsWithASlash(string path, string tail, string expected)
    {
        HeliconeSession session = new HeliconeSession("s", "n", path).At(tail);

        Assert.Equal(("s", "n", expected), (session.Id, session.Name, session.Path));
    }

    [Fact]
    public void SessionId_IsARandomUuidOfVersion4_UnlessGiven()
    {
        HeliconeSession session = new();

        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", session.Id);
        Assert.NotEqual(session.Id, new HeliconeSession().Id);
        Assert.Equal(session.Id, session.ToString());
    }

    [Property(MaxTest = 500)]
    public void Session_ThatWasMade_CanGoOnTheWire(string? id, string? name, string? path, string tail)
    {
        HeliconeSession session;
        try
        {
            session = new HeliconeSession(id, name, path).At(tail ?? "");
        }
        catch (ArgumentException)
        {
            return;
        }

        HeaderSink headers = new();
        session.WriteTo(headers);
        Assert.Contains(headers.Headers, h => h.Key == "Helicone-Session-Path" && h.Value == session.Path);
    }

    [Theory]
    [InlineData("a\r\nHelicone-User-Id: b", "a carriage return")]
    [InlineData("a\nb", "a line feed")]
    [InlineData("a\0b", "a NUL")]
    [InlineData("a\u0085b", "U+0085")]
    [InlineData("a\u001bb", "U+001B")]
    [InlineData("a\t", "white space")]
    public void Value_ThatCannotGoIntoAHeader_IsRefused_WithTheNameOfTheHeader(string value, string says) => AssertRefused(value, says);

    // Not as the data of a theory: an attribute cannot hold half a character.
    [Fact]
    public void HalfACharacter_IsRefused_WithTheNameOfTheHeader()
    {
        AssertRefused("a\ud83d", "surrogate");
        AssertRefused("\udf0db", "surrogate");
    }

    private static void AssertRefused(string value, string says)
    {
        Assert.All(
            new (string Name, Action Make)[]
            {
                ("Helicone-Session-Id", () => new HeliconeSession(value)),
                ("Helicone-Session-Name", () => new HeliconeSession("s", value)),
                ("Helicone-Session-Path", () => new HeliconeSession("s", null, "/" + value).At(value)),
                ("Helicone-User-Id", () => _ = new RequestTags { UserId = value }),
                ("Helicone-Cache-Seed", () => _ = new CachePolicy { Seed = value }),
                ("Helicone-Property-Team", () => _ = new RequestTags { Properties = new Dictionary<string, string> { ["Team"] = value } }),
                ("X-Mine", () => new RequestOptions { Headers = new Dictionary<string, string> { ["X-Mine"] = value } }.ToHeaders()),
            },
            attempt =>
            {
                ArgumentException e = Assert.Throws<ArgumentException>(attempt.Make);
                Assert.Contains($"'{attempt.Name}'", e.Message, StringComparison.Ordinal);
                Assert.Contains(says, e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', e.Message);
            });
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("ü")]
    [InlineData("a\r\nX: y")]
    public void PropertyName_ThatIsNoHeaderName_IsRefused(string name)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new RequestTags { Properties = new Dictionary<string, string> { [name] = "v" } });

        Assert.DoesNotContain('\n', e.Message);
    }

    [Property(MaxTest = 1000)]
    public void Header_ThatIsAccepted_HasNothingThatEndsALine(string? name, string? value)
    {
        HeaderSink headers = new();
        try
        {
            headers.Set(name!, value!);
        }
        catch (ArgumentException)
        {
            Assert.Empty(headers.Headers);
            return;
        }

        Assert.DoesNotContain(headers.Headers, h => h.Key.Length == 0 || h.Key.Any(c => c is <= ' ' or ':' or > '~') || h.Value.Any(char.IsControl) && !h.Value.Contains('\t'));
    }

    [Fact]
    public void Header_SetTwice_StandsOnce()
    {
        HeaderSink headers = new();
        headers.Set("X-A", "1");
        headers.Set("x-a", "2");

        Assert.Equal([new KeyValuePair<string, string>("x-a", "2")], headers.Headers);
    }

    [Theory]
    [InlineData("0b4aa92a-0000-1000-8000-00000000000a", true)]
    [InlineData("0B4AA92A-0000-4000-B000-00000000000A", true)]
    [InlineData("0b4aa92a-0000-5000-9000-00000000000a", true)]
    [InlineData("018f0000-0000-7000-8000-000000000000", false)]
    [InlineData("0b4aa92a-0000-0000-8000-00000000000a", false)]
    [InlineData("0b4aa92a-0000-4000-c000-00000000000a", false)]
    [InlineData("0b4aa92a000040008000-00000000000a", false)]
    [InlineData("0b4aa92a-0000-4000-8000-00000000000a\n", false)]
    [InlineData("", false)]
    [InlineData("x", false)]
    public void RequestId_ThatHeliconeWouldReplace_IsRefused(string id, bool good)
    {
        if (good)
        {
            Assert.Equal(id, new RequestTags { RequestId = id }.RequestId);
        }
        else
        {
            Assert.Contains("silently replaces", Assert.Throws<ArgumentException>(() => new RequestTags { RequestId = id }).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Version7_IsRefused() => Assert.Throws<ArgumentException>(() => new RequestTags { RequestId = Guid.CreateVersion7().ToString() });

    [Fact]
    public void Cache_HasBounds()
    {
        Assert.Equal(1, new CachePolicy { BucketSize = 1 }.BucketSize);
        Assert.Equal(20, new CachePolicy { BucketSize = 20 }.BucketSize);
        Assert.Throws<ArgumentException>(() => new CachePolicy { BucketSize = 0 });
        Assert.Throws<ArgumentException>(() => new CachePolicy { BucketSize = 21 });
        Assert.Equal(TimeSpan.FromSeconds(1), new CachePolicy { MaxAge = TimeSpan.FromSeconds(1) }.MaxAge);
        Assert.Equal(TimeSpan.FromDays(365), new CachePolicy { MaxAge = TimeSpan.FromDays(365) }.MaxAge);
        Assert.Throws<ArgumentException>(() => new CachePolicy { MaxAge = TimeSpan.FromSeconds(0.9) });
        Assert.Throws<ArgumentException>(() => new CachePolicy { MaxAge = TimeSpan.FromDays(366) });
        Assert.Throws<ArgumentException>(() => new CachePolicy { Seed = "" });
    }

    [Fact]
    public void Cache_AloneSaysOnlyThatItIsUsed()
    {
        HeaderSink headers = new();
        new CachePolicy().WriteTo(headers);

        Assert.Equal([new KeyValuePair<string, string>("Helicone-Cache-Enabled", "true")], headers.Headers);
    }

    [Theory]
    [InlineData("100;w=60;s=user", "counts per user")]
    [InlineData("100;w=60;s=Team", "counts per property 'Team'")]
    public void Segment_WithoutItsHeader_IsRefused(string policy, string says)
    {
        RequestOptions options = new() { RateLimit = RateLimitPolicy.Parse(policy), Tags = new RequestTags { Properties = new Dictionary<string, string> { ["Other"] = "x" } } };

        Assert.Contains(says, Assert.Throws<ArgumentException>(options.ToHeaders).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Segment_IsSatisfiedByTagsOrHeaders_WhateverTheirCase()
    {
        Dictionary<string, string> team = new() { ["TEAM"] = "x" };
        Dictionary<string, string> header = new() { ["helicone-property-team"] = "x" };

        Assert.NotEmpty(new RequestOptions { RateLimit = RateLimitPolicy.Parse("1;w=60;s=team"), Tags = new() { Properties = team } }.ToHeaders().Headers);
        Assert.NotEmpty(new RequestOptions { RateLimit = RateLimitPolicy.Parse("1;w=60;s=team"), Headers = header }.ToHeaders().Headers);
        Assert.NotEmpty(new RequestOptions { RateLimit = RateLimitPolicy.Parse("1;w=60;s=USER"), Tags = new() { UserId = "u" } }.ToHeaders().Headers);
    }

    [Theory]
    [InlineData("authorization")]
    [InlineData("Helicone-Auth")]
    [InlineData("Host")]
    [InlineData("Content-Type")]
    [InlineData("Content-Language")]
    [InlineData("Expires")]
    [InlineData("Transfer-Encoding")]
    public void Header_OfTheConnectionOrTheBody_IsRefusedByName(string name)
    {
        RequestOptions options = new() { Headers = new Dictionary<string, string> { [name] = "x" } };

        Assert.Contains($"'{name}'", Assert.Throws<ArgumentException>(options.ToHeaders).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryOtherHeader_ReallyArrives()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Json(Answers.Whole));
        Dictionary<string, string> headers = new()
        {
            ["Helicone-Property-A!#$%&'*+-.^_`|~9"] = "v",
            ["Helicone-Cache-Ignore-Keys"] = "\"a\",\"b\"",
            ["Helicone-Retry-Enabled"] = "true",
            ["X-Empty"] = "",
            ["Cache-Control"] = "s-maxage=60",
            ["Date"] = "not a date",
            ["Accept-Language"] = "de, en;q=0.5",
        };

        await Clients.CompleteAsync(server.Uri, new RequestOptions { Headers = headers });

        Assert.All(headers, h => Assert.Equal(h.Value, server.Chats.Single().Headers[h.Key]));
    }
}
