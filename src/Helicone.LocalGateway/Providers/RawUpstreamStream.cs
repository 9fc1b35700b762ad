using System;
using System.Buffers;
using System.IO;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Requests;

namespace Helicone.LocalGateway.Providers;

/// <summary>A provider's event stream byte for byte (<c>NO_MAPPING</c>). Its last event is held back until the call is in the log.</summary>
internal sealed class RawUpstreamStream(HttpResponseMessage response, Stream body, ProviderPatience patience) : UpstreamEvents(response, body)
{
    // After its last event a provider only closes. One that keeps the connection open must not keep the client waiting.
    private static readonly TimeSpan s_patienceForTheEnd = TimeSpan.FromSeconds(1);

    private readonly PooledBuffer _end = new(1024);
    private bool _isEnding;

    public override bool IsRaw => true;

    public override ReadOnlyMemory<byte> Terminator => _end.WrittenMemory;

    protected override bool IsOverWhenSilent => _isEnding;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _end.Dispose();
    }

    protected override bool TakeLine(in ReadOnlySequence<byte> line, in ReadOnlySequence<byte> ended, IBufferWriter<byte> output)
    {
        if (!_isEnding && TryReadData(line, out ReadOnlySequence<byte> data) && (IsDone(data) || IsLastEvent(data)))
        {
            _isEnding = true;
            patience.Idle = TimeSpan.FromTicks(Math.Min(patience.Idle.Ticks, s_patienceForTheEnd.Ticks));
        }

        Write(ended, _isEnding ? _end : output);
        return false;
    }

    protected override void TakeRest(in ReadOnlySequence<byte> rest, IBufferWriter<byte> output) => Write(rest, _end);

    /// <summary>Indicates whether nothing follows an event of this type: Anthropic's Messages and OpenAI's Responses.</summary>
    private static bool IsLastEvent(in ReadOnlySequence<byte> data)
    {
        try
        {
            Utf8JsonReader reader = new(data, GatewayJson.ReaderOptions);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isType = reader.ValueTextEquals("type"u8);
                reader.Read();
                if (isType && reader.TokenType == JsonTokenType.String)
                {
                    return reader.ValueTextEquals("message_stop"u8) || reader.ValueTextEquals("response.completed"u8) ||
                        reader.ValueTextEquals("response.incomplete"u8) || reader.ValueTextEquals("response.failed"u8);
                }

                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON. It is passed on as it is.
        }

        return false;
    }
}
