using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace Helicone.Tests.Tools;

/// <summary>A host at which somebody answers questions, or nobody can.</summary>
/// <param name="choose">The answer to each question, by its number; <see langword="null"/> for a host that can't ask.</param>
internal sealed class ChoiceHost(Func<int, int>? choose) : PSHost
{
    public const int Yes = 0;
    public const int YesToAll = 1;
    public const int No = 2;
    public const int NoToAll = 3;
    public const int Suspend = 4;

    private readonly ChoiceUi _ui = new(choose);

    public IReadOnlyList<string> Questions => _ui.Questions;

    public IReadOnlyList<string> Written => _ui.Written;

    public int NestedPrompts { get; private set; }

    public override string Name => "Choice";

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override PSHostUserInterface UI => _ui;

    public override void SetShouldExit(int exitCode)
    {
    }

    public override void EnterNestedPrompt() => NestedPrompts++;

    public override void ExitNestedPrompt()
    {
    }

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    private sealed class ChoiceUi(Func<int, int>? choose) : PSHostUserInterface
    {
        public List<string> Questions { get; } = [];

        public override PSHostRawUserInterface? RawUI => null;

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            if (choose is null)
            {
                throw new HostException("Nobody is there.");
            }

            Questions.Add(message);
            return choose(Questions.Count);
        }

        public List<string> Written { get; } = [];

        public override void Write(string value) => Written.Add(value);

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value)
        {
        }

        public override void WriteLine(string value)
        {
        }

        public override void WriteErrorLine(string value)
        {
        }

        public override void WriteDebugLine(string message)
        {
        }

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
        }

        public override void WriteVerboseLine(string message)
        {
        }

        public override void WriteWarningLine(string message)
        {
        }

        public override string ReadLine() => choose is null ? throw new HostException("Nobody is there.") : string.Empty;

        public override SecureString ReadLineAsSecureString() => throw new HostException("Nobody is there.");

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw new HostException("Nobody is there.");

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw new HostException("Nobody is there.");

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw new HostException("Nobody is there.");
    }
}
