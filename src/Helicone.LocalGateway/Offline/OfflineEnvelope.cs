using System.Collections.Generic;

namespace Helicone.LocalGateway.Offline;

/// <summary>An answer instead of the gateway's own, word for word: what a script does about it can be tried without the accident.</summary>
internal sealed record OfflineEnvelope(int StatusCode, string Body, string ContentType, IReadOnlyList<KeyValuePair<string, string>> Headers);
