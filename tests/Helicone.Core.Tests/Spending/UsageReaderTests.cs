using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Xunit;
using Helicone.Chat;
using Helicone.Spending;

namespace Helicone.Core.Tests.Spending;

public class UsageReaderTests
{
    [Fact]
    public void GatewaysUsage_IsReadWhole()
    {
        ChatUsage usage = Read("""
            {"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1900,
             "prompt_tokens_details":{"cached_tokens":400,"audio_tokens":7,"cache_write_tokens":300,"cache_write_details":{"write_5m_tokens":200,"write_1h_tokens":100}},
             "completion_tokens_details":{"reasoning_tokens":50,"audio_tokens":8,"accepted_prediction_tokens":9,"rejected_prediction_tokens":10},
             "modality_tokens":{"image":{"input_tokens":1,"cached_tokens":2,"output_tokens":3},"audio":{"input_tokens":4},"video":{"output_tokens":5},"file":{"cached_tokens":6},"smell":{"input_tokens":1}},
             "server_tool_use":{"web_search_requests":2},"cost":0.0123,"something":[{"new":1}]}
            """)!;

        Assert.Equal(
            new ChatUsage(1000, 500, 1900, 400, 300, 50)
            {
                CacheWrite1hTokens = 100,
                PromptAudioTokens = 7,
                CompletionAudioTokens = 8,
                AcceptedPredictionTokens = 9,
                RejectedPredictionTokens = 10,
                WebSearchRequests = 2,
                Image = new ModalityTokens(1, 2, 3),
                Audio = new ModalityTokens(4),
                Video = new ModalityTokens(0, 0, 5),
                File = new ModalityTokens(0, 6),
                ProviderCost = 0.0123m,
            },
            usage);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":5,"prompt_tokens_details":{"cache_write_tokens":300}}""", 5, 300, 0)]
    [InlineData("""{"prompt_tokens":5,"prompt_tokens_details":{"cache_write_tokens":300,"cache_write_details":{"write_1h_tokens":100}}}""", 5, 300, 100)]
    [InlineData("""{"input_tokens":5,"cache_read_input_tokens":40,"cache_creation_input_tokens":300}""", 45, 300, 0)]
    [InlineData("""{"input_tokens":5,"cache_read_input_tokens":40,"cache_creation_input_tokens":300,"cache_creation":{"ephemeral_5m_input_tokens":200,"ephemeral_1h_input_tokens":100}}""", 45, 300, 100)]
    [InlineData("""{"prompt_tokens":45,"cache_read_input_tokens":40,"cache_creation_input_tokens":300}""", 45, 300, 0)]
    public void CacheWrites_AreCountedNextToThePrompt(string json, long prompt, long written, long written1h)
    {
        ChatUsage usage = Read(json)!;

        Assert.Equal((prompt, written, written1h), (usage.PromptTokens, usage.CacheWriteTokens, usage.CacheWrite1hTokens));
    }

    [Fact]
    public void Googles_ThoughtsAndCache_AreReadAsTheGatewayCountsThem() =>
        Assert.Equal(new ChatUsage(100, 70, 170, 30, 0, 20), Read("""{"promptTokenCount":100,"candidatesTokenCount":50,"thoughtsTokenCount":20,"totalTokenCount":170,"cachedContentTokenCount":30}"""));

    [Theory]
    [InlineData("""{"prompt_tokens":9223372036854775807,"completion_tokens":1}""")]
    [InlineData("""{"prompt_tokens":1,"completion_tokens":1e300}""")]
    [InlineData("""{"prompt_tokens":-1,"completion_tokens":1}""")]
    [InlineData("""{"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":1000000001}}""")]
    [InlineData("""{"prompt_tokens":1,"cost":-1}""")]
    [InlineData("""{"prompt_tokens":1,"cost":1e80}""")]
    public void CountsThatNoCallHas_AreCappedAndFlagged(string json)
    {
        ChatUsage usage = Read(json)!;

        Assert.True(usage.IsImplausible);
        Assert.All(new[] { usage.PromptTokens, usage.CompletionTokens, usage.TotalTokens, usage.CachedTokens }, n => Assert.InRange(n, 0, 4 * UsageReader.MaxCount));
        Assert.Null(usage.ProviderCost);
    }

    [Theory]
    [InlineData("{}", false)]
    [InlineData("""{"prompt_tokens":"many"}""", false)]
    [InlineData("""{"prompt_tokens":"many","completion_tokens":-1}""", false)]
    [InlineData("""{"prompt_tokens":1000000000}""", true)]
    [InlineData("""{"cost":{"input_tokens_cost":0.001,"request_cost":0.005,"total_cost":0.0061}}""", true)]
    public void WhatIsNotCounted_IsNoUsage(string json, bool isUsage)
    {
        ChatUsage? usage = Read(json);

        Assert.Equal(isUsage, usage is not null);
        Assert.False(usage?.IsImplausible ?? false);
        Assert.Equal(json.Contains("total_cost", StringComparison.Ordinal) ? 0.0061m : null, usage?.ProviderCost);
    }

    [Theory]
    [InlineData("-9")]
    [InlineData("9223372036854775807")]
    [InlineData("\"seven\"")]
    public void TotalThatNoCallHas_IsComputedInstead_AndTheCostStaysKnown(string total) =>
        Assert.Equal(new ChatUsage(5, 2, 7), Read($$"""{"prompt_tokens":5,"completion_tokens":2,"total_tokens":{{total}}}"""));

    [Property(MaxTest = 300)]
    public void AnyObject_IsReadToItsEnd(NonEmptyString name, int number, bool isNested)
    {
        string value = isNested ? "{\"a\":[{\"b\":" + number + "}],\"cached_tokens\":null}" : number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        foreach (string field in (string[])[JsonSerializer.Serialize(name.Get), "\"prompt_tokens\"", "\"prompt_tokens_details\"", "\"cost\"", "\"modality_tokens\"", "\"cache_creation\"", "\"server_tool_use\""])
        {
            Utf8JsonReader reader = new(Encoding.UTF8.GetBytes("[{" + field + ":" + value + "},7]"));
            reader.Read();
            reader.Read();
            UsageReader usage = default;
            usage.Read(ref reader);
            usage.ToUsage();

            Assert.Equal(JsonTokenType.EndObject, reader.TokenType);
            Assert.True(reader.Read() && reader.GetInt32() == 7);
        }
    }

    private static ChatUsage? Read(string json)
    {
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(json));
        reader.Read();
        UsageReader usage = default;
        usage.Read(ref reader);
        return usage.ToUsage();
    }
}
