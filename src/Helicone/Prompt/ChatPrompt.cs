using System;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Commands;
using Helicone.Errors;
using Helicone.Runtime;

namespace Helicone.Prompt;

/// <summary>Reads what a person types: with the line editor on a console, and otherwise with what the host has.</summary>
internal sealed class ChatPrompt
{
    private const string Continuation = "  ";

    private readonly EngineCommand _cmdlet;
    private readonly RunspaceState _state = RunspaceState.Current;
    private readonly ConsoleKeys? _keys;
    private readonly LineEditor? _editor;

    /// <param name="cmdlet">The command.</param>
    /// <param name="isStyled">Indicates whether styles may be used.</param>
    public ChatPrompt(EngineCommand cmdlet, bool isStyled)
    {
        _cmdlet = cmdlet;
        PSHost host = cmdlet.Host;
        if (host.Name == ConsoleDevice.HostName && host.UI?.SupportsVirtualTerminal == true && !ConsoleDevice.IsInputRedirected && !ConsoleDevice.IsOutputRedirected)
        {
            _keys = new ConsoleKeys();
            _editor = new LineEditor(_keys, _state.ChatHistory, ChatLine.Complete, isStyled);
        }
    }

    /// <summary>Indicates whether Ctrl+C can end an answer without ending the chat.</summary>
    public bool TakesControlC => _keys is not null;

    /// <summary>Reads a message or a command.</summary>
    /// <returns>The text; <see langword="null"/> when the input has ended.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public string? Read(string prompt, CancellationToken cancellationToken)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        string? line;
        if (_editor is not null)
        {
            using IDisposable controlC = ConsoleKeys.TakeControlC();
            line = _editor.Read(prompt, cancellationToken);
        }
        else
        {
            line = ReadFromHost(prompt);
        }

        if (!string.IsNullOrWhiteSpace(line) && (_state.ChatHistory.Count == 0 || _state.ChatHistory[_state.ChatHistory.Count - 1] != line))
        {
            _state.ChatHistory.Add(line!);
        }

        return line;
    }

    /// <summary>Lets Ctrl+C cancel an answer until it has ended.</summary>
    public async Task WatchAsync(CancellationTokenSource stop, CancellationToken ended)
    {
        if (_keys is not null)
        {
            using IDisposable controlC = ConsoleKeys.TakeControlC();
            await _keys.WatchAsync(stop, ended);
        }
    }

    private string? ReadFromHost(string prompt)
    {
        StringBuilder text = new();
        try
        {
            PSHostUserInterface ui = _cmdlet.Host.UI;
            ui.Write(prompt);
            while (ui.ReadLine() is { } line)
            {
                if (!line.EndsWith("\\", StringComparison.Ordinal))
                {
                    return text.Append(line).ToString();
                }

                text.Append(line, 0, line.Length - 1).Append('\n');
                ui.Write(Continuation);
            }

            return text.Length > 0 ? text.ToString() : null;
        }
        catch (Exception e) when (e is HostException or NotImplementedException or NotSupportedException or PSInvalidOperationException)
        {
            _cmdlet.ThrowTerminatingError(ErrorRecords.NotInteractive(e));
            throw;
        }
    }
}
