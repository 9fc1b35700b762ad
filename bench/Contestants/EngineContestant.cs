using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Helicone.Bench.Measuring;

namespace Helicone.Bench.Contestants;

/// <summary>A cmdlet in the hosted engine: ours, or the thin one.</summary>
internal sealed class EngineContestant : IContestant, IDisposable
{
    private readonly Runspace _runspace = Engine.Open();
    private readonly Uri _uri;
    private readonly bool _thin;

    public EngineContestant(Uri server, bool thin)
    {
        _thin = thin;
        _uri = new Uri(server, "v1/chat/completions");
        Run(thin
            ? $"Import-Module '{Engine.ThinModule}'"
            : $"Import-Module '{Engine.HeliconeManifest}'; Connect-Helicone -GatewayUri {server} -ApiUri {server} -ApiKey sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd");
    }

    public Task CallAsync()
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        if (_thin)
        {
            shell.AddCommand("Invoke-ThinChat").AddParameter("Prompt", "Why is the sky blue?").AddParameter("Uri", _uri);
        }
        else
        {
            shell.AddCommand("Invoke-HeliconeChat").AddParameter("Prompt", "Why is the sky blue?");
        }

        return shell.Invoke().Count == 1 ? Task.CompletedTask : throw new InvalidOperationException("No answer: " + shell.Streams.Error.FirstOrDefault());
    }

    public Task<int> StreamAsync()
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        shell.AddCommand(_thin ? "Invoke-ThinChat" : "Invoke-HeliconeChat").AddParameter("Prompt", "Why is the sky blue?").AddParameter("Stream");
        if (_thin)
        {
            shell.AddParameter("Uri", _uri);
        }

        // Ours ends with a chunk that says why, and one that has it all; both have no text.
        return Task.FromResult(shell.Invoke().Count(o => o.ToString().Length > 0));
    }

    public Task ManyAsync(int prompts, int inFlight)
    {
        int count = Run($"1..{prompts} | ForEach-Object {{ \"prompt $_\" }} | Invoke-HeliconeChat -ThrottleLimit {inFlight} | ForEach-Object {{ 1 }} | Measure-Answers");
        return count == prompts ? Task.CompletedTask : throw new InvalidOperationException($"{count} of {prompts} answers.");
    }

    public void Dispose() => _runspace.Dispose();

    private int Run(string script)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        shell.AddScript("function Measure-Answers { begin { $n = 0 } process { $n++ } end { $n } }\n" + script);
        object? last = shell.Invoke().LastOrDefault()?.BaseObject;
        return shell.Streams.Error.Count == 0 ? last as int? ?? 0 : throw new InvalidOperationException("The script failed: " + shell.Streams.Error[0]);
    }
}
