using System;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Commands;
using Helicone.Errors;

namespace Helicone.Runtime;

/// <summary>Calls that a command makes one at a time: a whole answer, or a stream of chunks. A failed call is one error, with the input as its target.</summary>
internal sealed class ChatCalls(EngineCommand cmdlet, HeliconeClient client)
{
    public async Task CompleteAsync(ChatRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        try
        {
            ChatCompletion completion = await client.Chat.CompleteAsync(request, options, cancellationToken).OnPipeline();
            await PricesAsync(completion);
            cmdlet.WriteObject(completion);
        }
        catch (HeliconeException e)
        {
            cmdlet.WriteError(ErrorRecords.From(e, options.Input));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Body, e, options.Input));
        }
    }

    public async Task StreamAsync(ChatRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        AsyncSequence<ChatChunk>.Enumerator chunks = Begin(request, options).GetAsyncEnumerator(cancellationToken);
        try
        {
            while (await chunks.MoveNextAsync().AsTask())
            {
                await PricesAsync(chunks.Current.Completion);
                cmdlet.WriteObject(chunks.Current);
            }
        }
        catch (HeliconeException e)
        {
            cmdlet.WriteError(ErrorRecords.From(e, options.Input));
        }
        finally
        {
            await chunks.DisposeAsync().AsTask();
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
