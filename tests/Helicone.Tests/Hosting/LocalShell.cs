using System.Text.Json.Nodes;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Hosting;

/// <summary>A shell that has started a separate local gateway process and has connected to it. The models are providers on loopback.</summary>
internal sealed class LocalShell : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-local-").FullName;
    private readonly List<Variables> _keys = [];
    private readonly Shell _shell = new();
    private readonly JsonObject _configuration = new() { ["providers"] = new JsonArray() };

    /// <summary>Where the test can put files.</summary>
    public string Folder => _folder;

    /// <summary>How the gateway is started.</summary>
    public string Start => $"Start-HeliconeGateway -DatabasePath '{Path.Combine(_folder, "gateway.db")}' -ConfigPath '{Configuration()}'";

    /// <summary>A provider of the gateway, with the key <c>test-name-key</c>.</summary>
    public LocalShell With(string name, ChatServer server, JsonObject? more = null)
    {
        string variable = name.ToUpperInvariant() + "_API_KEY";
        _keys.Add(new Variables((variable, $"test-{name}-key")));
        JsonObject provider = more ?? [];
        provider["name"] = name;
        provider["baseUrl"] = server.Uri + "v1";
        provider["apiKeyVariable"] = variable;
        _configuration["providers"]!.AsArray().Add(provider);
        return this;
    }

    /// <summary>Starts the gateway and connects to it.</summary>
    public LocalShell Connect(string parameters = "")
    {
        _shell.Run($"$gateway = {Start}; Connect-Helicone -Local {parameters}").AssertNoErrors();
        return this;
    }

    /// <summary>Runs a script that may fail.</summary>
    public Task<Result> TryAsync(string script) => _shell.RunAsync(script);

    /// <summary>Runs a script that must not fail.</summary>
    public async Task<Result> RunAsync(string script) => (await _shell.RunAsync(script)).AssertNoErrors();

    public void Dispose()
    {
        _shell.Run("Stop-HeliconeGateway").AssertNoErrors();
        _shell.Dispose();
        _keys.ForEach(keys => keys.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    private string Configuration()
    {
        string path = Path.Combine(_folder, "gateway.json");
        File.WriteAllText(path, _configuration.ToJsonString());
        return path;
    }
}
