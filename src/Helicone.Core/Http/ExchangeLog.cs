using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Security;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Http;

/// <summary>Writes down requests with a body and their answers, for a person who looks for a mistake: address, headers, and the beginning of the bodies, without keys.</summary>
/// <remarks>
/// Flows with the execution context, like <c>Activity.Current</c>: a command sets it once, and every request that its calls send is written.
/// While none is set, a request pays for reading one variable.
/// </remarks>
public sealed class ExchangeLog
{
    /// <summary>The maximum number of characters of a body.</summary>
    public const int MaxBodyCharacters = 4000;

    // What is read beyond the maximum: a key that the end of what is read cuts is in the part that isn't shown.
    private const int Margin = 4096;

    private static readonly AsyncLocal<ExchangeLog?> s_current = new();
    private static readonly string[] s_secret = ["auth", "key", "secret", "cookie", "password", "credential", "signature"];

    private readonly Action<string> _write;

    /// <summary>Creates a log.</summary>
    /// <param name="write">Called with each request and each answer, on any thread.</param>
    public ExchangeLog(Action<string> write) => _write = write ?? throw new ArgumentNullException(nameof(write));

    /// <summary>The log of requests that are sent here.</summary>
    public static ExchangeLog? Current
    {
        get => s_current.Value;
        set => s_current.Value = value;
    }

    /// <summary>Sends a request, and writes it and its answer. The answer is written when its body has been read or given up.</summary>
    internal async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, SecureString? key, Func<Task<HttpResponseMessage>> send)
    {
        Stopwatch elapsed = Stopwatch.StartNew();
        byte[] body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
        StringBuilder text = new();
        text.Append(request.Method).Append(' ').Append(Redaction.Scrub(request.RequestUri!.AbsoluteUri, key)).Append('\n');
        AppendHeaders(text, request.Headers, key);
        AppendHeaders(text, request.Content?.Headers, key);
        AppendBody(text, new ArraySegment<byte>(body, 0, Math.Min(body.Length, MaxBodyCharacters + Margin)), body.Length, key);
        _write(text.ToString());

        HttpResponseMessage response = await send().ConfigureAwait(false);
        string head = string.Format(CultureInfo.InvariantCulture, "HTTP {0} {1}, {2:0} ms after the request\n", (int)response.StatusCode, response.ReasonPhrase, elapsed.Elapsed.TotalMilliseconds);
        HttpContent content = response.Content;
        CopyingStream copy = new(await content.ReadAsStreamAsync().ConfigureAwait(false), MaxBodyCharacters + Margin, (beginning, length) =>
        {
            StringBuilder answer = new(head);
            AppendHeaders(answer, response.Headers, key);
            AppendHeaders(answer, content.Headers, key);
            AppendBody(answer, beginning, length, key);
            _write(answer.ToString());
        });
        response.Content = new StreamContent(copy);
        foreach (KeyValuePair<string, IEnumerable<string>> header in content.Headers)
        {
            response.Content.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        return response;
    }

    private static void AppendHeaders(StringBuilder text, HttpHeaders? headers, SecureString? key)
    {
        if (headers is null)
        {
            return;
        }

        foreach (KeyValuePair<string, IEnumerable<string>> header in headers)
        {
            string value = IsSecret(header.Key) ? "(masked)" : Redaction.Scrub(string.Join(", ", header.Value), key);
            text.Append(header.Key).Append(": ").Append(value).Append('\n');
        }
    }

    // Providers report what is left of a limit in headers that end with "tokens".
    private static bool IsSecret(string name) =>
        s_secret.Any(word => name.IndexOf(word, StringComparison.OrdinalIgnoreCase) >= 0) || name.EndsWith("token", StringComparison.OrdinalIgnoreCase);

    private static void AppendBody(StringBuilder text, ArraySegment<byte> beginning, long length, SecureString? key)
    {
        // Masked before it is cut: half a key is still half a key.
        string body = Redaction.Scrub(Encoding.UTF8.GetString(beginning.Array!, beginning.Offset, beginning.Count), key);
        bool isCut = beginning.Count < length;
        int most = isCut ? Math.Min(MaxBodyCharacters, Math.Max(0, body.Length - (Margin / 4))) : MaxBodyCharacters;
        if (body.Length > most)
        {
            body = body.Substring(0, most);
            isCut = true;
        }

        text.Append('\n').Append(body);
        if (isCut)
        {
            text.AppendFormat(CultureInfo.InvariantCulture, "… (the body has {0} bytes; the first {1} characters are shown)", length, most);
        }
    }
}
