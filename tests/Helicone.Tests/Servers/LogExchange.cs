namespace Helicone.Tests.Servers;

/// <summary>One request of the REST API as the server got it.</summary>
internal sealed record LogExchange(string Method, string Path, string Body, string? Authorization)
{
    public override string ToString() => $"{Method} {Path} {Body}";
}
