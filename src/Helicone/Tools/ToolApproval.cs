using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Host;
using Helicone.Commands;
using Helicone.Mcp;

namespace Helicone.Tools;

/// <summary>Decides which tool calls may be made, from the command's declarations, the caller's parameters, and the user's answers.</summary>
internal sealed class ToolApproval
{
    private const int MaxArguments = 2_000;
    private const int MaxWhy = 500;
    private const int MaxSuspensions = 20;
    private const string Sampling = "sampling";

    private static readonly string[] s_prompts = ["&Yes", "Yes to &All of this tool", "&No", "No to a&ll", "&Suspend"];

    private static readonly string[] s_help =
    [
        "Run this call.",
        "Run this call, and don't ask about this tool again.",
        "Don't run this call. The model receives the reason and continues.",
        "Don't run this call or any other that needs approval, and end.",
        "Pause and open a nested prompt. Type \"exit\" to return to this question.",
    ];

    private readonly EngineCommand _cmdlet;
    private readonly WildcardPattern[] _allowed;
    private readonly WildcardPattern[] _sampling;
    private readonly WildcardPattern[] _denied;
    private readonly HashSet<string> _approved = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConfirmImpact _preference;
    private readonly bool _whatIf;

    /// <param name="cmdlet">The command.</param>
    /// <param name="allow">The tools that run without a question.</param>
    /// <param name="deny">The tools that never run.</param>
    /// <param name="whatIf">Indicates whether tools that need approval are described instead of run.</param>
    public ToolApproval(EngineCommand cmdlet, string[]? allow, string[]? deny, bool whatIf)
    {
        _whatIf = whatIf;
        _cmdlet = cmdlet;
        _allowed = Patterns(allow);
        _sampling = Patterns(Array.FindAll(allow ?? [], static pattern => pattern.EndsWith("__" + Sampling, StringComparison.OrdinalIgnoreCase)));
        _denied = Patterns(deny);

        // -Confirm is Low and -Confirm:$false is None, as for any command.
        Dictionary<string, object> bound = cmdlet.MyInvocation.BoundParameters;
        _preference = bound.TryGetValue("Confirm", out object? confirm)
            ? LanguagePrimitives.IsTrue(confirm) ? ConfirmImpact.Low : ConfirmImpact.None
            : LanguagePrimitives.TryConvertTo(cmdlet.SessionState.PSVariable.GetValue("ConfirmPreference"), out ConfirmImpact preference) ? preference : ConfirmImpact.High;
    }

    /// <summary>Indicates whether the user has denied everything from here on.</summary>
    public bool IsFinal { get; private set; }

    /// <summary>Lets the user be asked again after a denial of everything: it was for one message of a chat.</summary>
    public void BeginMessage() => IsFinal = false;

    /// <summary>Indicates whether -DenyTool names the tool, so that it need not be offered.</summary>
    public bool IsDenied(HeliconeTool tool) => Matches(_denied, tool);

    /// <summary>Indicates whether -AllowTool names the sampling requests of an MCP server, as in <c>files__sampling</c>. A pattern for its tools, such as <c>files__*</c>, doesn't: a request costs money.</summary>
    public bool IsSamplingAllowed(string server) => Array.Exists(_sampling, pattern => pattern.IsMatch(McpServer.ToolPrefix(server) + Sampling));

    /// <summary>Indicates whether -DenyTool names the sampling requests of an MCP server.</summary>
    public bool IsSamplingDenied(string server) => Array.Exists(_denied, pattern => pattern.IsMatch(McpServer.ToolPrefix(server) + Sampling));

    /// <summary>Decides about a call.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">The arguments as a person reads them.</param>
    /// <param name="why">What the model wrote with the call.</param>
    /// <param name="hasChanged">Indicates whether the server of the tool describes it differently by now, so that only the user can allow it.</param>
    public ToolDecision Decide(HeliconeTool tool, string arguments, string? why, bool hasChanged = false)
    {
        if (IsDenied(tool))
        {
            return new ToolDecision(ToolPermission.None, ToolOutcome.Denied, "The caller doesn't allow this tool.");
        }

        if (tool.Impact.IsReadOnly)
        {
            return new ToolDecision(ToolPermission.ReadOnly);
        }

        if (IsFinal)
        {
            return new ToolDecision(ToolPermission.None, ToolOutcome.Denied, "The user denied this call and all others.");
        }

        if (_whatIf)
        {
            _cmdlet.WriteHost("What if: Running the tool " + Line(tool.Target) + " with " + Line(arguments), endLine: true);
            return new ToolDecision(ToolPermission.None, ToolOutcome.WhatIf, "Not run: this is a rehearsal, and nothing that changes anything runs.");
        }

        if (hasChanged)
        {
            return Ask(tool, arguments, why, hasChanged);
        }

        if (Matches(_allowed, tool))
        {
            return new ToolDecision(ToolPermission.AllowTool);
        }

        if (_preference == ConfirmImpact.None || tool.Impact.Effective < _preference)
        {
            return new ToolDecision(ToolPermission.Preference);
        }

        bool isApproved = tool.Mcp is null ? _approved.Contains(tool.Name) : tool.Mcp.IsApproved;
        return isApproved ? new ToolDecision(ToolPermission.UserForAll) : Ask(tool, arguments, why, hasChanged);
    }

    private static WildcardPattern[] Patterns(string[]? patterns) =>
        (patterns ?? []).Select(static pattern => WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase)).ToArray();

    private static bool Matches(WildcardPattern[] patterns, HeliconeTool tool) =>
        Array.Exists(patterns, pattern => pattern.IsMatch(tool.Name) || (tool.Command is { } command && pattern.IsMatch(command)));

    private static string Line(string text, int length = MaxArguments) => TerminalText.ShowLine(text.Length <= length
        ? text
        : text.Substring(0, length) + string.Format(CultureInfo.CurrentCulture, "… ({0:N0} more characters)", text.Length - length));

    private ToolDecision Ask(HeliconeTool tool, string arguments, string? why, bool hasChanged)
    {
        string question = string.Join("\n", new[]
        {
            "Tool:      " + (tool.Block is null ? string.Empty : Line(tool.Name) + " ") + Line(tool.Target),
            "Arguments: " + (arguments.Length == 0 ? "none" : Line(arguments)),
            "Reason:    " + (string.IsNullOrWhiteSpace(why) ? "the model gave none" : Line(why!.Trim(), MaxWhy)),
            "Impact:    " + (tool.Mcp is { } mcp ? Claims(mcp, hasChanged) : tool.Impact.Text),
        });
        Collection<ChoiceDescription> choices = [];
        for (int i = 0; i < s_prompts.Length; i++)
        {
            choices.Add(new ChoiceDescription(s_prompts[i], s_help[i]));
        }

        for (int suspensions = 0; suspensions <= MaxSuspensions; suspensions++)
        {
            int choice;
            try
            {
                // The default is No: a host that reads an empty input must not approve.
                choice = _cmdlet.PromptForChoice("A model wants to run a tool", question, choices, 2);
            }
            catch (Exception e) when (e is not PipelineStoppedException and not OperationCanceledException)
            {
                return new ToolDecision(ToolPermission.None, ToolOutcome.Refused, "This call needs approval, and no one can be asked in this session.");
            }

            switch (choice)
            {
                case 0:
                    return new ToolDecision(ToolPermission.User);
                case 1:
                    Approve(tool);
                    return new ToolDecision(ToolPermission.UserForAll);
                case 3:
                    IsFinal = true;
                    return new ToolDecision(ToolPermission.None, ToolOutcome.Denied, "The user denied this call and all others.");
                case 4 when TrySuspend():
                    continue;
                default:
                    return new ToolDecision(ToolPermission.None, ToolOutcome.Denied, "The user denied this call.");
            }
        }

        return new ToolDecision(ToolPermission.None, ToolOutcome.Denied, "The user denied this call.");
    }

    // An approval of a tool of an MCP server is for its description, and lasts as long as the server is connected.
    private void Approve(HeliconeTool tool)
    {
        if (tool.Mcp is { } mcp)
        {
            mcp.Approve();
        }
        else
        {
            _approved.Add(tool.Name);
        }
    }

    private static string Claims(McpTool tool, bool hasChanged) =>
        (tool.Hints.ToString() is { Length: > 0 } claims ? $"unknown (the server claims: {claims})" : "unknown")
        + (hasChanged ? ". The server has changed the description of this tool since it was offered to the model" : tool.WasApproved ? ". The server has changed the description of this tool since you approved it" : string.Empty);

    private bool TrySuspend()
    {
        try
        {
            _cmdlet.EnterNestedPrompt();
            return true;
        }
        catch (Exception e) when (e is NotSupportedException or NotImplementedException or InvalidOperationException)
        {
            _cmdlet.WriteWarning("This host has no nested prompt, so the call was denied.");
            return false;
        }
    }
}
