using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Hosting;
using Helicone.LocalGateway.Log;

namespace Helicone.LocalGateway.Tests.Hosting;

/// <summary>A separate gateway for one test: a free port, an empty folder, no keys from the machine's environment, no Ollama.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly string _folder;
    private readonly GatewayOptions _options;
    private GatewayHost _host;
    private HttpClient _http;
    private bool _isStopped;

    private TestGateway(string folder, GatewayOptions options, GatewayHost host)
    {
        _folder = folder;
        _options = options;
        _host = host;
        _http = Connect(host);
    }

    /// <summary>Where it keeps what it keeps.</summary>
    public string Folder => _folder;

    /// <summary>Its log.</summary>
    public string DatabasePath => _options.DatabasePath!;

    /// <summary>Its gateway.json.</summary>
    public string ConfigurationPath => _options.ConfigurationPath!;

    public Uri Uri => _host.Uri;

    public string Key => _host.Key.Text;

    /// <summary>A client that has the key.</summary>
    public HttpClient Http => _http;

    /// <summary>Starts one.</summary>
    /// <param name="configuration">The text of its gateway.json.</param>
    /// <param name="environment">Its environment variables; all of them.</param>
    /// <param name="change">Any other option.</param>
    public static async Task<TestGateway> StartAsync(
        string? configuration = null,
        IReadOnlyDictionary<string, string>? environment = null,
        Func<GatewayOptions, GatewayOptions>? change = null)
    {
        string folder = Directory.CreateTempSubdirectory("helicone-gateway-").FullName;
        try
        {
            GatewayOptions options = new()
            {
                Port = 0,
                DatabasePath = Path.Combine(folder, "helicone.db"),
                ConfigurationPath = configuration is null ? null : WriteConfiguration(folder, configuration),
                Environment = name => environment?.GetValueOrDefault(name),
                OllamaUri = null,

                // Tests log calls of any age.
                Retention = configuration is null ? new LogOptions() : null,
            };
            options = change?.Invoke(options) ?? options;
            return new TestGateway(folder, options, await GatewayHost.StartAsync(options));
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>Posts a chat with one message.</summary>
    public Task<HttpResponseMessage> ChatAsync(string model, string prompt = "Why is the sky blue?", bool stream = false, IReadOnlyDictionary<string, string>? headers = null) =>
        PostAsync($$"""{"model":{{JsonSerializer.Serialize(model)}},"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":{{JsonSerializer.Serialize(prompt)}}}]}""", headers);

    /// <summary>Posts a body; returns as soon as the headers of the answer are there.</summary>
    public async Task<HttpResponseMessage> PostAsync(string body, IReadOnlyDictionary<string, string>? headers = null, string path = "v1/chat/completions")
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (KeyValuePair<string, string> header in headers ?? new Dictionary<string, string>())
        {
            request.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Ends it and starts it again on what it kept.</summary>
    public async Task RestartAsync(Action? between = null)
    {
        await _host.DisposeAsync();
        between?.Invoke();
        _host = await GatewayHost.StartAsync(_options);
        _http.Dispose();
        _http = Connect(_host);
    }

    /// <summary>Ends it, and keeps its files until the test has ended.</summary>
    public async Task StopAsync()
    {
        _isStopped = true;
        await _host.DisposeAsync();
    }

    /// <summary>Sends bytes as they are and returns all that comes back until the gateway closes, or until a text has come.</summary>
    public async Task<string> SendRawAsync(string request, string? until = null)
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, Uri.Port);
        using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request));
        using StreamReader reader = new(stream);
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        if (until is null)
        {
            return await reader.ReadToEndAsync(patience.Token);
        }

        StringBuilder answer = new();
        char[] piece = new char[4096];
        while (!answer.ToString().Contains(until, StringComparison.Ordinal))
        {
            int read = await reader.ReadAsync(piece, patience.Token);
            Assert.NotEqual(0, read);
            answer.Append(piece, 0, read);
        }

        return answer.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_isStopped)
        {
            await _host.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static HttpClient Connect(GatewayHost host)
    {
        HttpClient http = new() { BaseAddress = host.Uri, Timeout = TimeSpan.FromMinutes(1) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", host.Key.Text);
        return http;
    }

    private static string WriteConfiguration(string folder, string text)
    {
        string path = Path.Combine(folder, "gateway.json");
        File.WriteAllText(path, text);
        return path;
    }
}
