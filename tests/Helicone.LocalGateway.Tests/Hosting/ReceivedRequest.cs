using System.Collections.Generic;
using System.Text.Json;

namespace Helicone.LocalGateway.Tests.Hosting;

/// <summary>What an upstream was sent.</summary>
internal sealed record ReceivedRequest(string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public JsonElement Json
    {
        get
        {
            using JsonDocument document = JsonDocument.Parse(Body);
            return document.RootElement.Clone();
        }
    }
}
