using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Attribution;
using Helicone.Commands;
using Helicone.Errors;
using Helicone.Logging;

namespace Helicone.Tools;

/// <summary>Writes tool runs into the log of the session that the calls belong to. A failure is reported, and changes nothing.</summary>
internal sealed class ToolLog(EngineCommand cmdlet, HeliconeClient client)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly List<Task> _sending = [];

    /// <summary>Begins to write a run.</summary>
    public void Add(ToolRun run, HeliconeSession? session, RequestOptions options)
    {
        // An offline connection has no log.
        if (session is null || client.Options.Offline is not null || client.Options.ReplayPath is not null)
        {
            return;
        }

        bool omitsRequest = Omits(options, "Helicone-Omit-Request");
        bool omitsResponse = Omits(options, "Helicone-Omit-Response");
        Dictionary<string, object?> response = new() { ["outcome"] = run.Outcome.ToString(), ["allowedBy"] = run.AllowedBy.ToString() };
        if (!omitsResponse)
        {
            response["message"] = run.Result;
        }

        ManualLogEntry entry = ManualLogEntry.ForTool(run.Name, omitsRequest ? null : new Dictionary<string, object?> { ["arguments"] = run.Arguments }, response) with
        {
            StartedAt = run.StartedAt,
            EndedAt = run.StartedAt + run.Duration,
            Status = run.Outcome is ToolOutcome.Ran or ToolOutcome.WhatIf ? 200 : run.Outcome is ToolOutcome.Failed ? 500 : run.Outcome is ToolOutcome.TimedOut ? 408 : 403,
            Session = session,
            Tags = options.Tags with { RequestId = Guid.NewGuid().ToString("D") },
        };
        try
        {
            _sending.Add(client.Log.SendAsync(entry, CancellationToken.None));
        }
        catch (FormatException e)
        {
            Report(e);
        }
    }

    /// <summary>Waits until the runs are written.</summary>
    public async Task EndAsync()
    {
        if (_sending.Count == 0)
        {
            return;
        }

        Task patience = Task.Delay(s_patience);
        foreach (Task sending in _sending)
        {
            try
            {
                if (await Task.WhenAny(sending, patience) != sending)
                {
                    Report(new OperationCanceledException("the log didn't respond in time."));
                    break;
                }

                await sending;
            }
            catch (Exception e) when (e is HeliconeException or FormatException or OperationCanceledException)
            {
                Report(e);
            }
        }

        _sending.Clear();
    }

    private void Report(Exception error) => cmdlet.WriteVerbose("A tool run couldn't be written to the log: " + error.Message);

    private static bool Omits(RequestOptions options, string header)
    {
        foreach (KeyValuePair<string, string> own in options.Headers ?? new Dictionary<string, string>())
        {
            if (own.Key.Equals(header, StringComparison.OrdinalIgnoreCase) && own.Value.Equals("true", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
