using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace Helicone.Tests.Hosting;

/// <summary>A runspace that has imported the module as a user does.</summary>
internal sealed class Shell : IDisposable
{
    /// <summary>A key in the form of Helicone's, of which no more than the last four characters may ever be seen.</summary>
    public const string Key = "sk-helicone-q7w3e5r-t9y2u4i-o6p8a1s-d3f5g7h";

    /// <param name="host">The host; one without a screen when left out.</param>
    /// <param name="neighbor">A cmdlet of another module.</param>
    public Shell(PSHost? host = null, SessionStateCmdletEntry? neighbor = null)
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.ImportPSModule(Repository.Manifest);
        if (neighbor is not null)
        {
            state.Commands.Add(neighbor);
        }

        Runspace = host is null ? RunspaceFactory.CreateRunspace(state) : RunspaceFactory.CreateRunspace(host, state);
        Runspace.Open();
    }

    /// <summary>The cmdlets' assembly, once a shell has imported it.</summary>
    public static System.Reflection.Assembly Module => AppDomain.CurrentDomain.GetAssemblies().Single(assembly => assembly.GetName().Name == "Helicone");

    public Runspace Runspace { get; }

    /// <summary>A shell that is connected to a server.</summary>
    public static Shell ConnectedTo(Uri server, string parameters = "", PSHost? host = null, SessionStateCmdletEntry? neighbor = null)
    {
        Shell shell = new(host, neighbor);
        shell.Run($"Connect-Helicone -ApiKey {Key} -GatewayUri {server} -ApiUri {server} -LogUri {server} {parameters}").AssertNoErrors();
        return shell;
    }

    /// <summary>Runs a script to its end and gives all that it wrote. A terminating error is one of the errors.</summary>
    public Result Run(string script, IEnumerable? input = null, params (string Name, object? Value)[] variables) =>
        RunAsync(script, input, variables).GetAwaiter().GetResult();

    /// <summary>Starts a script.</summary>
    public async Task<Result> RunAsync(string script, IEnumerable? input = null, params (string Name, object? Value)[] variables)
    {
        using RunningScript running = Start(script, input, variables);
        return await running.EndAsync();
    }

    /// <summary>Starts a script that can be watched and stopped while it runs.</summary>
    public RunningScript Start(string script, IEnumerable? input = null, params (string Name, object? Value)[] variables)
    {
        foreach ((string name, object? value) in variables)
        {
            Runspace.SessionStateProxy.SetVariable(name, value);
        }

        return new RunningScript(Runspace, script, input);
    }

    public void Dispose() => Runspace.Dispose();
}
