namespace Helicone.Tests.Hosting;

/// <summary>Sets environment variables for the time of a test.</summary>
internal sealed class Variables : IDisposable
{
    private readonly Dictionary<string, string?> _before = [];

    public Variables(params (string Name, string? Value)[] values)
    {
        foreach ((string name, string? value) in values)
        {
            _before[name] = Environment.GetEnvironmentVariable(name);
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    public void Dispose()
    {
        foreach (KeyValuePair<string, string?> variable in _before)
        {
            Environment.SetEnvironmentVariable(variable.Key, variable.Value);
        }
    }
}
