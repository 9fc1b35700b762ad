using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Errors;
using Helicone.Mcp;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Lists the prompts of connected MCP servers, or returns one of them as messages.</summary>
[Cmdlet(VerbsCommon.Get, "HeliconeMcpPrompt", DefaultParameterSetName = ListSet)]
[OutputType(typeof(McpPrompt), ParameterSetName = [ListSet])]
[OutputType(typeof(ChatMessage), ParameterSetName = [MessageSet])]
public sealed class GetHeliconeMcpPromptCommand : McpCommand
{
    private const string ListSet = "List";
    private const string MessageSet = "Message";

    /// <summary>The names of prompts. All prompts when omitted.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>Returns the messages of the prompts, for -Message of Invoke-HeliconeChat.</summary>
    [Parameter(ParameterSetName = MessageSet, Mandatory = true)]
    public SwitchParameter AsMessage { get; set; }

    /// <summary>The arguments of the prompts.</summary>
    [Parameter(ParameterSetName = MessageSet)]
    [ValidateNotNull]
    public IDictionary? Argument { get; set; }

    private protected override object? Target => Name;

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        McpAttendance attendance = Attend("Reading prompts");
        Dictionary<string, string> arguments = Argument is null ? [] : Valid(() => PropertyArgument.Read(Argument, "argument"), Argument, InvalidInput.Mcp);
        List<string> missing = [.. (Name ?? []).Where(static name => !WildcardPattern.ContainsWildcardCharacters(name))];
        foreach (McpServer server in Servers())
        {
            try
            {
                foreach (McpPrompt prompt in await server.GetPromptsAsync(attendance.Attendant, cancellationToken).OnPipeline())
                {
                    if (Name is not null && !Name.Any(pattern => Wildcard.IsMatch(pattern, prompt.Name)))
                    {
                        continue;
                    }

                    missing.RemoveAll(name => Wildcard.IsMatch(name, prompt.Name));
                    if (!AsMessage)
                    {
                        WriteObject(prompt);
                        continue;
                    }

                    try
                    {
                        WriteObject(await prompt.GetMessagesAsync(arguments, attendance.Attendant, cancellationToken).OnPipeline(), enumerateCollection: true);
                    }
                    catch (McpException e)
                    {
                        // Another prompt may fit these arguments.
                        WriteError(ErrorRecords.From(e, prompt.Name));
                    }
                }
            }
            catch (McpException e)
            {
                WriteError(ErrorRecords.From(e, server.Name));
            }
        }

        foreach (string name in missing)
        {
            WriteError(ErrorRecords.NotFound("McpPrompt", $"No connected MCP server has a prompt '{name}'.", name, "Get-HeliconeMcpPrompt lists the prompts."));
        }
    }
}
