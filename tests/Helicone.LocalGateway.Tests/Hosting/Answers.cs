using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;

namespace Helicone.LocalGateway.Tests.Hosting;

/// <summary>Reads what the gateway answered.</summary>
internal static class Answers
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response)
    {
        using JsonDocument document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    public static Task<string> TextAsync(this HttpResponseMessage response) => response.Content.ReadAsStringAsync();

    public static string? Header(this HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(", ", values) : null;

    /// <summary>The text of the first choice.</summary>
    public static string Content(this JsonElement completion) => completion.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;

    /// <summary>The data of every event of a stream that has ended.</summary>
    public static async Task<List<string>> EventsAsync(this HttpResponseMessage response) =>
        (await response.Content.ReadAsStringAsync())
            .Split("\n\n", System.StringSplitOptions.RemoveEmptyEntries)
            .Select(e => e.StartsWith("data: ", System.StringComparison.Ordinal) ? e["data: ".Length..] : throw new System.FormatException("Not a data line: " + e))
            .ToList();
}
