using System.Net;
using System.Net.Http.Headers;
using System.Text;
using FsCheck;
using FsCheck.Xunit;
using Helicone.Chat;
using Helicone.Core.Tests.Servers;

namespace Helicone.Core.Tests.Chat;

/// <summary>The network cuts a stream wherever it likes: nothing that a user sees may depend on it.</summary>
public class StreamSplitTests
{
    // A byte order mark, all three ends of line, comments, unknown events, data over two lines, and characters of two to four bytes.
    private static readonly byte[] s_recorded = Encoding.UTF8.GetBytes(
        "\ufeff: a comment before anything\r\n\r\n"
        + "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\r\n\r\n"
        + "event: ping\r\ndata: {\"type\":\"ping\"}\r\n\r\n"
        + "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning\":\"Äpfel?\"}}]}\n\n"
        + "data:{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Grüße \"}}]}\r\r"
        + ": keep-alive €\n\n"
        + "id: 3\ndata: {\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\"🌍 und €\"}}]}\n\n"
        + "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\ud83c\\udf0d\\r\\n\"}}]}\r\n\r\n"
        + "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"füge\",\"arguments\":\"{\\\"ä\\\":\"}}]}}]}\n\n"
        + "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]}}]}\n\n"
        + "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n"
        + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12}}\n\n"
        + "data: [DONE]\r\n\r\n");

    private static readonly string[] s_expected = Read([]);

    [Fact]
    public void Recording_IsReadAsItWasMeant()
    {
        Assert.Equal(
            [
                "|Äpfel?||",
                "Grüße |||",
                "🌍 und €|||",
                "🌍\r\n|||",
                "||c füge {\"ä\":|",
                "||  1}|",
                "|||tool_calls",
                "|||tool_calls",
                "Grüße 🌍 und €🌍\r\n",
                "Äpfel?",
                "füge(ä: 1)",
                "7→5",
            ],
            s_expected);
    }

    [Property(MaxTest = 200)]
    public void AnySplitOfTheBytes_GivesTheSameChunks(int[] cuts)
    {
        int[] lengths = cuts.Select(c => (int)((uint)c % 40)).ToArray();

        Assert.Equal(s_expected, Read(lengths));
    }

    [Fact]
    public void EveryByteAlone_GivesTheSameChunks() => Assert.Equal(s_expected, Read([1]));

    [Fact]
    public void EveryCutInTwo_GivesTheSameChunks()
    {
        for (int cut = 1; cut < s_recorded.Length; cut++)
        {
            Assert.Equal(s_expected, Read([cut, s_recorded.Length]));
        }
    }

    private static string[] Read(int[] lengths)
    {
        using CutHandler handler = new(lengths);
        using HeliconeClient client = new(Clients.Options(new Uri("http://localhost/")) with { Handler = handler });
        List<ChatChunk> chunks = Clients.ReadAllAsync(client.Chat.Stream(Clients.Ask())).GetAwaiter().GetResult();
        ChatCompletion completion = chunks[^1].Completion!;
        return
        [
            .. chunks.Select(c => $"{c.Text}|{c.Reasoning}|{string.Join(",", c.ToolCalls.Select(t => $"{t.Id} {t.Name} {t.Arguments}"))}|{c.FinishReason}"),
            completion.Content,
            completion.Reasoning!,
            completion.ToolCalls.Single().ToString(),
            completion.Usage!.ToString(),
        ];
    }

    private sealed class CutHandler(int[] lengths) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Get)
            {
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new ByteArrayContent([]) });
            }

            StreamContent content = new(new CutStream(s_recorded, lengths));
            content.Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
        }
    }

    /// <summary>Returns bytes in pieces of the given lengths, repeatedly; all at once without lengths.</summary>
    private sealed class CutStream(byte[] bytes, int[] lengths) : MemoryStream(bytes)
    {
        private int _piece;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int length = lengths.Length == 0 ? int.MaxValue : Math.Max(1, lengths[_piece++ % lengths.Length]);
            if (length % 3 == 0)
            {
                await Task.Yield();
            }

            return Read(buffer.Span[..Math.Min(buffer.Length, length)]);
        }
    }
}
