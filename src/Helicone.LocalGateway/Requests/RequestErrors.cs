using System.Buffers;
using System.Text;
using System.Text.Json;
using Helicone.LocalGateway.Errors;

namespace Helicone.LocalGateway.Requests;

/// <summary>Refusals in the form that OpenAI's clients read.</summary>
internal static class RequestErrors
{
    /// <summary>400: the request asks for something that this gateway doesn't do.</summary>
    public static RequestRefusedException Refused(string message) => Create(400, message, "unsupported_feature");

    /// <summary>An error with a code.</summary>
    public static RequestRefusedException Create(int status, string message, string code)
    {
        ArrayBufferWriter<byte> body = new(256);
        using (Utf8JsonWriter json = new(body, GatewayJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteStartObject("error"u8);
            json.WriteString("message"u8, message);
            json.WriteString("type"u8, "invalid_request_error"u8);
            json.WriteNull("param"u8);
            json.WriteString("code"u8, code);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return new RequestRefusedException(status, Encoding.UTF8.GetString(body.WrittenSpan), RequestRefusedException.Json);
    }
}
