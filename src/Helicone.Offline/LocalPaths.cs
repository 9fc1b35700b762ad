using System;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.Registry;

namespace Helicone.Offline;

/// <summary>What the offline model and a replay have in common: the requests that aren't chats, and the body of those that are.</summary>
internal static class LocalPaths
{
    /// <summary>What the gateway answers to a body without a model. Test-HeliconeConnection sends one.</summary>
    public const string NoModel = "Missing model in request body";

    public static bool IsChat(HttpRequestMessage request) => request.Method == HttpMethod.Post && Ends(request, "/v1/chat/completions");

    public static async Task<byte[]> BodyAsync(HttpRequestMessage request) =>
        request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync().ConfigureAwait(false);

    /// <summary>The route in a body; <see langword="null"/> when there is none.</summary>
    public static string? ModelOf(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty("model", out JsonElement model) && model.ValueKind == JsonValueKind.String && model.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>Answers what isn't a chat: the models are those that ship with the client, and all else needs a gateway.</summary>
    /// <exception cref="Helicone.Errors.HeliconeException">It needs a gateway.</exception>
    public static HttpResponseMessage Answer(HttpRequestMessage request)
    {
        if (request.Method == HttpMethod.Get && Ends(request, "/v1/public/model-registry/models"))
        {
            return Json(BundledRegistry.Json());
        }

        if (request.Method == HttpMethod.Get && Ends(request, "/v1/models"))
        {
            return Json(OfflineJson.Utf8(static json =>
            {
                json.WriteStartObject();
                json.WriteString("object"u8, "list"u8);
                json.WriteStartArray("data"u8);
                foreach (ModelInfo model in BundledRegistry.Value.Models)
                {
                    json.WriteStartObject();
                    json.WriteString("id"u8, model.Id);
                    json.WriteString("object"u8, "model"u8);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }));
        }

        throw NotOffline.Exception(What(request.RequestUri!.AbsolutePath));
    }

    public static HttpResponseMessage Text(HttpStatusCode status, string text)
    {
        ByteArrayContent content = new(Encoding.UTF8.GetBytes(text));
        content.Headers.TryAddWithoutValidation("Content-Type", OfflineEnvelope.PlainText);
        return new HttpResponseMessage(status) { Content = content };
    }

    private static HttpResponseMessage Json(byte[] json)
    {
        ByteArrayContent content = new(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }

    private static bool Ends(HttpRequestMessage request, string path) => request.RequestUri!.AbsolutePath.EndsWith(path, StringComparison.Ordinal);

    // The log's own paths say what was asked for.
    private static string What(string path) => path.Split('/').FirstOrDefault(static part => part is "request" or "session" or "user" or "dashboard" or "custom" or "log") switch
    {
        "session" => "The log of sessions",
        "user" => "The log of users",
        "dashboard" => "The dashboard",
        "custom" or "log" => "Writing to the log",
        "request" => "The log of requests",
        _ => $"'{path}'",
    };
}
