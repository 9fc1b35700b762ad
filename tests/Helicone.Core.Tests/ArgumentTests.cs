using System.Globalization;
using Helicone.Attribution;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;

namespace Helicone.Core.Tests;

/// <summary>What a C# developer gets for an argument that can't be right.</summary>
public class ArgumentTests
{
    public static TheoryData<string, string, Action> Invalid => new()
    {
        { "a key without text", "apiKey", () => new HeliconeClient(string.Empty).Dispose() },
        { "a key with a space", "apiKey", () => new HeliconeClient("sk-helicone secret").Dispose() },
        { "a key that is null", "apiKey", () => new HeliconeClient((string)null!).Dispose() },
        { "no options", "options", () => new HeliconeClient((HeliconeOptions)null!).Dispose() },
        { "a role", "role", () => _ = new ChatMessage("robot", "x") },
        { "no parts", "parts", () => _ = new ChatMessage("user", Array.Empty<ContentPart>()) },
        { "an empty route", "candidates", () => _ = new ModelRoute([]) },
        { "a provider without a name", "provider", () => _ = new ModelCandidate("gpt-4o", " ") },
        { "a deployment without a provider", "deploymentId", () => _ = new ModelCandidate("gpt-4o", null, "d") },
        { "a session without an id", "id", () => _ = new HeliconeSession(" ") },
        { "a request id", "RequestId", () => _ = new RequestTags { RequestId = "1" } },
        { "a cache age", "MaxAge", () => _ = new CachePolicy { MaxAge = TimeSpan.Zero } },
        { "a quota", "quota", () => _ = new RateLimitPolicy(0, TimeSpan.FromMinutes(1)) },
        { "a header of the connection", "Headers", () => _ = new RequestOptions { Headers = new Dictionary<string, string> { ["Host"] = "x" } }.Validate() },
        { "a limit per user without a user", "RateLimit", () => _ = new RequestOptions { RateLimit = RateLimitPolicy.Parse("1;w=60;s=user") }.Validate() },
        { "a request without messages", "request", () => Use(client => client.Chat.Stream(new ChatRequest([]))) },
        { "a stream that races", "options", () => Use(client => client.Chat.Stream(Clients.Ask(), new RequestOptions { HedgeAfter = TimeSpan.FromSeconds(1) })) },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void InvalidArgument_IsNamed(string what, string parameter, Action make)
    {
        ArgumentException e = Assert.ThrowsAny<ArgumentException>(make);

        Assert.Equal((what, parameter), (what, e.ParamName));
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpt-4o,,gpt-4")]
    [InlineData("gpt-4o/openai/a/b")]
    [InlineData("gpt-4o/openai,!openai")]
    [InlineData("/openai")]
    public void TextThatCannotBeRead_IsAFormatException_WithoutTheNameOfAParameter(string route) =>
        Assert.DoesNotContain("Parameter", Assert.Throws<FormatException>(() => ModelRoute.Parse(route)).Message, StringComparison.Ordinal);

    [Fact]
    public void Policy_ThatIsOutOfRange_IsAFormatExceptionWhenItIsRead() =>
        Assert.EndsWith("for each user.", Assert.Throws<FormatException>(() => RateLimitPolicy.Parse("0;w=60")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Attempts_AreASnapshot()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(ScriptedServer.Sequence(ScriptedServer.Text(503, "x"), ScriptedServer.Json(Answers.Whole)));

        ChatCompletion answer = await Clients.CompleteAsync(server.Uri);

        Assert.Equal("1: 503, 2: 200", string.Join(", ", answer.Attempts.Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.Number}: {a.StatusCode}"))));
        Assert.True(((ICollection<Helicone.Errors.CallAttempt>)answer.Attempts).IsReadOnly);
    }

    private static void Use(Action<HeliconeClient> use)
    {
        using HeliconeClient client = new(Clients.Key);
        use(client);
    }
}
