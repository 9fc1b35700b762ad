using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Text.RegularExpressions;

namespace Helicone.Samples.Quickstart;

/// <summary>Writes to the console; colours only where it is a terminal. It never asks for anything.</summary>
internal sealed partial class ConsoleHostUi : PSHostUserInterface
{
    private static readonly bool s_colour = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null;

    public bool WroteError { get; private set; }

    public override PSHostRawUserInterface RawUI { get; } = new ConsoleHostRawUi();

    public override bool SupportsVirtualTerminal => s_colour;

    public override void Write(string value)
    {
        Console.Out.Write(Plain(value));
        Console.Out.Flush();
    }

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => Console.Out.WriteLine(Plain(value));

    public override void WriteErrorLine(string value)
    {
        WroteError = true;
        Console.Error.WriteLine(Plain(value));
    }

    public override void WriteWarningLine(string message) => Console.Error.WriteLine("WARNING: " + message);

    public override void WriteVerboseLine(string message) => Console.Error.WriteLine("VERBOSE: " + message);

    public override void WriteDebugLine(string message) => Console.Error.WriteLine("DEBUG: " + message);

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
    }

    public override string ReadLine() => throw NoPrompt();

    public override SecureString ReadLineAsSecureString() => throw NoPrompt();

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw NoPrompt();

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw NoPrompt();

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw NoPrompt();

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) => throw NoPrompt();

    private static NotSupportedException NoPrompt() => new("The Quickstart asks for nothing.");

    private static string Plain(string value) => s_colour ? value : Escapes().Replace(value, string.Empty);

    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Escapes();
}
