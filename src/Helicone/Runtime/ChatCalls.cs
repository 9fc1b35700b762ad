using System;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Commands;
using Helicone.Errors;
using Helicone.Schemas;
using Helicone.Tools;

namespace Helicone.Runtime;

/// <summary>Calls that a command makes one at a time: a whole answer, or a stream of chunks. A failed call is one error, with the input as its target.</summary>
internal sealed class ChatCalls(EngineCommand cmdlet, HeliconeClient client, ToolCalls? tools)
{
    private ChatCompletion? _calling;
    private ToolLoop? _loop;

    /// <summary>Indicates whether the last answer calls tools, so that another answer follows unless the user has ended the loop.</summary>
    public bool IsCalling => _calling is not null;

    /// <summary>The last whole answer whose tools ran, with their results, when no answer followed it; <see langword="null"/> when no tool ran.</summary>
    public ChatCompletion? LastAnswerOfTools => _loop is { Runs.Count: > 0 } loop ? loop.End() : null;

    public async Task CompleteAsync(ChatRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        ToolLoop? loop = tools is null ? null : new ToolLoop(request);
        try
        {
            ChatCompletion completion = await client.Chat.CompleteAsync(request, options, cancellationToken).OnPipeline();
            await PricesAsync(completion);
            Report(completion);
            while (loop is not null && tools!.Next(loop, completion, options, cancellationToken))
            {
                options = ToolCalls.Following(options);
                completion = await client.Chat.CompleteAsync(loop.Request, options, cancellationToken).OnPipeline();
                await PricesAsync(completion);
                Report(completion);
            }

            cmdlet.WriteObject(completion);
        }
        catch (HeliconeException e)
        {
            if (cmdlet.IsVerbose)
            {
                cmdlet.WriteVerbose(CallReport.Failure(e));
            }

            cmdlet.WriteError(ErrorRecords.From(ToolCalls.WithRuns(e, loop), options.Input));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Body, e, options.Input));
        }
    }

    /// <summary>Writes the chunks of an answer as they arrive.</summary>
    public Task StreamAsync(ChatRequest request, RequestOptions options, CancellationToken cancellationToken) => StreamAsync(request, options, cmdlet.WriteObject, cancellationToken);

    /// <summary>Shows an answer as it arrives, and writes the whole answer.</summary>
    public async Task ShowAsync(ChatRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        AnswerScreen screen = new(cmdlet, isRaw: false);
        try
        {
            await StreamAsync(request, options, Show, cancellationToken);
            if (_calling is { } last)
            {
                // It contains tool calls that don't run.
                screen.Write(last);
            }
        }
        catch
        {
            screen.Abandon();
            throw;
        }

        void Show(ChatChunk chunk)
        {
            screen.Add(chunk);
            if (chunk.Completion is { } completion)
            {
                screen.End(completion);
                if (_calling is null)
                {
                    screen.Write(completion);
                }
            }
        }
    }

    /// <summary>Reads the chunks of an answer as they arrive, and those of the answers that follow it when it calls tools.</summary>
    /// <exception cref="HeliconeException">The call failed, or the answer broke off.</exception>
    /// <exception cref="ArgumentException">The request can't be sent.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task ReadAsync(ChatRequest request, RequestOptions options, Action<ChatChunk> read, CancellationToken cancellationToken)
    {
        try
        {
            await StreamAllAsync(client.Chat.Stream(request, options), request, options, read, cancellationToken);
        }
        catch (HeliconeException e) when (cmdlet.IsVerbose)
        {
            cmdlet.WriteVerbose(CallReport.Failure(e));
            throw;
        }
    }

    private async Task StreamAsync(ChatRequest request, RequestOptions options, Action<ChatChunk> write, CancellationToken cancellationToken)
    {
        try
        {
            await StreamAllAsync(Begin(request, options), request, options, write, cancellationToken);
        }
        catch (HeliconeException e)
        {
            if (cmdlet.IsVerbose)
            {
                cmdlet.WriteVerbose(CallReport.Failure(e));
            }

            cmdlet.WriteError(ErrorRecords.From(ToolCalls.WithRuns(e, _loop), options.Input));
        }
    }

    private async Task StreamAllAsync(AsyncSequence<ChatChunk> first, ChatRequest request, RequestOptions options, Action<ChatChunk> write, CancellationToken cancellationToken)
    {
        ToolLoop? loop = _loop = tools is null ? null : new ToolLoop(request);
        await StreamOnceAsync(first, loop, write, cancellationToken);
        while (_calling is { } completion && tools!.Run(loop!, completion, options, cancellationToken))
        {
            options = ToolCalls.Following(options);
            await StreamOnceAsync(Begin(loop!.Request, options), loop, write, cancellationToken);
        }
    }

    /// <summary>Streams one call, and keeps its answer when that calls tools to run.</summary>
    private async Task StreamOnceAsync(AsyncSequence<ChatChunk> answer, ToolLoop? loop, Action<ChatChunk> write, CancellationToken cancellationToken)
    {
        AsyncSequence<ChatChunk>.Enumerator chunks = answer.GetAsyncEnumerator(cancellationToken);
        _calling = null;
        try
        {
            while (await chunks.MoveNextAsync().AsTask())
            {
                ChatChunk chunk = chunks.Current;
                await PricesAsync(chunk.Completion);
                Report(chunk.Completion);
                if (loop is not null && chunk.Completion is { } completion && tools!.Take(loop, completion))
                {
                    _calling = completion;
                }

                write(chunk);
            }
        }
        finally
        {
            await chunks.DisposeAsync().AsTask();
        }
    }

    /// <summary>Makes a call whose answer has a shape. Of a stream, only the whole answer is written, because part of an object isn't an object.</summary>
    public async Task ShapedAsync(ChatRequest request, RequestOptions options, bool stream, AnswerWriter answers, CancellationToken cancellationToken)
    {
        try
        {
            ShapedAnswer answer = await ShapedChat.CompleteAsync(client.Chat, request, options, stream, cancellationToken).OnPipeline();
            foreach (ChatCompletion completion in answer.Completions)
            {
                Report(completion);
            }

            if (answers.Write(answer, options.Input) is { } refused)
            {
                cmdlet.WriteError(ErrorRecords.From(refused, options.Input));
            }
        }
        catch (HeliconeException e)
        {
            await PricesAsync(e.Completion);
            if (cmdlet.IsVerbose)
            {
                cmdlet.WriteVerbose(CallReport.Failure(e));
            }

            cmdlet.WriteError(ErrorRecords.From(e, options.Input));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Body, e, options.Input));
        }
    }

    private void Report(ChatCompletion? completion)
    {
        if (completion is not null && cmdlet.IsVerbose)
        {
            cmdlet.WriteVerbose(CallReport.Answer(completion));
        }
    }

    private AsyncSequence<ChatChunk> Begin(ChatRequest request, RequestOptions options)
    {
        try
        {
            return client.Chat.Stream(request, options);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Body, e, options.Input));
            throw;
        }
    }

    /// <summary>Waits, for half a second at most, until an answer can be priced: the first answers of a connection may be there before the prices.</summary>
    private Task PricesAsync(ChatCompletion? completion) => completion is { Usage: not null, Cost: null } ? client.Models.WaitForPricesAsync() : Task.CompletedTask;
}
