using Helicone.Tests.Hosting;

namespace Helicone.Tests.Children;

/// <summary>A long run with a journal, in a process that may be killed: every answer is a line of its output.</summary>
internal static class BulkChild
{
    public static async Task RunAsync(string address, string journal, string count)
    {
        using Shell shell = Shell.ConnectedTo(new Uri(address));
        using RunningScript script = shell.Start(
            $"1..{count} | Invoke-HeliconeChat -ThrottleLimit 16 -Journal $journal -WarningAction SilentlyContinue",
            null,
            ("journal", journal));
        script.Output.DataAdded += (_, added) => Console.WriteLine(script.Output[added.Index]);
        Result result = await script.EndAsync();
        result.AssertNoErrors();
        await Console.Out.FlushAsync();
    }
}
