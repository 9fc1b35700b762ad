using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Helicone.Bench.Measuring;

namespace Helicone.Bench.Gateway;

/// <summary>How long the page takes on a million calls, each of its addresses and filters, as a browser that has signed in asks for them.</summary>
internal static class LogPages
{
    private const int Rounds = 7;
    private const double LimitMilliseconds = 200;

    private static readonly string[] s_addresses =
    [
        "/", "/?session=session-00042", "/?user=user-7", "/?model=gpt-4o-mini-2024-07-18", "/?status=500", "/?status=failed", "/?status=ok",
        "/?property=Environment%3Dproduction", "/?property=Rare%3Dneedle", "/?property=Environment%3Dproduction&status=failed", "/?property=Parity%3Donly-test&user=user-7",
        "/?property=Parity%3Donly-test&user=user-2", "/?property=Environment%3Dproduction&model=model-1&status=failed", "/?model=model-3&user=user-2", "/?user=user-3&status=failed", "/?status=404", "/?model=model-3&status=failed", "/?model=gpt-4o-mini-2024-07-18&property=Tenant%3Dtenant-3", "/?model=gpt-4o-mini-2024-07-18&property=Parity%3Dnever",
        "/?since=24h&model=gpt-4o-mini-2024-07-18&status=500", "/sessions", "/sessions/session-00042", "/usage", "/usage?span=6h", "/usage?span=24h", "/usage?span=7d",
    ];

    public static async Task<Row> RunAsync(Contestant gateway)
    {
        using HttpClient browser = new() { BaseAddress = gateway.Uri };
        await SignInAsync(browser, gateway.Key);
        double worst = 0;
        string slowest = string.Empty;
        foreach (string address in s_addresses)
        {
            Sample sample = new(address);
            int length = 0;
            for (int i = 0; i < Rounds; i++)
            {
                long started = Stopwatch.GetTimestamp();
                length = (await browser.GetStringAsync(new Uri(address, UriKind.Relative))).Length;
                sample.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  page {address,-60} {sample.Median,8:0.0} ms, {length / 1024} KB"));
            if (sample.Median > worst)
            {
                worst = sample.Median;
                slowest = address;
            }
        }

        return new Row("A million calls, the slowest page", string.Create(CultureInfo.InvariantCulture, $"{worst:0} ms ({slowest})"), "200 ms", worst / LimitMilliseconds, 1);
    }

    private static async Task SignInAsync(HttpClient browser, string key)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri("/dashboard/token", UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await browser.SendAsync(request);
        using JsonDocument token = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        await browser.GetStringAsync(new Uri("/?token=" + token.RootElement.GetProperty("token").GetString(), UriKind.Relative));
    }
}
