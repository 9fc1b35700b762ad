using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Helicone.Bench.Gateway;

/// <summary>A provider that knows its answer already. It runs in a process of its own.</summary>
internal static class FastUpstream
{
    public const int Chunks = 50;

    private static readonly byte[] s_answer = Encoding.UTF8.GetBytes(
        """{"id":"chatcmpl-123","object":"chat.completion","created":1756600000,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":{"role":"assistant","content":"The sky is blue because the air scatters the short waves of sunlight more than the long ones. That light reaches the eye from everywhere above, and what the eye makes of it is blue.","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":25,"completion_tokens":42,"total_tokens":67,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}},"service_tier":"default","system_fingerprint":"fp_1"}""");

    private static readonly byte[] s_chunk = Encoding.UTF8.GetBytes(
        """data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1756600000,"model":"gpt-4o-mini-2024-07-18","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":" scatters"},"logprobs":null,"finish_reason":null}]}""" + "\n\n");

    private static readonly byte[] s_end = Encoding.UTF8.GetBytes(
        """data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1756600000,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n" +
        """data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1756600000,"model":"gpt-4o-mini-2024-07-18","choices":[],"usage":{"prompt_tokens":25,"completion_tokens":50,"total_tokens":75}}""" + "\n\ndata: [DONE]\n\n");

    public static Task RunAsync() => BareServer.RunAsync(AnswerAsync);

    private static async Task AnswerAsync(HttpContext context)
    {
        bool streams = await ReadAsync(context.Request);
        if (!streams)
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = s_answer.Length;
            await context.Response.BodyWriter.WriteAsync(s_answer);
            return;
        }

        context.Response.ContentType = "text/event-stream";
        for (int i = 0; i < Chunks; i++)
        {
            await context.Response.BodyWriter.WriteAsync(s_chunk);
        }

        await context.Response.BodyWriter.WriteAsync(s_end);
    }

    private static async Task<bool> ReadAsync(HttpRequest request)
    {
        bool streams = false;
        while (true)
        {
            System.IO.Pipelines.ReadResult result = await request.BodyReader.ReadAsync();
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
            {
                streams |= segment.Span.IndexOf("\"stream\":true"u8) >= 0;
            }

            request.BodyReader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return streams;
            }
        }
    }
}
