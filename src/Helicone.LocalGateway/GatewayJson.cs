using System.Text.Json;
using Helicone.Offline;

namespace Helicone.LocalGateway;

/// <summary>How the gateway reads and writes JSON.</summary>
internal static class GatewayJson
{
    /// <summary>Writes text as JavaScript would: what a person wrote in French or Japanese stays readable on the wire.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new()
    {
        Encoder = JavaScriptText.Instance,
        SkipValidation = true,
    };

    /// <summary>JSON.parse has no depth limit; a schema in <c>tools</c> can be nested deeper than the reader's default of 64.</summary>
    public static JsonReaderOptions ReaderOptions { get; } = new() { MaxDepth = 512 };

    /// <summary>The same for documents.</summary>
    public static JsonDocumentOptions DocumentOptions { get; } = new() { MaxDepth = 512 };
}
