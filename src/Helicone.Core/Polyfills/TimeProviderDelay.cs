#if NET
using System;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone;

/// <summary>One spelling for both targets: on netstandard2.0 Microsoft.Bcl.TimeProvider has this method.</summary>
internal static class TimeProviderDelay
{
    internal static Task Delay(this TimeProvider timeProvider, TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, timeProvider, cancellationToken);
}
#endif
