using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Errors;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Providers;
using Helicone.Offline.Errors;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Answers;

/// <summary>Writes answers to the wire, with the headers that describe them.</summary>
internal static class AnswerWriter
{
    /// <param name="context">The client.</param>
    /// <param name="call">The call.</param>
    /// <param name="provider">Whose answer it is.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="completed">Given the whole answer, of a stream without its terminator, before the client has the last byte of it.</param>
    public static async Task WriteAsync(HttpContext context, CallRecorder call, Provider provider, Answer answer, Action<ReadOnlyMemory<byte>>? completed = null)
    {
        HttpResponse response = context.Response;
        CancellationToken aborted = context.RequestAborted;
        response.StatusCode = answer.StatusCode;
        response.ContentType = answer.ContentType;
        response.Headers["Helicone-Id"] = call.Id;
        response.Headers["Helicone-Status"] = "success";
        response.Headers["helicone-provider"] = provider.Name;
        if (FailedAttemptsHeader.Of(call.FailedAttempts) is { } failed)
        {
            response.Headers[FailedAttemptsHeader.Name] = failed;
        }

        foreach (KeyValuePair<string, string> header in answer.Headers)
        {
            response.Headers[header.Key] = header.Value;
        }

        if (answer is StreamedAnswer stream)
        {
            response.Headers.CacheControl = "no-cache";
            await WriteEventsAsync(response, stream, call, completed, aborted);
        }
        else
        {
            ReadOnlyMemory<byte> body = ((WholeAnswer)answer).Body;

            // In the log before these bytes leave.
            await call.AnsweredAsync(answer.StatusCode, body);
            await CompleteAsync(completed, body);
            if (body.Length > 0)
            {
                response.ContentLength = body.Length;
                await response.BodyWriter.WriteAsync(body, aborted);
            }
        }
    }

    public static async Task WriteErrorAsync(HttpContext context, CallRecorder call, ErrorEnvelope envelope)
    {
        HttpResponse response = context.Response;
        response.StatusCode = envelope.StatusCode;
        response.ContentType = RequestRefusedException.PlainText;
        response.Headers["Helicone-Id"] = call.Id;
        response.Headers["Helicone-Status"] = "failed";
        if (envelope.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        byte[] json = envelope.ToJson();
        response.ContentLength = json.Length;

        await call.AnsweredAsync(envelope.StatusCode, json);
        await response.BodyWriter.WriteAsync(json, context.RequestAborted);
    }

    /// <summary>Stores the answer on another thread: on this one, other calls of the same transaction wait to continue (see LogWriter.CompleteWaiters).</summary>
    private static async ValueTask CompleteAsync(Action<ReadOnlyMemory<byte>>? completed, ReadOnlyMemory<byte> body)
    {
        if (completed is not null)
        {
            await Task.Yield();
            completed(body);
        }
    }

    private static async Task WriteEventsAsync(
        HttpResponse response,
        StreamedAnswer stream,
        CallRecorder call,
        Action<ReadOnlyMemory<byte>>? completed,
        CancellationToken aborted)
    {
        PipeWriter output = response.BodyWriter;

        // The status leaves at once: a client's first-token clock must not wait for the first token to learn that the call was accepted.
        await response.StartAsync(aborted);
        await output.FlushAsync(aborted);
        RecordingWriter events = call.Record(output);
        while (await stream.ReadEventsAsync(events, aborted))
        {
            await output.FlushAsync(aborted);
            call.FirstEventSent();
        }

        ReadOnlyMemory<byte> terminator = stream.Terminator;
        if (stream.IsRaw)
        {
            events.Keep(terminator.Span);
        }

        if (events.Written.Length > 0)
        {
            // It came with the last.
            call.FirstEventSent();
        }

        // In the log before the last event leaves.
        try
        {
            await call.StreamedAsync(stream.StatusCode);
        }
        catch (LogUnavailableException e) when (!stream.IsRaw)
        {
            // The status is gone; the cause goes as an event, and the connection is cut behind it.
            await output.WriteAsync(e.ToEvent(), aborted);
            throw;
        }

        if (!events.IsTruncated)
        {
            await CompleteAsync(completed, events.Written);
        }

        await output.WriteAsync(terminator, aborted);
    }
}
