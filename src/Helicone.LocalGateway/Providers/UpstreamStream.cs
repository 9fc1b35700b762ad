using System.Buffers;
using System.IO;
using System.Net.Http;
using System.Text.Json;

namespace Helicone.LocalGateway.Providers;

/// <summary>A provider's event stream in the form all of them get: <c>data:</c> lines and nothing else (Helicone/helicone packages/llm-mapper/transform/providers/normalizeResponse.ts @965f06be).</summary>
internal sealed class UpstreamStream(HttpResponseMessage response, Stream body) : UpstreamEvents(response, body)
{
    protected override bool TakeLine(in ReadOnlySequence<byte> line, in ReadOnlySequence<byte> ended, IBufferWriter<byte> output)
    {
        if (!TryReadData(line, out ReadOnlySequence<byte> data))
        {
            return false;
        }

        if (IsDone(data))
        {
            return true;
        }

        WriteEvent(data, output);
        return false;
    }

    /// <summary>A last line without its end is an event if it is whole; half of one would only break the client's parser.</summary>
    protected override void TakeRest(in ReadOnlySequence<byte> rest, IBufferWriter<byte> output)
    {
        if (!TryReadData(rest, out ReadOnlySequence<byte> data) || IsDone(data))
        {
            return;
        }

        try
        {
            Utf8JsonReader reader = new(data, GatewayJson.ReaderOptions);
            reader.Read();
            reader.Skip();
        }
        catch (JsonException)
        {
            return;
        }

        WriteEvent(data, output);
    }

    private static void WriteEvent(in ReadOnlySequence<byte> data, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        Write(data, output);
        output.Write("\n\n"u8);
    }
}
