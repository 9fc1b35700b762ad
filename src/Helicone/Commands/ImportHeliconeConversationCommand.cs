using System;
using System.IO;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Conversations;
using Helicone.Errors;

namespace Helicone.Commands;

/// <summary>Loads conversations that Export-HeliconeConversation saved, or JSON lines with a message each.</summary>
[Cmdlet(VerbsData.Import, "HeliconeConversation")]
[OutputType(typeof(Conversation))]
public sealed class ImportHeliconeConversationCommand : HeliconeCommand
{
    /// <summary>The files. Wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [Alias("PSPath", "FullName")]
    public string[] Path { get; set; } = [];

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        foreach (string pattern in Path)
        {
            try
            {
                foreach (string file in GetResolvedProviderPathFromPSPath(pattern, out _))
                {
                    using StreamReader reader = new(file);
                    WriteObject(Load(reader, file));
                }
            }
            catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException or ItemNotFoundException)
            {
                WriteError(ErrorRecords.InvalidConversationFile(e, pattern));
            }
        }

        return Task.CompletedTask;
    }

    private static Conversation Load(StreamReader reader, string file)
    {
        try
        {
            return ConversationFile.Load(reader);
        }
        catch (FormatException e)
        {
            // A wildcard loads many files, and the line alone doesn't identify one.
            throw new FormatException($"'{file}', {char.ToLowerInvariant(e.Message[0])}{e.Message.Substring(1)}", e);
        }
    }
}
