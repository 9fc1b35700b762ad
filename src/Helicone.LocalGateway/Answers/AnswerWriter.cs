using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Errors;
using Helicone.LocalGateway.Providers;
using Helicone.LocalGateway.Requests;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Answers;

/// <summary>Puts answers on the wire, with the headers that say what happened.</summary>
internal static class AnswerWriter
{
    public static async Task WriteAsync(HttpContext context, InferenceRequest request, Provider provider, Answer answer)
    {
        HttpResponse response = context.Response;
        CancellationToken aborted = context.RequestAborted;
        response.StatusCode = answer.StatusCode;
        response.ContentType = answer.ContentType;
        response.Headers["Helicone-Id"] = request.Id;
        response.Headers["Helicone-Status"] = "success";
        response.Headers["helicone-provider"] = provider.Name;
        foreach (KeyValuePair<string, string> header in answer.Headers)
        {
            response.Headers[header.Key] = header.Value;
        }

        if (answer is StreamedAnswer stream)
        {
            response.Headers.CacheControl = "no-cache";
            await WriteEventsAsync(response, stream, aborted);
        }
        else
        {
            ReadOnlyMemory<byte> body = ((WholeAnswer)answer).Body;

            // [log] The call is in the log before these bytes leave.
            if (body.Length > 0)
            {
                response.ContentLength = body.Length;
                await response.BodyWriter.WriteAsync(body, aborted);
            }
        }
    }

    public static Task WriteErrorAsync(HttpContext context, InferenceRequest request, ErrorEnvelope envelope)
    {
        HttpResponse response = context.Response;
        response.StatusCode = envelope.StatusCode;
        response.ContentType = RequestRefusedException.PlainText;
        response.Headers["Helicone-Id"] = request.Id;
        response.Headers["Helicone-Status"] = "failed";
        byte[] json = envelope.ToJson();
        response.ContentLength = json.Length;

        // [log] Failed calls too.
        return response.BodyWriter.WriteAsync(json, context.RequestAborted).AsTask();
    }

    private static async Task WriteEventsAsync(HttpResponse response, StreamedAnswer stream, CancellationToken aborted)
    {
        PipeWriter output = response.BodyWriter;

        // The status leaves at once: a client's first-token clock must not wait for the first token to learn that the call was accepted.
        await response.StartAsync(aborted);
        await output.FlushAsync(aborted);
        while (await stream.ReadEventsAsync(output, aborted))
        {
            await output.FlushAsync(aborted);
        }

        // [log] The call is in the log before its last event leaves.
        await output.WriteAsync(stream.Terminator, aborted);
    }
}
