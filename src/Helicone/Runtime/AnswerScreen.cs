using System;
using System.Management.Automation;
using Helicone.Chat;
using Helicone.Commands;
using Helicone.Formatting;

namespace Helicone.Runtime;

/// <summary>Shows answers to the person at the host as they arrive: rendered Markdown, the tools that the model asks for, and one line about the call.</summary>
/// <param name="cmdlet">The command.</param>
/// <param name="isRaw">Indicates whether the text is shown as it was written, and nothing else.</param>
internal sealed class AnswerScreen(EngineCommand cmdlet, bool isRaw)
{
    private StreamView? _view;
    private bool? _isStyled;

    /// <summary>Indicates whether the terminal shows styles, and the user wants them.</summary>
    public bool IsStyled => _isStyled ??=
        cmdlet.Host.UI?.SupportsVirtualTerminal == true
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && !(cmdlet.Host.Name == ConsoleDevice.HostName && ConsoleDevice.IsOutputRedirected)
        && !IsPlainText(cmdlet.SessionState.PSVariable.GetValue("PSStyle"));

    /// <summary>Shows a piece of an answer.</summary>
    public void Add(ChatChunk chunk) => Show(chunk.Text.Length > 0 ? chunk.Text : chunk.Refusal);

    /// <summary>Shows the text of a whole answer.</summary>
    public void Add(ChatCompletion completion) => Show(completion.Content.Length > 0 ? completion.Content : completion.Refusal);

    /// <summary>Ends an answer whose text has been shown.</summary>
    public void End(ChatCompletion completion)
    {
        cmdlet.EndStream();
        foreach (ToolCall call in completion.ToolCalls)
        {
            cmdlet.WriteHost(CompletionView.ToolCallLine(call), endLine: true);
        }

        if (!isRaw)
        {
            cmdlet.WriteHost(CompletionView.Footer(PSObject.AsPSObject(completion), cmdlet.Host, IsStyled), endLine: true);
        }
    }

    /// <summary>Writes an answer to the pipeline. If it ends at the same screen, its text isn't repeated there.</summary>
    public void Write(ChatCompletion completion)
    {
        RunspaceState state = RunspaceState.Current;
        state.ShownAnswer = completion;
        try
        {
            cmdlet.WriteObject(completion);
        }
        finally
        {
            state.ShownAnswer = null;
        }
    }

    /// <summary>Discards an answer that was cut off. Nothing more is written, and the prompt that follows starts on a new line.</summary>
    public void Abandon()
    {
        RunspaceState state = RunspaceState.Current;
        if (_view is not null && state.OpenStream == _view)
        {
            state.OpenStream = null;
        }
    }

    private static bool IsPlainText(object? style) =>
        style is not null && PSObject.AsPSObject(style).Properties["OutputRendering"]?.Value?.ToString() == "PlainText";

    private void Show(string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            _view ??= new StreamView(cmdlet.Host, isRendered: !isRaw && IsStyled);
            RunspaceState.Current.OpenStream = _view;
            cmdlet.WriteHost(_view.Add(text!), endLine: false);
        }
    }
}
