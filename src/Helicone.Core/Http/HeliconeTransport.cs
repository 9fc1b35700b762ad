using System;

namespace Helicone.Http;

internal sealed class HeliconeTransport : IDisposable
{
    internal HeliconeTransport(HeliconeOptions options) => Options = options;

    internal HeliconeOptions Options { get; }

    public void Dispose()
    {
    }
}
