using System;
using System.Net.Http;
using System.Security;

namespace Helicone.Offline;

/// <summary>What Helicone.Offline makes for a client.</summary>
internal interface IOfflineFactory
{
    /// <summary>A handler that answers every request itself.</summary>
    /// <exception cref="ScenarioException">A scenario is wrong.</exception>
    public HttpMessageHandler CreateModel(OfflineOptions options, TimeProvider time);

    /// <summary>A handler that answers with what was recorded.</summary>
    /// <exception cref="RecordingException">The recording can't be read.</exception>
    public HttpMessageHandler CreateReplay(string path);

    /// <summary>A recorder that adds to a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key of the connection, which is masked whatever it looks like.</param>
    /// <exception cref="RecordingException">The file can't be written, or is something else.</exception>
    public ICallRecorder CreateRecorder(string path, SecureString? key);
}
