using System;
using System.Net.Http;
using System.Security;
using Helicone.Offline.Recordings;

namespace Helicone.Offline;

/// <summary>What the client asks this assembly for.</summary>
internal sealed class OfflineFactory : IOfflineFactory
{
    public HttpMessageHandler CreateModel(OfflineOptions options, TimeProvider time) => new OfflineHandler(OfflineSettings.Read(options.Scenarios), time);

    public HttpMessageHandler CreateReplay(string path) => new ReplayHandler(Recording.Read(path));

    public ICallRecorder CreateRecorder(string path, SecureString? key) => Recorder.Open(path, key);
}
