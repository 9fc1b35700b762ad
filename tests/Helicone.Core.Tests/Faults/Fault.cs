using System.Net.Sockets;

namespace Helicone.Core.Tests.Faults;

/// <summary>One thing that can go wrong, what a server does to bring it about, and what the client makes of it.</summary>
public sealed record Fault(string Name, Func<FaultExchange, Task> Script, Expectation Expected)
{
    /// <summary>Where a stream fares differently.</summary>
    public Expectation? Streamed { get; init; }

    /// <summary>What the call asks for, where that matters.</summary>
    public Func<RequestOptions, RequestOptions> Call { get; init; } = options => options;

    /// <summary>How the client is set up, where that matters.</summary>
    public Func<HeliconeOptions, HeliconeOptions> Client { get; init; } = options => options;

    /// <summary>Time is the server's to pass: <see cref="FaultExchange.SilenceAsync"/>. Waits between attempts cost none.</summary>
    public bool TimeIsFaked { get; init; }

    /// <summary><see cref="FaultExchange.Seen"/> is the client's having read the headers, not a consumer's having its first chunk.</summary>
    public bool TellsOfHeaders { get; init; }

    /// <summary>A call goes before it, over the same connection.</summary>
    public bool AfterACall { get; init; }

    /// <summary>The response is whole as HTTP: the connection serves the next request.</summary>
    public bool KeepsTheConnection { get; init; }

    /// <summary>Nobody listens.</summary>
    public bool Refused { get; init; }

    /// <summary>All that happens on a connection, where no request ever gets through.</summary>
    public Func<Socket, CancellationToken, Task>? Greet { get; init; }

    /// <summary>The address, where it is not the server's own.</summary>
    public Func<Uri, Uri> Address { get; init; } = uri => uri;

    /// <summary>No request of anyone gets as far as the server.</summary>
    public bool IsUnreachable => Refused || Greet is not null;

    /// <summary>What a stream makes of it, or a call that waits for the whole answer.</summary>
    public Expectation In(FaultMode mode) => mode == FaultMode.Stream ? Streamed ?? Expected : Expected;

    public override string ToString() => Name;
}

/// <summary>How a call is made.</summary>
public enum FaultMode
{
    Blocking,
    Stream,
    Bulk,
}
