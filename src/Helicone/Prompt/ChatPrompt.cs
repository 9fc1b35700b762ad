using System;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Commands;
using Helicone.Errors;
using Helicone.Formatting;
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
    private readonly LineEditor? _question;

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
            _question = new LineEditor(_keys, [], static _ => null, isStyled);
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

    /// <summary>Leaves the keys of the console to the host until the result is disposed.</summary>
    public IDisposable? ReleaseKeys() => _keys is null ? null : new Released(_keys.PauseWatch(), ConsoleKeys.ReturnControlC());

    /// <summary>Asks the user to choose, as PowerShell's console does. Ctrl+C ends the answer, where the console would end the chat.</summary>
    /// <param name="caption">The caption.</param>
    /// <param name="message">The question.</param>
    /// <param name="choices">The choices.</param>
    /// <param name="defaultChoice">The index of the choice for an empty line.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <returns>The index of the choice.</returns>
    /// <exception cref="OperationCanceledException">The user pressed Ctrl+C, or the token was canceled.</exception>
    public int Choose(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice, CancellationToken cancellationToken)
    {
        using PipelinePump.Suspension suspension = PipelinePump.Suspend();
        using IDisposable keys = _keys!.BeginQuestion();
        using IDisposable controlC = ConsoleKeys.TakeControlC();
        PSHostUserInterface ui = _cmdlet.Host.UI;
        ui.WriteLine();
        ui.WriteLine(caption);
        ui.WriteLine(message);
        string[] letters = [.. choices.Select(static choice => LetterOf(choice.Label))];
        string all = string.Join("  ", choices.Select((choice, i) => $"[{letters[i]}] {NameOf(choice.Label)}"));
        WordWrap? wrap = WordWrap.For(_cmdlet.Host);
        ui.WriteLine(wrap is null ? all : wrap.Add(all) + wrap.End());
        string prompt = $"[?] Help (default is \"{letters[defaultChoice]}\"): ";
        while (true)
        {
            string? line = _question!.Read(prompt, cancellationToken)?.Trim();
            if (line is null || _question.IsCanceled)
            {
                _keys.Forget();
                throw new OperationCanceledException();
            }

            if (line.Length == 0)
            {
                return defaultChoice;
            }

            for (int i = 0; i < choices.Count; i++)
            {
                if (line.Equals(letters[i], StringComparison.OrdinalIgnoreCase) || line.Equals(NameOf(choices[i].Label), StringComparison.OrdinalIgnoreCase))
                {
                    return i;
                }
            }

            if (line == "?")
            {
                for (int i = 0; i < choices.Count; i++)
                {
                    ui.WriteLine($"{letters[i]} - {choices[i].HelpMessage}");
                }
            }
        }
    }

    private static string NameOf(string label) => label.Replace("&", string.Empty);

    private static string LetterOf(string label) => label.Substring(label.IndexOf('&') + 1, 1).ToUpperInvariant();

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
        catch (Exception e) when (e is HostException or NotImplementedException or NotSupportedException or PSInvalidOperationException or RemoteException)
        {
            _cmdlet.ThrowTerminatingError(ErrorRecords.NotInteractive(e));
            throw;
        }
    }

    private sealed class Released(IDisposable watch, IDisposable controlC) : IDisposable
    {
        public void Dispose()
        {
            controlC.Dispose();
            watch.Dispose();
        }
    }
}
