using System.Globalization;
using System.Management.Automation.Host;

namespace Helicone.Samples.Quickstart;

/// <summary>The least that a program needs to show what a script writes: a host on the console.</summary>
internal sealed class ConsoleHost : PSHost
{
    public override string Name => "Quickstart";

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public ConsoleHostUi Ui { get; } = new();

    public override PSHostUserInterface UI => Ui;

    public override void SetShouldExit(int exitCode) => Environment.ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("The Quickstart has no prompt.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("The Quickstart has no prompt.");

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
