using System;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Bulk;
using Helicone.Chat;
using Helicone.Commands;
using Helicone.Errors;
using Helicone.Tools;

namespace Helicone.Runtime;

/// <summary>Sends the requests of a command that asks a model: one at a time as a stream or as a whole, or many at once.</summary>
internal sealed class ChatSender(HeliconeCommand cmdlet, HeliconeClient client, BulkOptions runOptions, bool includeInput, ToolCalls? tools)
{
    private ChatRun? _run;
    private int _asked;

    /// <summary>Decides whether requests are sent.</summary>
    public SendApproval Approval { get; } = new(cmdlet, client);

    /// <summary>The journal of the run.</summary>
    public RunJournal? Journal { get; set; }

    /// <summary>The id that a call of the command has in the log. It is for one call.</summary>
    public string? RequestId { get; init; }

    /// <summary>Indicates whether chunks are written as they arrive.</summary>
    public bool Streams { get; init; }

    /// <summary>Indicates whether answers are shown as they arrive.</summary>
    public bool Shows { get; init; }

    /// <summary>Indicates whether a single request is sent as a run as well, for what only runs have.</summary>
    public bool IsBatch { get; init; }

    /// <summary>Sends a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="options">The options of the call.</param>
    /// <param name="isOneOfMany">Indicates whether other requests may follow.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task SendAsync(ChatRequest request, RequestOptions options, bool isOneOfMany, CancellationToken cancellationToken)
    {
        if (_asked++ > 0 && RequestId is not null)
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.RequestId, new FormatException("-RequestId is the ID of one call, and this is the second call."), options.Input));
        }

        if (!Approval.MaySend(request, options, isOneOfMany))
        {
            return Task.CompletedTask;
        }

        ChatCalls calls = new(cmdlet, client, tools);
        bool isAlone = !isOneOfMany && !IsBatch;
        if (Shows)
        {
            return calls.ShowAsync(request, options, cancellationToken);
        }

        if (request.Shape is null && (Streams || isAlone))
        {
            return Streams ? calls.StreamAsync(request, options, cancellationToken) : calls.CompleteAsync(request, options, cancellationToken);
        }

        if (request.Shape is not null && tools is null && (Streams || isAlone))
        {
            return calls.ShapedAsync(request, options, Streams, new AnswerWriter(cmdlet, includeInput), cancellationToken);
        }

        _run ??= new ChatRun(cmdlet, client, runOptions, Journal, new AnswerWriter(cmdlet, includeInput), tools);
        return _run.AddAsync(request, options, cancellationToken);
    }

    /// <summary>Waits for the rest, and writes it.</summary>
    public async Task EndAsync()
    {
        if (_run is not null)
        {
            await _run.EndAsync();
        }

        if (tools is not null)
        {
            await tools.EndAsync();
        }

        Close();
    }

    /// <summary>Waits, after the token was cancelled, until no call is left. Nothing is written.</summary>
    public async Task AbandonAsync()
    {
        if (_run is not null)
        {
            await _run.AbandonAsync();
        }

        Close();
    }

    private void Close()
    {
        _run?.Dispose();
        _run = null;
        Journal?.Dispose();
        Journal = null;
    }
}
