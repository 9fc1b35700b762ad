using System;
using Helicone.Chat;
using Helicone.Http;
using Helicone.Registry;

namespace Helicone;

/// <summary>A connection to Helicone: one handler, one set of options, reused by every call. Safe for use by many calls at once.</summary>
public sealed class HeliconeClient : IDisposable
{
    private readonly HeliconeTransport _transport;

    /// <summary>Creates a client. Nothing is sent yet.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or an address would carry the key in the clear.</exception>
    public HeliconeClient(HeliconeOptions options)
    {
        options.Validate();
        Options = options;
        _transport = new HeliconeTransport(options);
        Models = new ModelRegistryClient(_transport);
        Chat = new ChatClient(_transport, Models);
    }

    /// <summary>The options it was made with.</summary>
    public HeliconeOptions Options { get; }

    /// <summary>Chat completions.</summary>
    public ChatClient Chat { get; }

    /// <summary>The model registry.</summary>
    public ModelRegistryClient Models { get; }

    /// <summary>Closes every connection.</summary>
    public void Dispose() => _transport.Dispose();
}
