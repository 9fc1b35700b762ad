using System;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Offline;

/// <summary>Keeps calls with their answers.</summary>
internal interface ICallRecorder : IDisposable
{
    /// <summary>Keeps a call. Complete when it is on the disk.</summary>
    /// <exception cref="RecordingException">It can't be written.</exception>
    public Task WriteAsync(RecordedCall call, CancellationToken cancellationToken);
}
