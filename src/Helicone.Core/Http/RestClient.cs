using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Resilience;

namespace Helicone.Http;

/// <summary>The REST API: JSON in, <c>{data,error}</c> out.</summary>
internal sealed class RestClient
{
    private static readonly RequestOptions s_options = new() { TotalTimeout = TimeSpan.FromSeconds(120) };

    // Whether a request arrived is not known when its answer is lost.
    private static readonly RequestOptions s_unprocessed = s_options with { RetryOnlyUnprocessed = true };

    private readonly HeliconeTransport _transport;
    private readonly Func<HeliconeOptions, Uri> _root;

    internal RestClient(HeliconeTransport transport, Func<HeliconeOptions, Uri> root)
    {
        _transport = transport;
        _root = root;
    }

    internal DateTimeOffset Now => _transport.Options.TimeProvider.GetUtcNow();

    /// <summary>The <c>data</c> of an answer, or the answer itself where it is not wrapped.</summary>
    /// <exception cref="HeliconeException">It contains an <c>error</c> instead, which a 200 may do.</exception>
    internal static JsonElement Data(JsonDocument answer)
    {
        JsonElement root = answer.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            return root;
        }

        if (root.TryGetProperty("error", out JsonElement error) && error.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
        {
            string text = error.ValueKind == JsonValueKind.String ? error.GetString()! : error.GetRawText();
            throw new HeliconeException(HeliconeErrorKind.InvalidRequest, "Helicone answers: " + Redaction.Scrub(text)) { StatusCode = 200 };
        }

        return root.TryGetProperty("data", out JsonElement data) ? data : root;
    }

    internal static IEnumerable<JsonElement> Rows(JsonDocument answer)
    {
        JsonElement data = Data(answer);
        return data.ValueKind == JsonValueKind.Array
            ? data.EnumerateArray().ToArray()
            : throw new HeliconeException(HeliconeErrorKind.MalformedResponse, "The answer is not a list of rows.");
    }

    internal Task<JsonDocument> GetAsync(string path, CancellationToken cancellationToken) =>
        RunAsync(HttpMethod.Get, path, null, s_options, cancellationToken);

    /// <summary>A POST that only reads.</summary>
    internal Task<JsonDocument> QueryAsync(string path, Action<Utf8JsonWriter> body, CancellationToken cancellationToken) =>
        RunAsync(HttpMethod.Post, path, body, s_options, cancellationToken);

    /// <summary>A request that changes something, and changes nothing more when it is sent again.</summary>
    internal Task SetAsync(string method, string path, Action<Utf8JsonWriter> body, CancellationToken cancellationToken) =>
        ChangeAsync(method, path, body, s_options, null, cancellationToken);

    /// <summary>A request that adds something each time it is processed. It is sent again only when it certainly was not.</summary>
    internal Task AddAsync(string path, Action<Utf8JsonWriter> body, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken) =>
        ChangeAsync("POST", path, body, s_unprocessed, headers, cancellationToken);

    private async Task ChangeAsync(
        string method,
        string path,
        Action<Utf8JsonWriter> body,
        RequestOptions options,
        IReadOnlyList<KeyValuePair<string, string>>? headers,
        CancellationToken cancellationToken)
    {
        using JsonDocument answer = await RunAsync(new HttpMethod(method), path, body, options, cancellationToken, headers).ConfigureAwait(false);
        Data(answer);
    }

    private async Task<JsonDocument> RunAsync(
        HttpMethod method,
        string path,
        Action<Utf8JsonWriter>? body,
        RequestOptions options,
        CancellationToken cancellationToken,
        IReadOnlyList<KeyValuePair<string, string>>? headers = null)
    {
        Uri uri = HeliconeTransport.Combine(_root(_transport.Options), path);
        byte[]? json = body is null ? null : Serialize(body);
        using CallRun run = new(_transport, options, serverRetries: false, cancellationToken);
        return await run.ExecuteAsync(async () =>
        {
            using HttpRequestMessage request = _transport.CreateRequest(method, uri, headers, authorize: true);
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            if (json is not null)
            {
                request.Content = new ByteArrayContent(json);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }

            ArraySegment<byte> answer = await RestCall.SendAsync(_transport, run, request).ConfigureAwait(false);
            try
            {
                return answer.Count == 0 ? JsonDocument.Parse("{}") : JsonDocument.Parse(answer.AsMemory());
            }
            catch (JsonException e)
            {
                throw new HeliconeException(HeliconeErrorKind.MalformedResponse, $"{uri} didn't return JSON: {e.Message}", e);
            }
        }).ConfigureAwait(false);
    }

    private static byte[] Serialize(Action<Utf8JsonWriter> body)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes))
        {
            writer.WriteStartObject();
            body(writer);
            writer.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
