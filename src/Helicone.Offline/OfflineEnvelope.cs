using System.Collections.Generic;

namespace Helicone.Offline;

/// <summary>An answer instead of the gateway's own, word for word: what a script does about it can be tried without the accident.</summary>
internal sealed record OfflineEnvelope(int StatusCode, string Body, string ContentType, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>What a worker sends when nobody names a content type.</summary>
    public const string PlainText = "text/plain;charset=UTF-8";

    public const string Json = "application/json";
}
