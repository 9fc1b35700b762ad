using System.Management.Automation;

namespace Helicone.Tests.Pipeline;

/// <summary>A cmdlet of another module that blocks on a task without ConfigureAwait(false), as many do.</summary>
[Cmdlet(VerbsLifecycle.Wait, "Downstream")]
public sealed class WaitDownstreamCommand : PSCmdlet
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    public object? InputObject { get; set; }

    protected override void ProcessRecord() => WriteObject(Block());

    /// <summary>Returns whether an await came back while this thread was blocked.</summary>
    internal static bool Block() => WorkAsync().Wait(s_patience);

    private static async Task WorkAsync() => await Task.Delay(1);
}
