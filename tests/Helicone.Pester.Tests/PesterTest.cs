using Xunit.Abstractions;

namespace Helicone.Pester.Tests;

/// <summary>An <c>It</c>, identified by its file and its position there.</summary>
public sealed class PesterTest : IXunitSerializable
{
    /// <summary>For xunit, which fills it in with <see cref="Deserialize"/>.</summary>
    public PesterTest()
    {
    }

    public PesterTest(string file, int position, string name) => (File, Position, Name) = (file, position, name);

    public string File { get; private set; } = string.Empty;

    public int Position { get; private set; }

    public string Name { get; private set; } = string.Empty;

    public void Deserialize(IXunitSerializationInfo info) =>
        (File, Position, Name) = (info.GetValue<string>(nameof(File)), info.GetValue<int>(nameof(Position)), info.GetValue<string>(nameof(Name)));

    public void Serialize(IXunitSerializationInfo info)
    {
        info.AddValue(nameof(File), File);
        info.AddValue(nameof(Position), Position);
        info.AddValue(nameof(Name), Name);
    }

    /// <summary>The name of the test in reports.</summary>
    public override string ToString() => $"{File}: {Name}";
}
